"""The features of a text: n-grams of words, and n-grams of characters.

Words are in lower case, and marks count as words. Characters are taken as they were written, across words, because
case, spaces and marks tell authors apart.
"""

from __future__ import annotations

import re

import numpy as np

from tui_lm.linear.hashing import FACTOR, Hashes, hash_of, hashes_of, joined, mixed

WORD = re.compile(r"[\w'’]+|[^\w\s]")
MOST_WORDS = 3  # of an n-gram of words
MOST_CHARACTERS = 6  # of an n-gram of characters
LONGEST = 20_000  # characters; the rest of a longer text is not read


def features_of(text: str) -> tuple[Hashes, Hashes]:
    """The hashes of all n-grams of words and of all n-grams of characters; one that occurs twice is there twice."""
    text = text[:LONGEST]
    return _word_ngrams([word.lower() for word in WORD.findall(text)]), _character_ngrams(text)


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
    """N-grams that cross words, spaces and marks as they were written, between a line end at either side."""
    codes = np.frombuffer(f"\n{text}\n".encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    found = []
    ngram = codes
    for size in range(2, min(MOST_CHARACTERS, len(codes)) + 1):
        ngram = ngram[:-1] * FACTOR + codes[size - 1 :] + np.uint64(1)
        found.append(mixed(ngram))
    return np.concatenate(found)
