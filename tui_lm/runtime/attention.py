"""Attention at inference; no other module of the runtime computes attention weights of heads.

Shapes: B branches (the beam), H heads, K key/value heads, each of which serves G = H / K heads, T queries, S keys,
d head width.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from tui_lm.trace import Activation, Edit, Trace

Array = NDArray[np.floating]
Pieces = Sequence[tuple[Array, Array]]
"""Pairs of keys and values [B, K, S, d], one after another in time; a pair of B = 1 is shared by all branches."""

Replace = Callable[[str, Array], Array]
"""Returns the weights [B, H, T, S] ("attention") or head outputs [B, H, T, d] ("read") to use for those given."""


def attend(
    queries: Array,  # [B, H, T, d]
    pieces: Pieces,
    mask: NDArray[np.bool_] | None = None,  # [T, S], true where a query must not see a key
    edit: Replace | None = None,
) -> tuple[Array, Array]:
    """softmax(Q K^T / sqrt(d)) V (Vaswani et al. 2017, equation 1; groups of heads: Ainslie et al. 2023).

    Returns the output of each head [B, H, T, d] and its weights [B, H, T, S].
    """
    branches, heads, tokens, width = queries.shape
    groups = pieces[0][0].shape[1]
    rows = (queries * width**-0.5).reshape(branches, groups, -1, width)
    scores = [_product(rows, keys.swapaxes(2, 3)) for keys, _ in pieces]
    whole = scores[0] if len(scores) == 1 else np.concatenate(scores, axis=3)
    if mask is not None:
        whole.reshape(branches, heads, tokens, -1)[:, :, mask] = -np.inf
    whole -= whole.max(axis=3, keepdims=True)
    np.exp(whole, out=whole)
    whole /= whole.sum(axis=3, keepdims=True)
    if edit is not None:
        whole = edit("attention", whole.reshape(branches, heads, tokens, -1)).reshape(whole.shape)
    if len(pieces) == 1:
        output = _product(whole, pieces[0][1])
    else:
        cuts = np.cumsum([keys.shape[2] for keys, _ in pieces])[:-1]
        shares = np.split(whole, cuts, axis=3)
        outputs = [_product(share, values) for share, (_, values) in zip(shares, pieces, strict=True)]
        output = np.add.reduce(outputs)
    output = output.reshape(queries.shape)
    return output if edit is None else edit("read", output), whole.reshape(branches, heads, tokens, -1)


def _product(rows: Array, piece: Array) -> Array:
    """rows [B, K, N, x] @ piece [B or 1, K, x, y] -> [B, K, N, y]; a shared piece is read once for all branches."""
    branches, groups, n, _ = rows.shape
    if branches == len(piece):
        own: Array = rows @ piece
        return own
    together: Array = rows.swapaxes(0, 1).reshape(groups, branches * n, -1) @ piece[0]
    return together.reshape(groups, branches, n, -1).swapaxes(0, 1)


def causal(tokens: int, keys: int, window: int) -> NDArray[np.bool_] | None:
    """A mask [tokens, keys] for the last `tokens` of `keys` positions: they see neither their future nor anything
    before the last `window` positions. None where nothing is masked.
    """
    if tokens == 1:
        return None
    distance = np.arange(keys - tokens, keys)[:, None] - np.arange(keys)
    mask: NDArray[np.bool_] = (distance < 0) | (distance >= window)
    return mask


def by_head(edit: Edit | None, layer: int) -> Replace | None:
    """An edit of one layer in the form that `attend` takes: it changes the last of T queries, head by head."""
    return None if edit is None else partial(_edited, edit, layer)


def _edited(edit: Edit, layer: int, name: str, values: Array) -> Array:
    changed = values.copy()
    for head in range(values.shape[1]):
        changed[:, head, -1] = edit(layer, name, values[:, head, -1], head)
    return changed


def record(trace: Trace, layer: int, weights: Array) -> None:
    """Append the weights [B, H, 1, S] of a step to its trace, head by head."""
    trace += (
        Activation(layer, "attention", "attention", weights[:, head, 0], head) for head in range(weights.shape[1])
    )
