"""Attention of a decoder over its source, as it is trained: Bahdanau et al. 2015 and Luong et al. 2015.

Shapes: S source tokens, T target tokens, B batch, H hidden units. h_j are the encoder's states, s_i the decoder's.
All three mechanisms give a weighted mean of the encoder's states as context,

    c_i = sum_j a_ij h_j   with   a_ij = exp(e_ij) / sum_k exp(e_ik),

and differ in the energies e_ij. Keys, the part of the energies that depends on the source alone, are computed once a
source. Padding has the energy -inf, so that its weight is 0.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from tui_lm.architecture import Attention
from tui_lm.models.steps import RepeatedLinear, exact


class Source(NamedTuple):
    """Encoded source texts, batch first, as the products of attention want them."""

    values: Tensor  # [B, S, H]: h_j
    keys: Tensor  # [B, S, H]
    padding: Tensor  # [B, S], true where there is no token


class BahdanauSteps(NamedTuple):
    """The weights W and v of one pass."""

    query: RepeatedLinear
    energy: RepeatedLinear


class SourceAttention(nn.Module):
    """One mechanism. `dot` has no weights, `general` has W (key), `bahdanau` has W (query), U (key) and v (energy)."""

    def __init__(self, kind: Attention, hidden: int) -> None:
        super().__init__()
        self.kind = kind
        self.key = nn.Linear(hidden, hidden, bias=False) if kind in ("bahdanau", "general") else None
        self.query = nn.Linear(hidden, hidden, bias=False) if kind == "bahdanau" else None
        self.energy = nn.Linear(hidden, 1, bias=False) if kind == "bahdanau" else None

    def source(self, states: Tensor, padding: Tensor) -> Source:
        """The encoder's states [S, B, H], with keys computed; `padding` [S, B] is true where there is no token."""
        values = states.transpose(0, 1).contiguous()  # once for all products with it
        return Source(values, values if self.key is None else self.key(values), padding.T)

    def forward(self, queries: Tensor, source: Source, steps: BahdanauSteps | None = None) -> Tensor:
        """Contexts [T, B, H] for `queries` [T, B, H]: all steps in one product.

        dot: e_ij = s_i^T h_j; general: e_ij = s_i^T W h_j (Luong et al. 2015, equations 7 and 8; queries are s_i);
        bahdanau: e_ij = v^T tanh(W s_(i-1) + U h_j) (Bahdanau et al. 2015, section A.1.2; queries are s_(i-1)).
        """
        queries = queries.transpose(0, 1)
        if steps is not None:
            sums = steps.query(queries)[:, :, None] + source.keys[:, None]
            energies = steps.energy(torch.tanh(sums)).squeeze(-1)
        else:
            energies = queries @ source.keys.transpose(1, 2)
        weights = energies.masked_fill(source.padding[:, None], -torch.inf).softmax(dim=-1, dtype=exact(energies.dtype))
        return (weights.type_as(source.values) @ source.values).transpose(0, 1)

    def steps(self, dtype: torch.dtype) -> BahdanauSteps | None:
        """Bahdanau's weights for a loop over the steps of one pass, to be given to `forward`; None for the others."""
        if self.query is None or self.energy is None:
            return None
        return BahdanauSteps(RepeatedLinear(self.query.weight, dtype), RepeatedLinear(self.energy.weight, dtype))


def reversed_texts(x: Tensor, rows: Tensor) -> Tensor:
    """x [S, B, width] with each text reversed within its own length; `rows` are those of `reversal`."""
    result: Tensor = _Reverse.apply(x, rows)
    return result


def reversal(lengths: Tensor, size: int) -> Tensor:
    """The source row [S * B] of each row when texts of `lengths` [B] are reversed and their padding stays last."""
    at = torch.arange(size, device=lengths.device)[:, None]
    rows = torch.where(at < lengths, lengths - 1 - at, at)
    return (rows * len(lengths) + torch.arange(len(lengths), device=lengths.device)).flatten()


class _Reverse(torch.autograd.Function):
    """A permutation that is its own inverse, so its gradient is the same look-up. Torch would scatter instead."""

    @staticmethod
    def forward(ctx, x, rows):  # type: ignore[no-untyped-def]
        ctx.save_for_backward(rows)
        return x.flatten(0, 1).index_select(0, rows).view_as(x)

    @staticmethod
    def backward(ctx, gradient):  # type: ignore[no-untyped-def]
        (rows,) = ctx.saved_tensors
        return gradient.flatten(0, 1).index_select(0, rows).view_as(gradient), None
