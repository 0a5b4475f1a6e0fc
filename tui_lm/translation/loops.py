"""Bars endless repetition in a decoder.

A loop is a unit of p tokens that is repeated at once. A unit may occur three times in a row; a short one until it fills
`FILLED` tokens ("ha ha ha", "10000000"); any unit as often as some unit of the source is repeated.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]
REPEATS = 3  # times in a row
FILLED = 8  # tokens


def longest_run(tokens: Sequence[int]) -> int:
    """The most times that a unit occurs in a row: 1 if nothing is repeated at once, 3 for "a b a b a b"."""
    ids = np.asarray(tokens)
    most = 1
    for period in range(1, len(ids) // 2 + 1):
        if len(ids) // period <= most:
            break
        same = np.concatenate(([False], ids[period:] == ids[:-period], [False]))
        edges = np.flatnonzero(np.diff(same.astype(np.int8)))
        if len(edges):
            most = max(most, 1 + int((edges[1::2] - edges[::2]).max()) // period)
    return most


def looping(history: Ids, allowed: NDArray[np.integer]) -> tuple[NDArray[np.intp], Ids]:
    """Rows and tokens that are barred after `history` [R, T], if a unit may occur `allowed` [R] times in a row."""
    length = history.shape[1]
    rows: list[NDArray[np.intp]] = []
    tokens: list[Ids] = []
    for period in range(1, length // REPEATS + 1):
        times = np.maximum(allowed, max(REPEATS, -(-FILLED // period)))
        if times.min() * period > length:
            continue
        caught = np.flatnonzero(_tail(history, period) >= (times - 1) * period)
        rows.append(caught)
        tokens.append(history[caught, length - period])
    if not rows:
        return np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.int64)
    return np.concatenate(rows), np.concatenate(tokens)


def _tail(history: Ids, period: int) -> NDArray[np.intp]:
    """The number of tokens at the end of each row that equal the token one period before them."""
    differs = (history[:, period:] != history[:, :-period])[:, ::-1]
    tail: NDArray[np.intp] = np.where(differs.any(axis=1), differs.argmax(axis=1), differs.shape[1])
    return tail
