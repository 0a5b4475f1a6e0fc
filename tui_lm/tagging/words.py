"""The words that a tagger reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from tui_lm.tokenizers import Specials
from tui_lm.tokenizers.word import WordTokenizer

FEWEST = 2  # occurrences of a word in training that give it a row; others are read by their characters
LARGEST = 50_000  # words


def word_table(sentences: Iterable[Sequence[str]]) -> WordTokenizer:
    """The words of training sentences that have a row of the embedding, in lower case, most frequent first."""
    counts = Counter(word.lower() for sentence in sentences for word in sentence)
    known = sorted((w for w in counts if counts[w] >= FEWEST), key=lambda word: (-counts[word], word))
    return WordTokenizer(Specials(), [f" {word}" for word in known[:LARGEST]])


def word_ids(table: WordTokenizer, words: Sequence[str]) -> list[int]:
    return [table.id_of(word.lower()) for word in words]
