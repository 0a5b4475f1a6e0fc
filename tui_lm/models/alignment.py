"""What a decoder reads of its source, as it is trained: the attention of Bahdanau 2015 and of Luong 2015.

Shapes: S source tokens, T target tokens, B batch, H hidden units. h_j are the encoder's states, s_i the decoder's.
All three mechanisms read a context that is a mean of the encoder's states,

    c_i = sum_j a_ij h_j   with   a_ij = exp(e_ij) / sum_k exp(e_ik),

and differ in the energies e_ij. What of them depends on the source alone, the keys, is computed once for a source.
Padding has the energy -inf, so that its weight is 0.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from tui_lm.architecture import Attention
from tui_lm.models.steps import RepeatedLinear, exact


class Source(NamedTuple):
    """What an encoder has read, batch first, as the products of attention want it."""

    values: Tensor  # [B, S, H]: h_j
    keys: Tensor  # [B, S, H]
    padding: Tensor  # [B, S], true where there is no token


class BahdanauSteps(NamedTuple):
    """The weights W and v of one pass."""

    query: RepeatedLinear
    energy: RepeatedLinear


class Alignment(nn.Module):
    """The energies of one mechanism. `dot` has no weights, `general` has W, `bahdanau` has W (query), U (key) and v."""

    def __init__(self, kind: Attention, hidden: int) -> None:
        super().__init__()
        self.kind = kind
        self.key = nn.Linear(hidden, hidden, bias=False) if kind in ("bahdanau", "general") else None
        self.query = nn.Linear(hidden, hidden, bias=False) if kind == "bahdanau" else None
        self.energy = nn.Linear(hidden, 1, bias=False) if kind == "bahdanau" else None

    def source(self, states: Tensor, padding: Tensor) -> Source:
        """The encoder's states [S, B, H] and where they are padding [S, B], made ready to be read."""
        values = states.transpose(0, 1).contiguous()  # once for all products that read it
        return Source(values, values if self.key is None else self.key(values), padding.T)

    def forward(self, queries: Tensor, source: Source, steps: BahdanauSteps | None = None) -> Tensor:
        """Contexts [T, B, H] of the decoder's states [T, B, H]: all steps in one product.

        dot: e_ij = s_i^T h_j; general: e_ij = s_i^T W h_j (Luong et al. 2015, equations 7 and 8, with the step's own
        state); bahdanau: e_ij = v^T tanh(W s_(i-1) + U h_j) (Bahdanau et al. 2015, section A.1.2, with the state
        before the step, which is what `queries` then holds).
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
        """What a loop over the steps of one pass gives to `forward`."""
        if self.query is None or self.energy is None:
            return None
        return BahdanauSteps(RepeatedLinear(self.query.weight, dtype), RepeatedLinear(self.energy.weight, dtype))


def flipped(x: Tensor, places: Tensor) -> Tensor:
    """x [S, B, width] with each text turned within its own length, as `turned_places` says."""
    result: Tensor = _Flip.apply(x, places)
    return result


def turned_places(lengths: Tensor, size: int) -> Tensor:
    """Where each row of a flattened [S * B] comes from when every text is turned and its padding stays behind it."""
    at = torch.arange(size, device=lengths.device)[:, None]
    rows = torch.where(at < lengths, lengths - 1 - at, at)
    return (rows * len(lengths) + torch.arange(len(lengths), device=lengths.device)).flatten()


class _Flip(torch.autograd.Function):
    """A permutation that undoes itself: its gradient is taken by the same look-up, which torch cannot know."""

    @staticmethod
    def forward(ctx, x, places):  # type: ignore[no-untyped-def]
        ctx.save_for_backward(places)
        return x.flatten(0, 1).index_select(0, places).view_as(x)

    @staticmethod
    def backward(ctx, gradient):  # type: ignore[no-untyped-def]
        (places,) = ctx.saved_tensors
        return gradient.flatten(0, 1).index_select(0, places).view_as(gradient), None
