"""Recurrent cells that read whole texts of different lengths, in one direction or both.

Shapes: T time, B texts, D inputs, H units of a direction, W = H or 2 H. Padding follows each text, and no result
depends on how much there is.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from tui_lm.cells import CellSpec
from tui_lm.models.alignment import reversal, reversed_texts
from tui_lm.models.cells import MODULES, run_layer
from tui_lm.models.dropout import locked_dropout


class Read(NamedTuple):
    """What a reader gives: the states [T, B, W], and the last state of each direction side by side [B, W]."""

    states: Tensor
    last: Tensor


def cells(spec: CellSpec, inputs: int, hidden: int, layers: int, bidirectional: bool) -> nn.Module:
    """The weights of a stack, with PyTorch's names and initialisation."""
    return MODULES[spec.name](inputs, hidden, layers, bidirectional=bidirectional)


def read(spec: CellSpec, module: nn.Module, x: Tensor, lengths: Tensor, dropout: float, training: bool) -> Read:
    """Inputs x [T, B, D], of which the first `lengths` [B] count, through all layers of `module`."""
    bidirectional = hasattr(module, "weight_ih_l0_reverse")
    rows = reversal(lengths, len(x))
    last = x
    layer = 0
    while hasattr(module, f"weight_ih_l{layer}"):
        if layer:
            x = locked_dropout(x, dropout, training, time=0)
        onward, _ = run_layer(spec, x, None, _parameters(spec, module, f"{layer}"), training)
        last = _last(onward, lengths)
        if bidirectional:
            weights = _parameters(spec, module, f"{layer}_reverse")
            back, _ = run_layer(spec, reversed_texts(x, rows), None, weights, training)
            last = torch.cat([last, _last(back, lengths)], dim=-1)
            onward = torch.cat([onward, reversed_texts(back, rows)], dim=-1)
        x = onward
        layer += 1
    return Read(x, last)


def padding(lengths: Tensor, size: int) -> Tensor:
    """[T, B], true after the end of each text."""
    return torch.arange(size, device=lengths.device)[:, None] >= lengths


def _last(states: Tensor, lengths: Tensor) -> Tensor:
    """The state [B, H] after the last token of each text."""
    return states[lengths - 1, torch.arange(len(lengths), device=lengths.device)]


def _parameters(spec: CellSpec, module: nn.Module, layer: str) -> list[Tensor]:
    return [getattr(module, f"{name}_l{layer}") for name in spec.parameters]
