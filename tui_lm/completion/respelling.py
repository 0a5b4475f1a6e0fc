"""Spelling variants of a word: apostrophes, capitals and accents that the typed text omits or writes differently."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from dataclasses import dataclass
from typing import Self

import numpy as np

from tui_lm.completion.vocabulary import FIRST, Vocabulary
from tui_lm.completion.words import Cursor
from tui_lm.tokenizers.tokenizer import bytes_of, text_of

STRAIGHT, CURLY = "'", "’"  # the apostrophe of keyboards, and that of iPhones
FEWEST = 2  # minimum number of typed letters to ignore accents
SENTENCE_END = re.compile(r"(?:^|[.!?…]['’\")\]]*\s+|\n\s*)$")


@dataclass(frozen=True, slots=True)
class Apostrophe:
    """The apostrophe that a chat uses most; the `other` one is treated as the same."""

    own: str = STRAIGHT
    other: str = CURLY

    @classmethod
    def most(cls, straight: int, curly: int) -> Self:
        """The more frequent one."""
        return cls(CURLY, STRAIGHT) if curly > straight else cls()

    @classmethod
    def in_words(cls, vocabulary: Vocabulary) -> Self:
        text = vocabulary.text.tobytes()
        return cls.most(text.count(bytes_of(STRAIGHT)), text.count(bytes_of(CURLY)))

    def written(self, text: str) -> str:
        """`text` with the chat's own apostrophe."""
        return text.replace(self.other, self.own)


class Accents:
    """The training words with accents, by their letters without them."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._forms: list[tuple[str, int]] | None = None
        self._learned: list[tuple[str, int]] = []
        self._seen = 0

    def starting_with(self, word: str) -> list[int]:
        """The ids of words that begin with `word` only without their accents."""
        if len(word) < FEWEST or not word.isascii() or not word.isalpha():
            return []
        if self._forms is None:
            self._forms = sorted(self._plain(token) for token in self._accented())
        start = bisect_left(self._forms, (word, 0))
        found = []
        for form, token in self._forms[start:]:
            if not form.startswith(word):
                break
            found.append(token)
        return [*found, *(token for form, token in self._plain_learned() if form.startswith(word))]

    def _accented(self) -> list[int]:
        bytes_beyond_ascii = np.flatnonzero(self._vocabulary.text >= 0x80)
        words = self._vocabulary.offsets.searchsorted(bytes_beyond_ascii, side="right") - 1
        # The numbers ascend. np.unique would import numpy.ma, which takes longer than all of this.
        words = words[np.flatnonzero(np.diff(words, prepend=-1))]
        return [token for token in (words + FIRST).tolist() if self._vocabulary.spelled(token)[:1] == b" "]

    def _plain(self, token: int) -> tuple[str, int]:
        word = text_of(self._vocabulary.spelled(token))[1:]
        plain = "".join(c for c in unicodedata.normalize("NFD", word) if unicodedata.category(c) != "Mn")
        return (plain if len(plain) == len(word) else "", token)

    def _plain_learned(self) -> list[tuple[str, int]]:
        for number, spelled in enumerate(self._vocabulary.learned[self._seen :], start=self._seen):
            if not spelled.isascii() and spelled[:1] == b" ":
                self._learned.append(self._plain(FIRST + self._vocabulary.sorted + number))
        self._seen = len(self._vocabulary.learned)
        return self._learned


def is_shouted(word: str) -> bool:
    """Whether a word is typed in capitals, not only with an initial one."""
    return len(word) > 1 and word.isupper() and word.isalpha()


def lowered(word: str) -> str | None:
    """The typed beginning of a word in lower case; None if it has no capitals, or has some inside."""
    if is_shouted(word) or (word[:1].isupper() and word[1:] == word[1:].lower()):
        plain = word.lower()
        return plain if len(plain) == len(word) and plain != word else None
    return None


def dressed(word: str, typed: str) -> str:
    """`word` with the capitals of its typed beginning."""
    return word.upper() if is_shouted(typed) else word[:1].upper() + word[1:]


def begins_sentence(at: Cursor) -> bool:
    """Whether the cursor is at the first word of a sentence, with nothing typed."""
    return not at.token and SENTENCE_END.search(at.before) is not None
