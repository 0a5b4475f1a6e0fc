"""Dropout for sequences, beyond `nn.Dropout`. Shapes: T time, B batch, V vocabulary, D width."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def locked_dropout(x: Tensor, rate: float, training: bool, time: int) -> Tensor:
    """Variational dropout: one mask for all steps of x's axis `time` (Gal & Ghahramani 2016)."""
    if not training or not rate:
        return x
    return x * F.dropout(torch.ones_like(x.narrow(time, 0, 1)), rate)


def embed(tokens: Tensor, weight: Tensor, rate: float, training: bool) -> Tensor:
    """Rows of an embedding [V, D] for tokens of any shape, with dropout of whole tokens (Gal & Ghahramani 2016)."""
    x = F.embedding(tokens, weight)
    if not training or not rate:
        return x
    return x * F.embedding(tokens, F.dropout(weight.new_ones(len(weight), 1), rate))
