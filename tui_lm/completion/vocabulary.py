"""The tokens that the n-grams count: words, runs of other characters, and single characters of unspaced scripts.

A token that white space precedes, or that begins a message, is written with one space before it (" tomorrow", " :)");
one that is glued to what is before it is written without ("." in "ok."). Thus the n-grams know what a space says.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from tui_lm.completion.words import UNSPACED
from tui_lm.tokenizers.tokenizer import bytes_of, text_of

END, BEGIN = 0, 1  # of a message; words come after them
FIRST = 2
MOST_WORDS = 1 << 19  # ids have 19 bits
ASCII = re.compile(r"(\s*)([\w']+|[^\w\s']+)")


@cache
def _pattern() -> re.Pattern[str]:
    """Tokens of any script; marks are made a part of words once, when the first text needs them."""
    marks = "".join(
        chr(code)
        for code in (*range(0x300, 0x3100), *range(0xA600, 0xAC00), *range(0xFE20, 0xFE30))
        if unicodedata.category(chr(code))[0] == "M"
    )
    word = rf"(?![{UNSPACED}])[\w'’{marks}\u200c]"
    return re.compile(rf"(\s*)((?:{word})+|[{UNSPACED}]|[^\w\s'’]+)")


def tokens(text: str) -> list[str]:
    """The tokens of a message from its beginning, without its end."""
    found = (ASCII if text.isascii() else _pattern()).findall(text)
    return [f" {body}" if space or not i else body for i, (space, body) in enumerate(found)]


def folded(token: str) -> str:
    """What a token is to those after it: case and the space before it make no difference there."""
    return " " + token.lstrip(" ").casefold()


class Vocabulary:
    """Ids of tokens: those of training are sorted, so that a prefix is a range; those learned follow as they come."""

    def __init__(self, text: NDArray[np.uint8], offsets: NDArray[np.uint32]) -> None:
        self.text, self.offsets = text, offsets
        self.sorted = len(offsets) - 1
        self.learned: list[bytes] = []
        self._learned_ids: dict[bytes, int] = {}
        self._learned_sorted: list[bytes] = []
        self._spaced: slice | None = None  # the training tokens with a space before them

    @classmethod
    def of(cls, words: Iterable[str]) -> Vocabulary:
        """Of the training tokens and what they are to those after them."""
        distinct = {form for word in set(words) for form in (word, folded(word))}
        ordered = sorted(map(bytes_of, distinct))[: MOST_WORDS - FIRST]
        offsets = np.cumsum([0, *map(len, ordered)], dtype=np.uint32)
        return cls(np.frombuffer(b"".join(ordered), dtype=np.uint8), offsets)

    def __len__(self) -> int:
        """How many ids there are, END and BEGIN among them."""
        return FIRST + self.sorted + len(self.learned)

    def spelled(self, token: int) -> bytes:
        index = token - FIRST
        if index >= self.sorted:
            return self.learned[index - self.sorted]
        return self.text[self.offsets[index] : self.offsets[index + 1]].tobytes()

    def text_of(self, token: int) -> str:
        return text_of(self.spelled(token))

    def find(self, token: str, among: slice | None = None) -> int | None:
        """The id of `token`, which is sought faster where it is known `among` which training tokens it would be."""
        data = bytes_of(token)
        index = self._place(data, among)
        if index < self.sorted and self.spelled(index + FIRST) == data:
            return index + FIRST
        return self._learned_ids.get(data)

    def ids(self, tokens: Iterable[str]) -> NDArray[np.int32]:
        """The id of each of many training tokens, END for what there was no room for."""
        known = {self.spelled(token): token for token in range(FIRST, FIRST + self.sorted)}
        return np.array([known.get(bytes_of(token), END) for token in tokens], dtype=np.int32)

    def learn(self, token: str) -> int | None:
        """The id of `token`, a new one if need be; None where there is no room for it."""
        known = self.find(token)
        if known is not None or len(self) >= MOST_WORDS:
            return known
        data = bytes_of(token)
        self._learned_ids[data] = len(self)
        self.learned.append(data)
        insort(self._learned_sorted, data)
        return self._learned_ids[data]

    def are_spaced(self, ids: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Which of the tokens have a space before them."""
        if self._spaced is None:
            self._spaced = slice(self._place(b" ") + FIRST, self._place(b"!") + FIRST)
        trained: NDArray[np.bool_] = (ids >= self._spaced.start) & (ids < self._spaced.stop)
        for place in np.flatnonzero(ids >= FIRST + self.sorted):
            trained[place] = self.spelled(int(ids[place])).startswith(b" ")
        return trained

    def branch(self) -> Vocabulary:
        """The same words, to learn more apart from these."""
        other = Vocabulary(self.text, self.offsets)
        other.learned = [*self.learned]
        other._learned_ids = {**self._learned_ids}
        other._learned_sorted = [*self._learned_sorted]
        return other

    def starting_with(self, prefix: str) -> tuple[slice, Sequence[int]]:
        """The ids of training tokens that begin with `prefix`, and those of learned ones, sorted."""
        data = bytes_of(prefix)
        end = data + b"\xff" * 4
        fresh = self._learned_sorted
        found = fresh[bisect_left(fresh, data) : bisect_left(fresh, end)]
        low = self._place(data) + FIRST
        trained = slice(low, self._place(end, slice(low, FIRST + self.sorted)) + FIRST)
        return trained, sorted(self._learned_ids[word] for word in found)

    def _place(self, data: bytes, among: slice | None = None) -> int:
        low, high = (0, self.sorted) if among is None else (among.start - FIRST, among.stop - FIRST)
        return bisect_left(range(self.sorted), data, low, high, key=lambda index: self.spelled(index + FIRST))
