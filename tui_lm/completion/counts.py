"""How often words followed contexts: arrays sorted by context and word, which can lie in a file, and what is learned.

A context is one number: who wrote (7 bits, 0 for everyone together) and up to three words (19 bits each, the latest
in the lowest bits).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WORD_BITS, AUTHOR_BITS, MOST_ORDER = 19, 7, 3
AUTHOR_SHIFT = WORD_BITS * MOST_ORDER
MOST_AUTHORS = (1 << AUTHOR_BITS) - 2  # and one number to stand after the last
MOST_LOOSE = 1024  # counts that are kept loose before they are sorted in

Keys = NDArray[np.uint64]
Words = NDArray[np.int32]
Numbers = NDArray[np.int32]


def pack(author: int, context: Sequence[int]) -> int:
    """The number of a context of at most three words, oldest first."""
    key = 0
    for word in context:
        key = key << WORD_BITS | word
    return author << AUTHOR_SHIFT | key


def shorten(keys: Keys, order: int) -> Keys:
    """The contexts without their oldest word: of order + 1 words before, of `order` words now."""
    author = ((1 << AUTHOR_BITS) - 1) << AUTHOR_SHIFT
    kept: Keys = keys & np.uint64(author | ((1 << WORD_BITS * order) - 1))
    return kept


@dataclass(frozen=True, slots=True)
class Counts:
    """N counts as three arrays [N], sorted by key, then by word."""

    keys: Keys
    words: Words
    numbers: Numbers

    @classmethod
    def of(cls, keys: Keys, words: Words, numbers: Numbers | None = None) -> Counts:
        """Sort, and add up what is there several times; `numbers` are 1 unless given."""
        order = np.lexsort((words, keys))
        keys, words = keys[order], words[order]
        first = np.ones(len(keys), dtype=bool)
        first[1:] = (keys[1:] != keys[:-1]) | (words[1:] != words[:-1])
        starts = np.flatnonzero(first)
        if numbers is None:
            totals = np.diff(starts, append=len(keys))
        else:
            totals = np.add.reduceat(numbers[order], starts) if len(starts) else numbers
        return cls(keys[starts], words[starts], totals.astype(np.int32))

    @classmethod
    def none(cls) -> Counts:
        return cls(np.empty(0, np.uint64), np.empty(0, np.int32), np.empty(0, np.int32))

    def row(self, key: int) -> tuple[Words, Numbers]:
        """Words that followed the context, sorted, and how often."""
        low, high = self.keys.searchsorted(np.uint64(key)), self.keys.searchsorted(np.uint64(key), side="right")
        return self.words[low:high], self.numbers[low:high]

    def get(self, key: int, word: int) -> int:
        words, numbers = self.row(key)
        place = int(words.searchsorted(np.int32(word)))
        return int(numbers[place]) if place < len(words) and words[place] == word else 0


class GrowingCounts:
    """Counts of a file and what was learned since: a part that is sorted, and the latest, which is loose."""

    def __init__(self, base: Counts) -> None:
        self.base = base
        self._sorted = Counts.none()
        self._loose: dict[int, dict[int, int]] = {}
        self._size = 0

    def add(self, key: int, word: int) -> int:
        """Count once more; how often it was counted before."""
        row = self._loose.setdefault(key, {})
        before = self.base.get(key, word) + self._sorted.get(key, word) + row.get(word, 0)
        self._size += word not in row
        row[word] = row.get(word, 0) + 1
        if self._size >= MOST_LOOSE:
            self._sorted = self.learned()
            self._loose, self._size = {}, 0
        return before

    def row(self, key: int) -> tuple[Words, Numbers]:
        """Words that followed the context, each once, and how often."""
        words, numbers = self.base.row(key)
        newer, more = self._sorted.row(key)
        loose: Mapping[int, int] = self._loose.get(key, {})
        if not len(newer) and not loose:
            return words, numbers
        newer = np.concatenate([newer, np.fromiter(loose.keys(), np.int32, len(loose))])
        more = np.concatenate([more, np.fromiter(loose.values(), np.int32, len(loose))])
        newer, places = np.unique(newer, return_inverse=True)
        more = np.bincount(places, weights=more).astype(np.int32)
        places = words.searchsorted(newer)
        known = places < len(words)
        known[known] = words[places[known]] == newer[known]
        numbers = np.concatenate([numbers, more[~known]])
        numbers[places[known]] += more[known]
        return np.concatenate([words, newer[~known]]), numbers

    def branch(self, learned: Counts | None = None) -> GrowingCounts:
        """The same counts, or those of the file and what was `learned` before, to go on from apart from these."""
        other = GrowingCounts(self.base)
        other._sorted = self.learned() if learned is None else learned
        return other

    def learned(self) -> Counts:
        """All that the file does not have."""
        entries = [(key, word, n) for key, row in self._loose.items() for word, n in row.items()]
        keys = np.array([key for key, _, _ in entries], dtype=np.uint64)
        words, numbers = (np.array([entry[i] for entry in entries], dtype=np.int32) for i in (1, 2))
        old = self._sorted
        return Counts.of(
            np.concatenate([old.keys, keys]),
            np.concatenate([old.words, words]),
            np.concatenate([old.numbers, numbers]),
        )
