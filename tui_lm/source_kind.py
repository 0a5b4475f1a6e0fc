"""The detector of a source's kind: a chat export, sentence pairs or prose, recognised by its content."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from tui_lm import chats
from tui_lm.sentence_pairs import looks_parallel

Kind = Literal["chat", "prose", "pairs"]


def kind_of(source: Path) -> Kind:
    """The kind of a source, by its content. Raises TuiLmError for a missing, empty or binary file."""
    chats.require_text(source)
    if chats.detect(source) is not None:
        return "chat"
    return "pairs" if looks_parallel(source) else "prose"
