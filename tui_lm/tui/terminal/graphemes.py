"""What a person takes for one character: a letter with its marks, an emoji with its tone, a family of emoji, a flag."""

from __future__ import annotations

import unicodedata

_JOINERS = "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"


def begins_before(text: str, at: int) -> int:
    """The index where the grapheme that ends at `at` begins; 0 at the beginning of `text`."""
    start = max(0, at - 1)
    while start > 0 and _continues(text, start):
        start -= 1
    return start


def ends_after(text: str, at: int) -> int:
    """The index where the grapheme that begins at `at` ends; the length of `text` at its end."""
    end = min(len(text), at + 1)
    while end < len(text) and _continues(text, end):
        end += 1
    return end


def _continues(text: str, at: int) -> bool:
    """Whether the character at `at` belongs to the grapheme of the one before it."""
    character, before = text[at], text[at - 1]
    if character in _JOINERS or unicodedata.category(character).startswith("M") or _modifies(character):
        return True
    if before == "\N{ZERO WIDTH JOINER}":
        return unicodedata.category(character) == "So"  # the next member of a family
    if not _is_flag_letter(character):
        return False
    letters = len(text[:at]) - len(text[:at].rstrip("".join(map(chr, range(0x1F1E6, 0x1F200)))))
    return letters % 2 == 1  # two letters make a flag


def _modifies(character: str) -> bool:
    """Skin tones, and the tags of the flags of regions."""
    return "\U0001f3fb" <= character <= "\U0001f3ff" or "\U000e0020" <= character <= "\U000e007f"


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"
