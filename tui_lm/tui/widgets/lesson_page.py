"""The text of a lesson with its experiments: a click on one, or Enter, shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Markdown, Static

from tui_lm.lessons import Experiment, Lesson
from tui_lm.tui.terminal import keys
from tui_lm.tui.widgets.calm import Calm


class ExperimentLine(Static, can_focus=True):
    """`number` counts the experiments of the lesson from 0."""

    BINDINGS: ClassVar[list[BindingType]] = keys.EXPERIMENT

    @dataclass
    class Chosen(Message):
        number: int

    def __init__(self, number: int, experiment: Experiment) -> None:
        super().__init__(Content(f"▸ {experiment.label}"), classes="experiment")
        self.number = number

    def on_click(self, event: events.Click) -> None:
        self.action_choose()

    def action_choose(self) -> None:
        self.post_message(self.Chosen(self.number))


class LessonPage(Calm, VerticalScroll, can_focus=True):
    def __init__(self, lesson: Lesson) -> None:
        super().__init__()
        self._lesson = lesson
        self.border_title = Content(lesson.title)

    def compose(self) -> ComposeResult:
        number = 0
        for part in self._lesson.parts:
            if isinstance(part, str):
                yield Markdown(part, open_links=False)
            else:
                yield ExperimentLine(number, part)
                number += 1

    def mark(self, number: int) -> None:
        """Mark the experiment that is shown, and bring it into view."""
        for line in self.query(ExperimentLine):
            line.set_class(line.number == number, "-shown")
            if line.number == number:
                line.scroll_visible(animate=False)
