"""What stands in a text where something private stood: one character a kind.

The characters are private-use ones (U+E9F0 on), which no script, emoji set or chat app has a meaning for. A tokenizer
therefore takes one for ordinary text, a single token in most of them, and what is before and after it stays apart. A
model learns from it where a number or an address comes; nobody wants to be offered one, so that whatever suggests or
samples leaves out the tokens that `begins` tells of.
"""

from __future__ import annotations

import re
from enum import StrEnum

FIRST = 0xE9F0


class Kind(StrEnum):
    """What is redacted, in the order of the placeholders; new kinds come last, since models keep the old ones."""

    KEY = "key"
    URL = "url"
    EMAIL = "email"
    IBAN = "iban"
    CARD = "card"
    CODE = "code"
    PHONE = "phone"
    NAME = "name"


PLACEHOLDERS = {kind: chr(FIRST + place) for place, kind in enumerate(Kind)}
_ANY = re.compile(f"[{chr(FIRST)}-{chr(FIRST + 15)}]")
_WHOLE = re.compile(b"\xee\xa7[\xb0-\xbf]")  # the same in UTF-8
_PARTS = b"\xee", b"\xee\xa7"


def holds_placeholder(text: str) -> bool:
    """Whether a placeholder stands in `text`."""
    return not text.isascii() and _ANY.search(text) is not None


def begins_placeholder(surface: bytes) -> bool:
    """Whether a token of this surface spells a placeholder, or its first bytes, so that it may never be chosen.

    Without such tokens no sequence of the others spells one: the first byte of a placeholder begins nothing else but
    private-use characters.
    """
    return surface.endswith(_PARTS) or _WHOLE.search(surface) is not None
