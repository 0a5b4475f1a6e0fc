"""The state line: what the model is doing, and which model it is."""

from __future__ import annotations

from typing import Literal

from textual.content import Content
from textual.widgets import Static

from tui_lm.tui.plain import visible_line

State = Literal["loading", "ready", "answering", "failed"]
_LABELS: dict[State, tuple[str, str]] = {
    "loading": ("○ loading", "$foreground-muted"),
    "ready": ("● ready", "$text-success"),
    "answering": ("◐ answering", "$text-accent"),
    "failed": ("× no model", "$text-error"),
}


class Status(Static):
    def show(self, state: State, *about: str) -> None:
        """`about`: the model's name and what it is; empty parts are left out."""
        model = visible_line(" · ".join(part for part in about if part))
        self.update(Content.assemble(_LABELS[state], "  ", (model, "$foreground-muted")))
