"""The tokens of the n-grams: words, runs of other characters, and single characters of scripts without spaces.

A token after white space, or at the beginning of a message, is spelled with one space before it (" tomorrow", " :)");
a token that directly follows another is spelled without ("." in "ok."). So the n-grams also model spaces.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, insort
from collections.abc import Collection, Iterable, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from tui_lm.completion.words import UNSPACED
from tui_lm.tokenizers.tokenizer import bytes_of, text_of

END, BEGIN = 0, 1  # of a message; words follow
FIRST = 2
MOST_WORDS = 1 << 19  # ids have 19 bits
HOLE = b"\0"  # begins the spelling of a forgotten token; no text has a token that begins so and goes on
ASCII = re.compile(r"(\s*)([\w']+|[^\w\s']+)")


@cache
def _pattern() -> re.Pattern[str]:
    """The pattern of tokens in any script; combining marks belong to words. Built once, as it takes a while."""
    marks = "".join(
        chr(code)
        for code in (*range(0x300, 0x3100), *range(0xA600, 0xAC00), *range(0xFE20, 0xFE30))
        if unicodedata.category(chr(code))[0] == "M"
    )
    word = rf"(?![{UNSPACED}])[\w'’{marks}\u200c]"
    return re.compile(rf"(\s*)((?:{word})+|[{UNSPACED}]|[^\w\s'’]+)")


def tokens(text: str) -> list[str]:
    """The tokens of a message, without its end."""
    found = (ASCII if text.isascii() else _pattern()).findall(text)
    return [f" {body}" if space or not i else body for i, (space, body) in enumerate(found)]


def folded(token: str) -> str:
    """A token as the context of later ones: without case, and with a space before it."""
    return " " + token.lstrip(" ").casefold()


class Vocabulary:
    """Ids of tokens. Training tokens are sorted, so that a prefix is a range of ids; learned tokens follow in order."""

    def __init__(self, text: NDArray[np.uint8], offsets: NDArray[np.uint32]) -> None:
        self.text, self.offsets = text, offsets
        self.sorted = len(offsets) - 1
        self.learned: list[bytes] = []
        self._learned_ids: dict[bytes, int] = {}
        self._learned_sorted: list[bytes] = []
        self._spaced: slice | None = None  # the ids of training tokens with a space before them

    @classmethod
    def of(cls, words: Iterable[str]) -> Vocabulary:
        """The vocabulary of the training tokens and of their folded forms."""
        distinct = {form for word in set(words) for form in (word, folded(word))}
        ordered = sorted(map(bytes_of, distinct))[: MOST_WORDS - FIRST]
        offsets = np.cumsum([0, *map(len, ordered)], dtype=np.uint32)
        return cls(np.frombuffer(b"".join(ordered), dtype=np.uint8), offsets)

    def __len__(self) -> int:
        """The number of ids, END and BEGIN included."""
        return FIRST + self.sorted + len(self.learned)

    def spelled(self, token: int) -> bytes:
        index = token - FIRST
        if index >= self.sorted:
            return self.learned[index - self.sorted]
        return self.text[self.offsets[index] : self.offsets[index + 1]].tobytes()

    def text_of(self, token: int) -> str:
        return text_of(self.spelled(token))

    def find(self, token: str, among: slice | None = None) -> int | None:
        """The id of `token`, or None. The search is faster if the range `among` of training ids is given."""
        data = bytes_of(token)
        index = self._rank(data, among)
        if index < self.sorted and self.spelled(index + FIRST) == data:
            return index + FIRST
        return self._learned_ids.get(data)

    def ids(self, tokens: Iterable[str]) -> NDArray[np.int32]:
        """The ids of many training tokens; END for tokens beyond the size limit."""
        known = {self.spelled(token): token for token in range(FIRST, FIRST + self.sorted)}
        return np.array([known.get(bytes_of(token), END) for token in tokens], dtype=np.int32)

    def learn(self, token: str) -> int | None:
        """The id of `token`, a new one if necessary; None if the vocabulary is full."""
        known = self.find(token)
        if known is not None or len(self) >= MOST_WORDS:
            return known
        data = bytes_of(token)
        self._learned_ids[data] = len(self)
        self.learned.append(data)
        insort(self._learned_sorted, data)
        return self._learned_ids[data]

    def forget(self, learned: Collection[int]) -> None:
        """Replace learned tokens, by their number, by holes that nothing spells, so that other ids stay the same."""
        for number in learned:
            spelled, hole = self.learned[number], b"%s%d" % (HOLE, number)
            del self._learned_ids[spelled]
            self._learned_sorted.remove(spelled)
            self.learned[number] = hole
            self._learned_ids[hole] = FIRST + self.sorted + number
            insort(self._learned_sorted, hole)

    def are_spaced(self, ids: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Which of the tokens have a space before them."""
        if self._spaced is None:
            self._spaced = slice(self._rank(b" ") + FIRST, self._rank(b"!") + FIRST)
        trained: NDArray[np.bool_] = (ids >= self._spaced.start) & (ids < self._spaced.stop)
        for row in np.flatnonzero(ids >= FIRST + self.sorted):
            trained[row] = self.spelled(int(ids[row])).startswith(b" ")
        return trained

    def branch(self) -> Vocabulary:
        """A copy that learns independently."""
        other = Vocabulary(self.text, self.offsets)
        other.learned = [*self.learned]
        other._learned_ids = {**self._learned_ids}
        other._learned_sorted = [*self._learned_sorted]
        return other

    def starting_with(self, prefix: str) -> tuple[slice, Sequence[int]]:
        """The range of training ids, and the sorted learned ids, of the tokens that begin with `prefix`."""
        data = bytes_of(prefix)
        end = data + b"\xff" * 4
        fresh = self._learned_sorted
        found = fresh[bisect_left(fresh, data) : bisect_left(fresh, end)]
        low = self._rank(data) + FIRST
        trained = slice(low, self._rank(end, slice(low, FIRST + self.sorted)) + FIRST)
        return trained, sorted(self._learned_ids[word] for word in found)

    def _rank(self, data: bytes, among: slice | None = None) -> int:
        low, high = (0, self.sorted) if among is None else (among.start - FIRST, among.stop - FIRST)
        return bisect_left(range(self.sorted), data, low, high, key=lambda index: self.spelled(index + FIRST))
