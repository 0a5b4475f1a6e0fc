"""The probabilities of the next token, and below them the sampling settings that change them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from tui_lm.settings import PRESETS, Settings, preset_of
from tui_lm.tui.jobs import writing
from tui_lm.tui.jobs.pointer import Pointer
from tui_lm.tui.jobs.subjects import Subject, Written
from tui_lm.tui.widgets.form import Field, Form, setting_field
from tui_lm.tui.widgets.next_token import NextTokenBars

OWN = "own"  # no preset
CONTROLS = ("top_k", "top_p", "min_p", "repeat_penalty", "seed")


def control_fields(settings: Settings) -> Sequence[Field]:
    preset = Field("preset", "Preset", "Several values at once", preset_of(settings) or OWN, choices=tuple(PRESETS))
    return [preset, *(setting_field(name, settings) for name in CONTROLS)]


class NextView(Vertical):
    def __init__(self, settings: Settings, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._settings = settings

    def compose(self) -> ComposeResult:
        yield NextTokenBars()
        yield Form(control_fields(self._settings), id="controls")

    def job(self, revision: int, subject: Subject, pointer: Pointer, settings: Settings, asker: Any) -> writing.Look:
        assert isinstance(subject, Written)  # the view stands beside what is written
        return writing.Look(asker, revision, subject.context, settings)

    def follow(self, settings: Settings) -> None:
        self.query_one("#controls", Form).show(control_fields(settings))

    def take(self, message: Message) -> None:
        if isinstance(message, writing.Looked):
            bars = self.query_one(NextTokenBars)
            bars.next_token, bars.words = message.next_token, message.words
