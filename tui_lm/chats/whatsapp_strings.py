"""The phrases that WhatsApp writes into an export, in about twenty languages, from whatsapp_strings.json."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files

MARK = "\u200e"  # WhatsApp for iOS puts it before everything that it inserts
BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # for a character class
_BIDI = re.compile(f"[{BIDI}]")


def without_marks(text: str) -> str:
    return _BIDI.sub("", text)


@cache
def strings(name: str) -> tuple[str, ...]:
    """The strings of one list of the file."""
    table: dict[str, list[str]] = json.loads(files("tui_lm.chats").joinpath("whatsapp_strings.json").read_text("utf-8"))
    return tuple(table[name])
