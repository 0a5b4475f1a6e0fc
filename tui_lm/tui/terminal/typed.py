"""Keys that Textual misreads: characters that it takes for unprintable, and Enter with another key held."""

from __future__ import annotations

import unicodedata
from types import SimpleNamespace
from typing import Any, cast

from textual import events

from tui_lm.safe_text import visible

_ENTERS = {"shift+\r": "shift+enter", "\r": "alt+enter"}  # as xterm's modifyOtherKeys, and tmux after it, send them


def name(event: events.Key) -> str:
    """The name of the key."""
    return _ENTERS.get(event.key, event.key)


def invisible(event: events.Key) -> str:
    """The character typed if it is a space or a joiner that Textual drops, such as U+3000 or U+200C; else ""."""
    character = event.character or ""
    if len(character) != 1 or character.isprintable() or visible(character) != character:
        return ""
    return character if unicodedata.category(character) in ("Cf", "Zs") else ""


def tell_enters_apart() -> None:
    """Let Alt+Enter, which most terminals send as Esc and a carriage return, arrive as a key of its own."""
    from textual._ansi_sequences import ANSI_SEQUENCES_KEYS

    table = cast(dict[str, Any], ANSI_SEQUENCES_KEYS)
    table["\x1b\r"] = (SimpleNamespace(value="alt+enter"),)
