"""N-gram counts: sorted arrays, which may be memory-mapped, and the counts learned since.

A context is packed into one integer: the author (7 bits, 0 for everyone) and up to three words (19 bits each, the
latest in the lowest bits).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WORD_BITS, AUTHOR_BITS, MOST_ORDER = 19, 7, 3
AUTHOR_SHIFT = WORD_BITS * MOST_ORDER
MOST_AUTHORS = (1 << AUTHOR_BITS) - 2  # one number stays free as the upper bound of a range
MOST_LOOSE = 1024  # unsorted counts before they are merged into the sorted ones

Keys = NDArray[np.uint64]
Words = NDArray[np.int32]
Numbers = NDArray[np.int32]


def pack(author: int, context: Sequence[int]) -> int:
    """The key of a context of at most three words, oldest first."""
    key = 0
    for word in context:
        key = key << WORD_BITS | word
    return author << AUTHOR_SHIFT | key


def shorten(keys: Keys, order: int) -> Keys:
    """The keys of the latest `order` words of contexts of order + 1 words."""
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
        """Sort the rows and add up duplicates; `numbers` are 1 by default."""
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
        """The words that followed the context, sorted, and their counts."""
        low, high = self.keys.searchsorted(np.uint64(key)), self.keys.searchsorted(np.uint64(key), side="right")
        return self.words[low:high], self.numbers[low:high]

    def get(self, key: int, word: int) -> int:
        words, numbers = self.row(key)
        row = int(words.searchsorted(np.int32(word)))
        return int(numbers[row]) if row < len(words) and words[row] == word else 0


class GrowingCounts:
    """The counts of a file, and those learned since: a sorted part, and the latest in dictionaries."""

    def __init__(self, base: Counts) -> None:
        self.base = base
        self._sorted = Counts.none()
        self._loose: dict[int, dict[int, int]] = {}
        self._size = 0

    def add(self, key: int, word: int) -> int:
        """Increment a count; return its value before."""
        row = self._loose.setdefault(key, {})
        before = self.base.get(key, word) + self._sorted.get(key, word) + row.get(word, 0)
        self._size += word not in row
        row[word] = row.get(word, 0) + 1
        if self._size >= MOST_LOOSE:
            self._sorted = self.learned()
            self._loose, self._size = {}, 0
        return before

    def row(self, key: int) -> tuple[Words, Numbers]:
        """The distinct words that followed the context, and their counts."""
        words, numbers = self.base.row(key)
        newer, more = self._sorted.row(key)
        loose: Mapping[int, int] = self._loose.get(key, {})
        if not len(newer) and not loose:
            return words, numbers
        newer = np.concatenate([newer, np.fromiter(loose.keys(), np.int32, len(loose))])
        more = np.concatenate([more, np.fromiter(loose.values(), np.int32, len(loose))])
        newer, inverse = np.unique(newer, return_inverse=True)
        more = np.bincount(inverse, weights=more).astype(np.int32)
        rows = words.searchsorted(newer)
        known = rows < len(words)
        known[known] = words[rows[known]] == newer[known]
        numbers = np.concatenate([numbers, more[~known]])
        numbers[rows[known]] += more[known]
        return np.concatenate([words, newer[~known]]), numbers

    def forget(self, ids: Words) -> bool:
        """Drop the learned counts of words with these ids, and after them. Returns whether there were any."""
        learned = self.learned()
        slots = (learned.keys[:, None] >> (np.arange(MOST_ORDER, dtype=np.uint64) * np.uint64(WORD_BITS))) & np.uint64(
            (1 << WORD_BITS) - 1
        )
        kept = ~np.isin(learned.words, ids) & ~np.isin(slots, ids.astype(np.uint64)).any(axis=1)
        self._sorted = Counts(learned.keys[kept], learned.words[kept], learned.numbers[kept])
        self._loose, self._size = {}, 0
        return not bool(kept.all())

    def branch(self, learned: Counts | None = None) -> GrowingCounts:
        """A copy that learns independently; `learned` replaces the counts learned so far."""
        other = GrowingCounts(self.base)
        other._sorted = self.learned() if learned is None else learned
        return other

    def learned(self) -> Counts:
        """The counts that are not in the file."""
        entries = [(key, word, n) for key, row in self._loose.items() for word, n in row.items()]
        keys = np.array([key for key, _, _ in entries], dtype=np.uint64)
        words, numbers = (np.array([entry[i] for entry in entries], dtype=np.int32) for i in (1, 2))
        old = self._sorted
        return Counts.of(
            np.concatenate([old.keys, keys]),
            np.concatenate([old.words, words]),
            np.concatenate([old.numbers, numbers]),
        )
