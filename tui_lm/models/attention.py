"""Causal attention, as it is trained.

Shapes: B batch, T time, H heads, K key/value heads, d head width.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def attend(q: Tensor, k: Tensor, v: Tensor, window: int) -> Tensor:
    """Causal attention over the last `window` tokens: q [B, H, T, d], k and v [B, K, T, d] -> [B, H, T, d].

    softmax(Q K^T / sqrt(d)) V, Vaswani et al. 2017, equation 1. On a CPU the softmax is written out: its backward pass
    is several times faster than that of the fused kernel.
    """
    tokens = q.shape[2]
    if q.is_cuda and tokens <= window:
        return F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
    heads, groups = q.shape[1], k.shape[1]
    if heads != groups:
        k, v = (part.repeat_interleave(heads // groups, dim=1) for part in (k, v))
    positions = torch.arange(tokens, device=q.device)
    distance = positions[:, None] - positions
    mask = (distance < 0) | (distance >= window)
    scores = (q * q.shape[-1] ** -0.5) @ k.transpose(2, 3)
    weights = scores.masked_fill(mask, -torch.inf).softmax(dim=-1)
    return weights @ v
