"""fastText's n-grams of characters (Bojanowski et al. 2017): the parts of a word, and the rows that they share.

A word is written `<word>`; its parts are all runs of `shortest` to `longest` characters in it. A hash gives each part
one of `buckets` rows, so that unknown words have rows too. The hash is that of fastText's files: 32-bit FNV-1a in which
a byte above 127 counts as negative.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tui_lm.tokenizers.tokenizer import bytes_of

FNV_OFFSET, FNV_PRIME = 2166136261, 16777619
AT_ONCE = 20_000  # words hashed together


class Subwords(NamedTuple):
    """The n-gram rows of many words: those of word i are `rows[offsets[i]:offsets[i + 1]]`."""

    offsets: NDArray[np.int64]  # [words + 1]
    rows: NDArray[np.int64]


def parts(word: str, shortest: int, longest: int) -> list[str]:
    """The n-grams of one word, in fastText's order. A single `<` or `>` is none."""
    marked = f"<{word}>"
    return [
        marked[begin : begin + length]
        for begin in range(len(marked))
        for length in range(shortest, min(longest, len(marked) - begin) + 1)
        if length > 1 or 0 < begin < len(marked) - 1
    ]


def bucket(part: str, buckets: int) -> int:
    """The row of one n-gram."""
    value = FNV_OFFSET
    for byte in bytes_of(part):
        value = (value ^ (byte if byte < 128 else byte | 0xFFFFFF00)) * FNV_PRIME & 0xFFFFFFFF
    return value % buckets


def subwords(words: Sequence[str], shortest: int, longest: int, buckets: int) -> Subwords:
    """The rows of `parts` of every word, computed for many words at once; grouped by word, in order of length."""
    counts = np.zeros(len(words), np.int64)
    found = [np.zeros(0, np.int64)]
    for begin in range(0, len(words), AT_ONCE):
        chunk = words[begin : begin + AT_ONCE]
        owners, rows = _hashed(chunk, shortest, longest, buckets)
        counts[begin : begin + len(chunk)] = np.bincount(owners, minlength=len(chunk))
        found.append(rows)
    return Subwords(np.concatenate([[0], counts.cumsum()]), np.concatenate(found))


def _hashed(
    words: Sequence[str], shortest: int, longest: int, buckets: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(word, row) of each n-gram, sorted by word."""
    marked = [bytes_of(f"<{word}>") for word in words]
    data = np.frombuffer(b"".join(marked), np.int8)
    starts = np.flatnonzero((data & -64) != -128)  # the first byte of each character
    ends = np.append(starts[1:], len(data))
    owner = np.repeat(
        np.arange(len(words)), [np.count_nonzero((np.frombuffer(w, np.int8) & -64) != -128) for w in marked]
    )
    owners, rows = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for length in range(shortest, longest + 1):
        first = np.arange(max(0, len(starts) - length + 1))
        last = first + length - 1
        whole = owner[first] == owner[last]
        if length == 1:  # neither `<` nor `>`
            edge = np.diff(owner, prepend=-1, append=len(words))
            whole &= (edge[:-1] == 0) & (edge[1:] == 0)
        first, last = first[whole], last[whole]
        owners.append(owner[first])
        rows.append(_fnv(data, starts[first], ends[last]) % buckets)
    whose = np.concatenate(owners)
    order = np.argsort(whose, kind="stable")
    return whose[order], np.concatenate(rows)[order]


def _fnv(data: NDArray[np.int8], begins: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.int64]:
    values = np.full(len(begins), FNV_OFFSET, np.uint32)
    lengths = ends - begins
    for position in range(int(lengths.max(initial=0))):
        inside = lengths > position
        signed = data[begins[inside] + position].astype(np.int32).view(np.uint32)
        values[inside] = (values[inside] ^ signed) * np.uint32(FNV_PRIME)
    return values.astype(np.int64)


def composed(
    table: NDArray[np.float32], grams: Subwords, words: NDArray[np.float32] | None = None
) -> NDArray[np.float32]:
    """The mean of the n-gram rows of each word, and of its own row in `words` [V, D] if there is one."""
    found = np.zeros((len(grams.offsets) - 1, table.shape[1]), np.float32)
    for begin, end in _blocks(len(found)):
        first, last = grams.offsets[begin], grams.offsets[end]
        lengths = np.diff(grams.offsets[begin : end + 1])
        rows = table[grams.rows[first:last]]
        starts = grams.offsets[begin:end] - first
        full = lengths > 0
        if len(rows):
            found[begin:end][full] = np.add.reduceat(rows, starts[full], axis=0)
        total = lengths.astype(np.float32)
        if words is not None:
            found[begin:end] += words[begin:end]
            total += 1
        found[begin:end] /= np.maximum(total, 1)[:, None]
    return found


def _blocks(length: int, size: int = 4096) -> Iterator[tuple[int, int]]:
    for begin in range(0, length, size):
        yield begin, min(length, begin + size)
