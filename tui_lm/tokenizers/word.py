"""One token per word, as in word-level RNN language models (Mikolov et al. 2010), with `<unk>` for other words.

A token includes the space before it (" tomorrow"). `encode` puts a space before the text, so that a word is the same
token at the start of a message and inside it; `decode` takes it off again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Self

from tui_lm.tokenizers.specials import UNKNOWN, Specials
from tui_lm.tokenizers.tokenizer import Tokenizer, bytes_of, read_json, text_of, write_json

PIECE = re.compile(r" ?[\w'’]+| ?[^\w\s]+|\s")
LARGEST = 20_000
FEWEST = 2
UNKNOWN_SURFACE = " \N{REPLACEMENT CHARACTER}"


class WordTokenizer(Tokenizer):
    """Ids: specials, then the words, most frequent first. Decoding is exact except for unknown words."""

    name = "word"
    lossless = False

    def __init__(self, specials: Specials, words: list[str]) -> None:
        self.specials = specials
        self.words = words
        self._ids = {word: len(specials) + i for i, word in enumerate(words)}
        self.surfaces = [*(b"" for _ in range(len(specials))), *(bytes_of(word) for word in words)]
        self.surfaces[UNKNOWN] = bytes_of(UNKNOWN_SURFACE)

    @classmethod
    def train(cls, texts: Iterable[str], specials: Specials, vocab_size: int | None = None) -> Self:
        return cls(specials, _frequent(texts)[: max((vocab_size or LARGEST) - len(specials), 1)])

    def extended(self, specials: Specials, texts: Iterable[str]) -> Self:
        words = [*self.words, *(word for word in _frequent(texts) if word not in self._ids)]
        return type(self)(specials, words[: max(LARGEST - len(specials), len(self.words))])

    def encode(self, text: str) -> list[int]:
        if not text:
            return []
        return [self._ids.get(piece, UNKNOWN) for piece in PIECE.findall(f" {text}")]

    def id_of(self, word: str) -> int:
        """The id of a whole word after a space, or of `<unk>`."""
        return self._ids.get(f" {word}", UNKNOWN)

    def spans(self, text: str) -> list[tuple[int, int]]:
        found = PIECE.finditer(f" {text}") if text else ()
        return [(max(0, piece.start() - 1), piece.end() - 1) for piece in found]

    def decode(self, ids: Iterable[int]) -> str:
        return text_of(b"".join(self.surfaces[token] for token in ids)).removeprefix(" ")

    def to_files(self, folder: Path) -> None:
        write_json(folder, {"authors": list(self.specials.authors), "words": self.words})

    @classmethod
    def from_files(cls, folder: Path) -> Self:
        values = read_json(folder, authors=list, words=list)
        return cls(Specials(tuple(map(str, values["authors"]))), list(map(str, values["words"])))


def _frequent(texts: Iterable[str]) -> list[str]:
    """The words that occur at least `FEWEST` times, most frequent first."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(PIECE.findall(f" {text}"))
    return sorted((w for w in counts if counts[w] >= FEWEST), key=lambda word: (-counts[word], word))
