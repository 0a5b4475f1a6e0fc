"""The placeholders for private strings: one character per kind.

They are private-use characters (U+E9F0 on), which no script, emoji set or chat app uses. A tokenizer treats one as
ordinary text, usually as a single token, and does not merge it with the text around it. A model learns from them where
a number or an address comes. They must not be suggested or sampled: `begins_placeholder` tells which tokens to exclude.
"""

from __future__ import annotations

import re
from enum import StrEnum

FIRST = 0xE9F0


class PrivateKind(StrEnum):
    """The kinds of private strings, in the order of their placeholders. Saved models rely on it: new kinds go last."""

    KEY = "key"
    URL = "url"
    EMAIL = "email"
    IBAN = "iban"
    CARD = "card"
    CODE = "code"
    PHONE = "phone"
    NAME = "name"


PLACEHOLDERS = {kind: chr(FIRST + index) for index, kind in enumerate(PrivateKind)}
_ANY = re.compile(f"[{chr(FIRST)}-{chr(FIRST + 15)}]")
_WHOLE = re.compile(b"\xee\xa7[\xb0-\xbf]")  # the same in UTF-8
_PARTS = b"\xee", b"\xee\xa7"


def holds_placeholder(text: str) -> bool:
    """Whether `text` contains a placeholder."""
    return not text.isascii() and _ANY.search(text) is not None


def begins_placeholder(surface: bytes) -> bool:
    """Whether a token with this surface contains a placeholder or ends with its first bytes.

    The other tokens cannot form a placeholder together. Excluding these tokens costs no other text: the first byte of
    a placeholder begins only private-use characters.
    """
    return surface.endswith(_PARTS) or _WHOLE.search(surface) is not None
