"""The features of a text: n-grams of words, and n-grams of the characters of each word.

Words are in lower case, and marks count as words. Characters keep their case, because it tells authors apart.
"""

from __future__ import annotations

import re

import numpy as np

from tui_lm.linear.hashing import FACTOR, Hashes, hash_of, hashes_of, joined, mixed

WORD = re.compile(r"[\w'’]+|[^\w\s]")
MOST_WORDS = 3  # of an n-gram of words
MOST_CHARACTERS = 5  # of an n-gram of characters, with the spaces around the word
LONGEST = 20_000  # characters; the rest of a longer text is not read


def features_of(text: str) -> tuple[Hashes, Hashes]:
    """The hashes of all n-grams of words and of all n-grams of characters; one that occurs twice is there twice."""
    words = WORD.findall(text[:LONGEST])
    return _word_ngrams([word.lower() for word in words]), _character_ngrams(" ".join(["", *words, ""]))


def words_of(text: str) -> list[tuple[int, int, int]]:
    """(begin, end, hash) of each single word in `text`."""
    return [(m.start(), m.end(), hash_of(m[0].lower())) for m in WORD.finditer(text[:LONGEST])]


def _word_ngrams(words: list[str]) -> Hashes:
    ngram = single = hashes_of(words)
    found = [single]
    for size in range(2, MOST_WORDS + 1):
        if len(words) < size:
            break
        ngram = joined(ngram[:-1], single[size - 1 :])
        found.append(ngram)
    return np.concatenate(found)


def _character_ngrams(text: str) -> Hashes:
    """A space, which separates words, may only be the first or the last character of an n-gram."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    spaces = np.concatenate([[0], np.cumsum(codes == ord(" "))])
    found = []
    ngram = codes
    for size in range(2, MOST_CHARACTERS + 1):
        if len(codes) < size:
            break
        ngram = ngram[:-1] * FACTOR + codes[size - 1 :] + np.uint64(1)
        inner = spaces[size - 1 : len(codes)] - spaces[1 : len(codes) - size + 2]
        found.append(mixed(ngram[inner == 0]))
    return np.concatenate(found) if found else codes[:0]
