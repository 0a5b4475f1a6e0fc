"""The features of a word in its sentence: its form, affixes, shape and characters, and the words around it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tui_lm.linear.hashing import FACTOR, Hashes, hashes_of, joined, mixed

AROUND = (-2, -1, 1, 2)  # the neighbours whose form and shape count
AFFIXES = 4  # characters of the longest prefix and suffix
OUT_OF_SENTENCE = "\n"  # stands before and after a sentence; no word is a line end
_SALT = {offset: np.uint64((1000 + offset) * int(FACTOR) % 2**64) for offset in AROUND}


def features_of(words: Sequence[str]) -> tuple[Hashes, NDArray[np.intp]]:
    """The hashes of all words' features, one after another, and the index [T] at which those of each word begin."""
    edge = [OUT_OF_SENTENCE] * 2
    padded = [*edge, *words, *edge]
    forms = np.array([_form(word) for word in padded], np.uint64)  # [T + 4, 3]: lower case, shape, suffix
    found = []
    for at, word in enumerate(words, start=2):
        around = [mixed(forms[at + offset] ^ _SALT[offset]) for offset in AROUND]
        lower, shape = forms[:, 0], forms[:, 1]
        pairs = joined(
            np.array([lower[at - 1], lower[at], shape[at - 1], shape[at]]),
            np.array([lower[at], lower[at + 1], shape[at], shape[at + 1]]),
        )
        found.append(np.concatenate([_own(word), *around, pairs]))
    lengths = [len(each) for each in found]
    begins: NDArray[np.intp] = np.cumsum([0, *lengths[:-1]])
    return np.concatenate(found), begins


def shape_of(word: str) -> str:
    """ "iPhone7" -> "xXxd": runs of capitals, small letters, digits and marks."""
    kinds = "".join("X" if c.isupper() else "x" if c.isalpha() else "d" if c.isdigit() else c for c in word)
    return re.sub(r"(.)\1+", r"\1", kinds)


@lru_cache(maxsize=1 << 15)
def _form(word: str) -> tuple[int, int, int]:
    lower = word.lower()
    low, shape, suffix = hashes_of([f"lower {lower}", f"shape {shape_of(word)}", f"suffix {lower[-3:]}"]).tolist()
    return low, shape, suffix


@lru_cache(maxsize=1 << 15)
def _own(word: str) -> Hashes:
    """The features of a word by itself."""
    lower = word.lower()
    names = ["every word", f"word {word}", f"lower {lower}", f"shape {shape_of(word)}", f"length {min(len(word), 12)}"]
    for size in range(1, min(AFFIXES, len(word)) + 1):
        names += [f"prefix {lower[:size]}", f"suffix {lower[-size:]}"]
    bounded = f"^{lower}$"
    names += {f"part {bounded[i : i + size]}" for size in (3, 4) for i in range(len(bounded) - size + 1)}
    names += [name for name, holds in _marks(word).items() if holds]
    return np.unique(hashes_of(names))


def _marks(word: str) -> dict[str, bool]:
    return {
        "capital first": word[:1].isupper(),
        "all capitals": word.isupper(),
        "capital and small": word[:1].isupper() and word[1:].islower(),
        "capital inside": any(map(str.isupper, word[1:])) and not word.isupper(),
        "digit": any(map(str.isdigit, word)),
        "all digits": word.isdigit(),
        "no letter": not any(map(str.isalpha, word)),
        "hyphen": "-" in word,
        "at": word.startswith("@"),
        "hash": word.startswith("#"),
        "address": word.lower().startswith(("http", "www.")),
    }
