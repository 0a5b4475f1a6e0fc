"""The suggested words with their numbers and probabilities: one line, three columns of fixed width."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from tui_lm.safe_text import visible_line

if TYPE_CHECKING:
    from tui_lm.completion import Candidate

COLUMNS = 3
_WIDEST = 30


class Candidates(Widget):
    """A click accepts a word; Down and Up in the text area choose one."""

    candidates: reactive[Sequence[Candidate]] = reactive[Sequence["Candidate"]](())
    chosen: reactive[int | None] = reactive[int | None](None)

    @dataclass
    class Clicked(Message):
        index: int

    @property
    def _column(self) -> int:
        return min(_WIDEST, self.size.width // COLUMNS)

    def render(self) -> Content:
        return Content("").join(
            self._cell(index, candidate) for index, candidate in enumerate(self.candidates[:COLUMNS])
        )

    def _cell(self, index: int, candidate: Candidate) -> Content:
        number = f"{index + 1} "
        share = f" {candidate.probability:.0%}"
        room = max(1, self._column - len(number) - len(share) - 2)
        word = Content(visible_line(candidate.text)).truncate(room, ellipsis=True)
        word = word.stylize("bold reverse" if index == self.chosen else "bold")
        cell = Content.assemble((number, "$foreground-muted"), word, (share, "$foreground-muted"))
        return cell.truncate(self._column, pad=True)

    def on_click(self, event: events.Click) -> None:
        index = (event.x - self.gutter.left) // max(1, self._column)
        if 0 <= index < len(self.candidates):
            self.post_message(self.Clicked(index))
