"""The suggested words with their numbers and probabilities: one line, three columns of fixed width."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len
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

    whole: reactive[bool] = reactive(False)  # the candidates are messages, which are never cut

    def show(self, candidates: Sequence[Candidate], chosen: int | None, *, whole: bool) -> None:
        self.whole, self.candidates, self.chosen = whole, candidates, chosen

    def fitting(self, messages: Sequence[tuple[str, float]]) -> list[tuple[str, float]]:
        """The messages that fit side by side in the line; each with its probability."""
        found: list[tuple[str, float]] = []
        room = self.content_size.width
        for text, probability in messages:
            width = cell_len(visible_line(text)) + len(f"{len(found) + 1}  {probability:.0%}  ")
            if width <= room:
                found.append((text, probability))
                room -= width
        return found

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
        word = Content(visible_line(candidate.text))
        if not self.whole:
            word = word.truncate(max(1, self._column - len(number) - len(share) - 2), ellipsis=True)
        word = word.stylize("bold reverse" if index == self.chosen else "bold")
        cell = Content.assemble((number, "$foreground-muted"), word, (share, "$foreground-muted"))
        return Content.assemble(cell, "  ") if self.whole else cell.truncate(self._column, pad=True)

    def on_click(self, event: events.Click) -> None:
        x = event.x - self.gutter.left
        for index, candidate in enumerate(self.candidates[:COLUMNS]):
            width = self._cell(index, candidate).cell_length
            if 0 <= x < width:
                self.post_message(self.Clicked(index))
            x -= width
