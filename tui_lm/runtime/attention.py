"""Attention while a model runs: the only place at inference where attention weights exist.

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
"""Keys and values [B, K, S, d] that stand one after another; a piece of B = 1 is shared by all branches."""


Replace = Callable[[str, Array], Array]
"""Puts other weights [B, H, T, S] ("attention") or reads [B, H, T, d] ("read") in the place of those given."""


def attend(
    queries: Array, pieces: Pieces, hidden: NDArray[np.bool_] | None = None, edit: Replace | None = None
) -> tuple[Array, Array]:
    """softmax(q k / sqrt(d)) v for queries [B, H, T, d] (Vaswani et al. 2017; groups of heads: Ainslie et al. 2023).

    Where `hidden` [T, S] is true, a query does not see a key. Returns what each head read [B, H, T, d] and its
    weights [B, H, T, S].
    """
    branches, heads, tokens, width = queries.shape
    groups = pieces[0][0].shape[1]
    rows = (queries * width**-0.5).reshape(branches, groups, -1, width)
    scores = [_product(rows, keys.swapaxes(2, 3)) for keys, _ in pieces]
    whole = scores[0] if len(scores) == 1 else np.concatenate(scores, axis=3)
    if hidden is not None:
        whole.reshape(branches, heads, tokens, -1)[:, :, hidden] = -np.inf
    whole -= whole.max(axis=3, keepdims=True)
    np.exp(whole, out=whole)
    whole /= whole.sum(axis=3, keepdims=True)
    if edit is not None:
        whole = edit("attention", whole.reshape(branches, heads, tokens, -1)).reshape(whole.shape)
    if len(pieces) == 1:
        read = _product(whole, pieces[0][1])
    else:
        cuts = np.cumsum([keys.shape[2] for keys, _ in pieces])[:-1]
        shares = np.split(whole, cuts, axis=3)
        reads = [_product(share, values) for share, (_, values) in zip(shares, pieces, strict=True)]
        read = np.add.reduce(reads)
    read = read.reshape(queries.shape)
    return read if edit is None else edit("read", read), whole.reshape(branches, heads, tokens, -1)


def _product(rows: Array, piece: Array) -> Array:
    """rows [B, K, N, x] @ piece [B or 1, K, x, y] -> [B, K, N, y]; a shared piece is read once for all branches."""
    branches, groups, n, _ = rows.shape
    if branches == len(piece):
        own: Array = rows @ piece
        return own
    together: Array = rows.swapaxes(0, 1).reshape(groups, branches * n, -1) @ piece[0]
    return together.reshape(groups, branches, n, -1).swapaxes(0, 1)


def causal(tokens: int, keys: int, window: int) -> NDArray[np.bool_] | None:
    """What the last `tokens` of `keys` positions do not see: their future, and all before the last `window`."""
    if tokens == 1:
        return None
    distance = np.arange(keys - tokens, keys)[:, None] - np.arange(keys)
    hidden: NDArray[np.bool_] = (distance < 0) | (distance >= window)
    return hidden


def by_head(edit: Edit | None, layer: int) -> Replace | None:
    """An edit of one layer as `attend` asks for it: the last of T queries, head by head."""
    return None if edit is None else partial(_edited, edit, layer)


def _edited(edit: Edit, layer: int, name: str, values: Array) -> Array:
    changed = values.copy()
    for head in range(values.shape[1]):
        changed[:, head, -1] = edit(layer, name, values[:, head, -1], head)
    return changed


def record(trace: Trace, layer: int, weights: Array) -> None:
    """Put the weights [B, H, 1, S] of a step into its trace, head by head: what it gave to the last S tokens."""
    trace += (
        Activation(layer, "attention", "attention", weights[:, head, 0], head) for head in range(weights.shape[1])
    )
