"""How often words occur near each other: a sparse matrix of weighted counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from trainers.vectors.text import WordStream

AT_ONCE = 8_000_000  # pairs that are held before they are summed


class Counts(NamedTuple):
    """`values[i]` counts word `rows[i]` with `columns[i]` near it. Sorted by row, then by column, each pair once."""

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    values: NDArray[np.float64]


def cooccurrences(stream: WordStream, window: int, weight: Callable[[int], float]) -> Counts:
    """Pairs of words of one message at most `window` apart, in both orders, each counting `weight(distance)`."""
    size = len(stream.counts)
    total = (np.zeros(0, np.int64), np.zeros(0))
    held: list[tuple[NDArray[np.int64], NDArray[np.float64]]] = []
    for distance in range(1, window + 1):
        together = stream.texts[:-distance] == stream.texts[distance:]
        left, right = stream.words[:-distance][together], stream.words[distance:][together]
        both = np.concatenate([left * size + right, right * size + left])
        held.append(_summed([(both, np.full(len(both), weight(distance)))]))
        if sum(len(keys) for keys, _ in held) > AT_ONCE:
            total, held = _summed([total, *held]), []
    keys, values = _summed([total, *held])
    return Counts(keys // size, keys % size, values)


def _summed(
    parts: list[tuple[NDArray[np.int64], NDArray[np.float64]]],
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    keys = np.concatenate([keys for keys, _ in parts])
    order = np.argsort(keys, kind="stable")
    keys, values = keys[order], np.concatenate([values for _, values in parts])[order]
    starts = np.flatnonzero(np.diff(keys, prepend=-1))
    return keys[starts], np.add.reduceat(values, starts) if len(starts) else values


def harmonic(distance: int) -> float:
    """GloVe's weight: two words d apart count 1 / d."""
    return 1 / distance


def linear(window: int) -> Callable[[int], float]:
    """word2vec's weight: the probability that a window drawn from 1 to `window` holds a word at the distance."""
    return lambda distance: (window - distance + 1) / window
