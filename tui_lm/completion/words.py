"""Where words begin and end.

A word is a run of `[\\w'’]` with the marks that belong to its letters. Other characters that are no white space
(punctuation, emoji) form runs of their own. A unit, which is what a candidate adds, is such a run, a word, or both
one after the other ("(hello", "<3"); it ends where the next character begins something else, never inside a grapheme.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import IntEnum

WORD = re.compile(r"[\w'’]")
WORD_RUN = re.compile(r"[\w'’]+")
JOINER = "\N{ZERO WIDTH JOINER}"
# Letters that Unicode keeps in one grapheme with what is before them although they are no marks, and emoji modifiers.
EXTENDS = re.compile(
    "[\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}\N{THAI CHARACTER SARA AM}\N{LAO VOWEL SIGN AM}"
    "\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]"
)
# Han, kana, Thai, Lao, Myanmar, Khmer: written without spaces between words.
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
UNSPACED_CHARACTER = re.compile(f"[{UNSPACED}]")
VIRAMA = 9  # the combining class of marks that bind the next letter into the same grapheme


class Kind(IntEnum):
    """What a character, or a run of them, is."""

    SPACE = 0
    OTHER = 1
    WORD = 2
    EXTEND = 3  # belongs to the grapheme before it, and so is what that one is


def kind_of(character: str) -> Kind:
    if EXTENDS.match(character) or unicodedata.category(character)[0] == "M":
        return Kind.EXTEND
    if WORD.match(character):
        return Kind.WORD
    return Kind.SPACE if character.isspace() else Kind.OTHER


def run_kind(text: str) -> Kind | None:
    """The kind that all of `text` shares; None where it is empty or holds several kinds."""
    kinds = {kind_of(character) for character in text}
    if len(kinds) > 1:
        kinds.discard(Kind.EXTEND)
    return kinds.pop() if len(kinds) == 1 else None


def ends_word(text: str, end: int) -> bool:
    """Whether a word, or whatever else is at `end`, ends there: the boundary that keystroke savings are counted at."""
    if end >= len(text) or text[end].isspace():
        return True
    return not (WORD.match(text[end]) and WORD.match(text[end - 1]))


def is_unspaced(text: str) -> bool:
    """Whether `text` ends in a script that has no spaces between words."""
    return UNSPACED_CHARACTER.match(text[-1:]) is not None


def may_cut(text: str) -> bool:
    """Whether the next character may be in another grapheme than the last of `text`, if it is no mark."""
    return not text or (text[-1] != JOINER and unicodedata.combining(text[-1]) != VIRAMA)


@dataclass(frozen=True, slots=True)
class Cursor:
    """A text at its end: what is before the token being typed, its lead ("(") and the word begun ("hel").

    The token is what has been typed since the last white space: lead + word.
    """

    before: str
    lead: str
    word: str

    @property
    def token(self) -> str:
        return self.lead + self.word


def cursor(text: str) -> Cursor:
    start = len(text)
    while start and kind_of(text[start - 1]) in (Kind.WORD, Kind.EXTEND):
        start -= 1
    while start < len(text) and kind_of(text[start]) is Kind.EXTEND:
        start += 1  # marks of what is before the word
    token = start
    while token and not text[token - 1].isspace():
        token -= 1
    return Cursor(text[:token], text[token:start], text[start:])
