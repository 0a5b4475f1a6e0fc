"""Splits lines that are too long for a translator: after sentences, else after clauses, else between words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

CLOSING = "[\"'”’»)\\]]*"
SENTENCE = re.compile(rf"(?:[.!?…।॥؟]+{CLOSING}\s+|[。！？]+[」』）]*\s*)")
CLAUSE = re.compile(r"[,;:،؛]\s+|\s+[-–—]\s+|[、，；：]\s*")
SPACE = re.compile(r"\s+")
JOINER = "\N{ZERO WIDTH JOINER}"

Count = Callable[[str], int]
"""The number of tokens of a text."""


def split(text: str, count: Count, limit: int) -> list[str]:
    """Pieces of at most about `limit` tokens whose concatenation is `text`. A text that is short enough stays whole.

    Each sentence is a piece. The clauses or words of a longer sentence are packed into as few pieces as possible.
    """
    if count(text) <= limit:
        return [text]
    pieces: list[str] = []
    for sentence in _parts(text, SENTENCE):
        pieces += [sentence] if count(sentence) <= limit else _packed(sentence, count, limit, (CLAUSE, SPACE))
    return pieces


def gap(text: str) -> str:
    """The separator between the translations of two pieces: a space, or nothing after a script without spaces."""
    return " " if text and not ("\u3000" <= text[-1] <= "\u9fff" or "\uff00" <= text[-1] <= "\uffef") else ""


def _parts(text: str, end: re.Pattern[str]) -> Iterator[str]:
    """`text` cut after each match of `end`."""
    start = 0
    for match in end.finditer(text):
        yield text[start : match.end()]
        start = match.end()
    if start < len(text):
        yield text[start:]


def _packed(text: str, count: Count, limit: int, ends: tuple[re.Pattern[str], ...]) -> list[str]:
    if not ends:
        return _halved(text, count, limit)
    pieces: list[str] = []
    room = 0
    for part in _parts(text, ends[0]):
        size = count(part)
        if size > limit:
            pieces += _packed(part, count, limit, ends[1:])
            room = 0
        elif size <= room:
            pieces[-1] += part
            room -= size
        else:
            pieces.append(part)
            room = limit - size
    return pieces


def _halved(text: str, count: Count, limit: int) -> list[str]:
    """A run without spaces, halved until each part is short enough; never between a character and its marks."""
    if count(text) <= limit or len(text) < 2:
        return [text]
    middle = len(text) // 2
    while middle < len(text) and _continues(text, middle):
        middle += 1
    if middle == len(text):
        return [text[i : i + limit] for i in range(0, len(text), limit)]
    return _halved(text[:middle], count, limit) + _halved(text[middle:], count, limit)


def _continues(text: str, at: int) -> bool:
    """Whether the character at `at` belongs to the grapheme before it."""
    return unicodedata.category(text[at]).startswith("M") or JOINER in text[at - 1 : at + 1]
