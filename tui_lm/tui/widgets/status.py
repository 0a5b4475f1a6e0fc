"""The state line: the state of the model, its name, and the number of keys saved."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from tui_lm.safe_text import visible_line

LABELS: dict[str, tuple[str, str]] = {
    "none": ("○ no model", "$foreground-muted"),
    "loading": ("○ loading", "$foreground-muted"),
    "ready": ("● ready", "$text-success"),
    "answering": ("◐ writing", "$text-accent"),
    "failed": ("× no model", "$text-error"),
}


class Status(Static):
    def show(self, state: str, *about: str) -> None:
        """`about` is the model's name, its description and more; empty parts are left out."""
        model = visible_line(" · ".join(part for part in about if part))
        self.update(Content.assemble(LABELS[state], "  ", (model, "$foreground-muted")))


def savings(pressed: int, typed: int) -> str:
    """The share of keys saved by suggestions: `pressed` keys wrote `typed` characters. "" before any."""
    if typed <= 0:
        return ""
    return f"{pressed:,} keys for {typed:,}: {max(0.0, 1 - pressed / typed):.0%} saved"
