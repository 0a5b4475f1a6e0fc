"""Hashes of 64 bits that are the same on every machine, for strings and for sequences of them.

An n-gram is stored as its hash, so that a model's folder does not spell what was written in training. Of some millions
of different n-grams hardly two share a hash.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
FACTOR = np.uint64(0x9E3779B97F4A7C15)
_MULTIPLIERS = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_SHIFTS = (np.uint64(30), np.uint64(27), np.uint64(31))


@lru_cache(maxsize=1 << 16)
def hash_of(text: str) -> int:
    """The hash of a string."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def hashes_of(texts: Sequence[str]) -> Hashes:
    return np.fromiter(map(hash_of, texts), np.uint64, len(texts))


def mixed(values: Hashes) -> Hashes:
    """splitmix64 (Steele, Lea & Flood 2014): equal values stay equal, and the others are spread evenly."""
    first, second, third = _SHIFTS
    values = (values ^ (values >> first)) * _MULTIPLIERS[0]
    values = (values ^ (values >> second)) * _MULTIPLIERS[1]
    result: Hashes = values ^ (values >> third)
    return result


def joined(first: Hashes, second: Hashes) -> Hashes:
    """The hashes of pairs, in this order."""
    return mixed(first * FACTOR + second)
