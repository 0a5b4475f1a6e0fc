"""The vocabulary of word vectors: whole words without the space before them, most frequent first.

A text is cut at white space and punctuation, which have no vectors; each emoji is a word. Words that are not in the
vocabulary are left out, as in word2vec (Mikolov et al. 2013). Scripts without spaces between words are not cut.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Self

from tui_lm.tokenizers.specials import Specials
from tui_lm.tokenizers.tokenizer import Tokenizer, bytes_of, read_json, text_of, write_json

_EMOJI = "[\U0001f1e6-\U0001f1ff]{2}|[\u2190-\u2bff\U0001f000-\U0001faff][\ufe0f\U0001f3fb-\U0001f3ff]?"
_OUTSIDE = (  # white space, punctuation, and what `_EMOJI` takes; not apostrophes, joiners and the underscore
    r"\s!-&(-/:-@\[-^`{-~\u00a1-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u00d7\u00f7\u0964\u0965"
    r"\u2000-\u200b\u200e-\u2018\u201a-\u206f\u2190-\u2bff\u3000-\u3003\u3008-\u3020\uff01-\uff0f\ufe0f"
    "\U0001f000-\U0001faff"
)
PIECE = re.compile(rf"{_EMOJI}|[^{_OUTSIDE}]+")
FEWEST = 5  # occurrences of a word that has a vector
LARGEST = 100_000  # words


def words_of(text: str, *, lowercase: bool = True) -> list[str]:
    """The words of a text; an apostrophe counts inside a word only."""
    text = text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    found = (piece.strip("'") for piece in PIECE.findall(text.lower() if lowercase else text))
    return [word for word in found if word]


class VocabularyTokenizer(Tokenizer):
    """Ids: specials, whose vectors are zero, then the words. What lies between the words is lost."""

    name = "vocabulary"
    lossless = False

    def __init__(self, specials: Specials, words: Sequence[str], *, lowercase: bool = True) -> None:
        self.specials, self.words, self.lowercase = specials, list(words), lowercase
        self.ids = {word: len(specials) + i for i, word in enumerate(self.words)}
        self.surfaces = [*(b"" for _ in range(len(specials))), *(bytes_of(word) for word in self.words)]

    @classmethod
    def train(cls, texts: Iterable[str], specials: Specials, vocab_size: int | None = None) -> Self:
        return cls.counted(texts, largest=vocab_size or LARGEST)

    @classmethod
    def counted(
        cls, texts: Iterable[str], *, fewest: int = FEWEST, largest: int = LARGEST, lowercase: bool = True
    ) -> Self:
        """The words that occur at least `fewest` times in the texts."""
        counts: Counter[str] = Counter()
        for text in texts:
            counts.update(words_of(text, lowercase=lowercase))
        kept = sorted((word for word in counts if counts[word] >= fewest), key=lambda word: (-counts[word], word))
        return cls(Specials(), kept[:largest], lowercase=lowercase)

    def extended(self, specials: Specials, texts: Iterable[str]) -> Self:
        return self.joined(type(self).counted(texts, lowercase=self.lowercase).words)

    def joined(self, words: Iterable[str]) -> Self:
        """This vocabulary with those of `words` that it lacks, at the end."""
        new = [word for word in dict.fromkeys(words) if word not in self.ids]
        return type(self)(self.specials, [*self.words, *new], lowercase=self.lowercase)

    def encode(self, text: str) -> list[int]:
        ids = self.ids
        return [ids[word] for word in words_of(text, lowercase=self.lowercase) if word in ids]

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Raises NotImplementedError: words that are left out have no span, and lowercasing may change lengths."""
        raise NotImplementedError("the words of a vocabulary have no spans")

    def decode(self, ids: Iterable[int]) -> str:
        return " ".join(text_of(self.surfaces[token]) for token in ids if token >= len(self.specials))

    def to_files(self, folder: Path) -> None:
        write_json(folder, {"lowercase": self.lowercase, "words": self.words})

    @classmethod
    def from_files(cls, folder: Path) -> Self:
        values = read_json(folder, lowercase=bool, words=list)
        return cls(Specials(), list(map(str, values["words"])), lowercase=values["lowercase"])
