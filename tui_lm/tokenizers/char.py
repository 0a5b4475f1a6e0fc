"""One token per character, with byte tokens for characters that are rare or unseen.

Characters seen fewer than `FEWEST` times in training are spelled in bytes, so that the byte tokens are trained and an
unseen character gets a realistic probability.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Self

from tui_lm.tokenizers.specials import Specials
from tui_lm.tokenizers.tokenizer import Tokenizer, bytes_of, read_json, write_json

FEWEST = 3
LARGEST = 8192


class CharTokenizer(Tokenizer):
    """Ids: specials, the 256 bytes, then the characters, most frequent first."""

    name = "char"
    lossless = True

    def __init__(self, specials: Specials, characters: str) -> None:
        self.specials = specials
        self.characters = characters
        self._bytes = len(specials)
        first = self._bytes + 256
        self._ids = {character: first + i for i, character in enumerate(characters)}
        self.surfaces = [
            *(b"" for _ in range(len(specials))),
            *(bytes([value]) for value in range(256)),
            *(bytes_of(character) for character in characters),
        ]

    @classmethod
    def train(cls, texts: Iterable[str], specials: Specials, vocab_size: int | None = None) -> Self:
        room = min(vocab_size or LARGEST, LARGEST) - len(specials) - 256
        return cls(specials, _frequent(texts)[: max(room, 0)])

    def extended(self, specials: Specials, texts: Iterable[str]) -> Self:
        new = "".join(character for character in _frequent(texts) if character not in self._ids)
        room = max(0, LARGEST - len(specials) - 256 - len(self.characters))
        return type(self)(specials, self.characters + new[:room])

    def encode(self, text: str) -> list[int]:
        ids = self._ids
        try:
            return [ids[character] for character in text]
        except KeyError:
            tokens: list[int] = []
            for character in text:
                token = ids.get(character)
                if token is not None:
                    tokens.append(token)
                else:
                    tokens.extend(self._bytes + value for value in bytes_of(character))
            return tokens

    def to_files(self, folder: Path) -> None:
        write_json(folder, {"authors": list(self.specials.authors), "characters": list(self.characters)})

    @classmethod
    def from_files(cls, folder: Path) -> Self:
        values = read_json(folder, authors=list, characters=list)
        return cls(Specials(tuple(map(str, values["authors"]))), "".join(map(str, values["characters"])))


def _frequent(texts: Iterable[str]) -> str:
    """The characters that are worth a token, most frequent first."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(text)
    ranked = sorted(counts, key=lambda character: (-counts[character], character))
    return "".join(character for character in ranked if counts[character] >= FEWEST)
