"""The temperature as a slider: keys, mouse and number. 0 always takes the most probable token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from tui_lm.tui import keys

HOTTEST = 2.0
STEP = 0.1
_TRACK = 10
_LABEL = "temperature"


class Temperature(Widget, can_focus=True):
    BINDINGS: ClassVar[list[BindingType]] = keys.SLIDER

    temperature: reactive[float] = reactive(0.8)

    @dataclass
    class Changed(Message):
        temperature: float

    def __init__(self, temperature: float) -> None:
        super().__init__()
        self.set_reactive(Temperature.temperature, temperature)
        self.tooltip = "How random the answers are: click, scroll, or F7 and F8. 0 is greedy."

    def validate_temperature(self, value: float) -> float:
        return round(min(HOTTEST, max(0.0, value)), 2)

    def watch_temperature(self, _: float, value: float) -> None:
        self.post_message(self.Changed(value))

    def render(self) -> Content:
        label = "greedy" if self.temperature == 0 else _LABEL
        halves = round(min(1.0, self.temperature / HOTTEST) * _TRACK * 2)
        filled = "━" * (halves // 2) + "╸" * (halves % 2)
        return Content.assemble(
            (label.rjust(len(_LABEL)), "$foreground-muted"),
            " ",
            (filled, "$primary"),
            ("─" * (_TRACK - len(filled)), "$foreground-disabled"),
            (f" {self.temperature:.2f}", "bold"),
        )

    def action_warm(self, steps: int) -> None:
        self.temperature += steps * STEP

    def action_set(self, value: float) -> None:
        self.temperature = value

    def _follow(self, event: events.MouseEvent) -> None:
        x = event.x - self.gutter.left - len(_LABEL) - 1
        self.temperature = round((x + 0.5) / _TRACK * HOTTEST / STEP) * STEP

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self.capture_mouse()
        self._follow(event)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self.app.mouse_captured is self:
            self._follow(event)

    def on_mouse_up(self) -> None:
        self.release_mouse()

    def on_mouse_scroll_up(self) -> None:
        self.action_warm(1)

    def on_mouse_scroll_down(self) -> None:
        self.action_warm(-1)
