"""Word boundaries.

A word is a run of `[\\w'’]` with the combining marks of its letters. Other characters that are not white space
(punctuation, emoji) form runs of their own. A unit, the part that a candidate adds, is such a run, a word, or a run
followed by a word ("(hello", "<3"). It never ends inside a grapheme.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import IntEnum

WORD = re.compile(r"[\w'’]")
WORD_RUN = re.compile(r"[\w'’]+")
JOINER = "\N{ZERO WIDTH JOINER}"
# Characters that are no marks but extend the grapheme before them, and emoji modifiers.
EXTENDS = re.compile(
    "[\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}\N{THAI CHARACTER SARA AM}\N{LAO VOWEL SIGN AM}"
    "\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]"
)
# Han, kana, Thai, Lao, Myanmar, Khmer: written without spaces between words.
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
UNSPACED_CHARACTER = re.compile(f"[{UNSPACED}]")
OPENING, CLOSING = ("Ps", "Pi"), ("Pe", "Pf", "Po")  # general categories of punctuation
VIRAMA = 9  # combining class of the marks that join the next letter to the same grapheme


class RunKind(IntEnum):
    """The kind of a character or of a run of characters."""

    SPACE = 0
    OTHER = 1
    WORD = 2
    EXTEND = 3  # extends the grapheme before it and has its kind


def kind_of(character: str) -> RunKind:
    if EXTENDS.match(character) or unicodedata.category(character)[0] == "M":
        return RunKind.EXTEND
    if WORD.match(character):
        return RunKind.WORD
    return RunKind.SPACE if character.isspace() else RunKind.OTHER


def run_kind(text: str) -> RunKind | None:
    """The kind of all characters of `text`; None if it is empty or mixed."""
    kinds = {kind_of(character) for character in text}
    if len(kinds) > 1:
        kinds.discard(RunKind.EXTEND)
    return kinds.pop() if len(kinds) == 1 else None


def ends_word(text: str, end: int) -> bool:
    """Whether a word or another run ends at `end`: the boundary that keystroke savings are counted at."""
    if end >= len(text) or text[end].isspace():
        return True
    return not (WORD.match(text[end]) and WORD.match(text[end - 1]))


def is_unspaced(text: str) -> bool:
    """Whether `text` ends in a script without spaces between words."""
    return UNSPACED_CHARACTER.match(text[-1:]) is not None


def may_cut(text: str) -> bool:
    """Whether a grapheme may end at the end of `text`, unless a combining mark follows."""
    return not text or (text[-1] != JOINER and unicodedata.combining(text[-1]) != VIRAMA)


def without_marks(text: str) -> str:
    """`text` without brackets, quotes and punctuation around it; `text` itself if nothing else is in it (":)").

    What stands before a word and opens nothing belongs to it (":D", "<3", "#friday").
    """
    start, end = 0, len(text)
    while start < end and unicodedata.category(text[start]) in OPENING:
        start += 1
    while start < end and unicodedata.category(text[end - 1]) in CLOSING:
        end -= 1
    return text[start:end] or text


@dataclass(frozen=True, slots=True)
class Cursor:
    """The end of a text: the text before the token being typed, the token's lead ("(") and the word begun ("hel").

    The token is everything since the last white space: lead + word.
    """

    before: str
    lead: str
    word: str

    @property
    def token(self) -> str:
        return self.lead + self.word


def cursor(text: str) -> Cursor:
    start = len(text)
    while start and kind_of(text[start - 1]) in (RunKind.WORD, RunKind.EXTEND):
        start -= 1
    while start < len(text) and kind_of(text[start]) is RunKind.EXTEND:
        start += 1  # combining marks of the character before the word
    token = start
    while token and not text[token - 1].isspace():
        token -= 1
    return Cursor(text[:token], text[token:start], text[start:])
