"""The state line: what the model is doing, which model it is, and how many keys it has saved."""

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
        """`about`: the model's name, what it is, and more; empty parts are left out."""
        model = visible_line(" · ".join(part for part in about if part))
        self.update(Content.assemble(LABELS[state], "  ", (model, "$foreground-muted")))


def savings(pressed: int, typed: int) -> str:
    """What suggestions have saved: keys pressed beside the keys that it would have taken without them."""
    if typed <= 0:
        return ""
    return f"{pressed:,} keys for {typed:,}: {max(0.0, 1 - pressed / typed):.0%} saved"
