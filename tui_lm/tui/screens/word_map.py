"""The map of words: the neighbours of a word, or of a sum of words, as a list and in two dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from tui_lm.errors import TuiLmError
from tui_lm.safe_text import visible_line
from tui_lm.tui.screens.modal import Modal
from tui_lm.tui.widgets.entry import Entry

if TYPE_CHECKING:
    from tui_lm.inspection.spans import Line
    from tui_lm.vectors.words import Words

NEIGHBOURS = 20
FREQUENT = 40  # words that are shown before one is typed
HEIGHT = 11  # lines of the map, halved


class WordMapScreen(Modal[None]):
    """Word vectors are loaded and compared in a thread of their own; an answer to an earlier text is dropped."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._words: Words | None = None
        self._revision = 0

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = Content(f"Map of words: {visible_line(self._folder.name)}")
            box.border_subtitle = "Esc goes back"
            yield Entry(placeholder="a word, or king - man + woman", compact=True)
            with VerticalScroll(can_focus=False):
                yield Static(id="map")

    def on_mount(self) -> None:
        self.query_one(Entry).focus()
        self._changed()

    @on(Input.Changed)
    def _changed(self) -> None:
        self._revision += 1
        width = max(30, min(106, self.app.size.width - 8))
        self._draw(self.query_one(Entry).value, width, self._revision)

    @work(thread=True, exclusive=True, exit_on_error=False, group="map")
    def _draw(self, text: str, width: int, revision: int) -> None:
        try:
            drawn = self._drawn(text, width)
        except TuiLmError as error:
            drawn = Content.styled(f"{visible_line(error.message)}; {visible_line(error.hint)}", "$text-error")
        self.app.call_from_thread(self._show, drawn, revision)

    def _drawn(self, text: str, width: int) -> Content:
        """The neighbours and the map of a text; the most frequent words if there is none. Raises TuiLmError."""
        from tui_lm import checkpoint
        from tui_lm.inspection.drawing import frame_lines
        from tui_lm.inspection.spans import Paper
        from tui_lm.inspection.word_map import word_map
        from tui_lm.vectors.expression import Expression
        from tui_lm.vectors.words import Words

        if self._words is None:
            self._words = Words.of(checkpoint.load(self._folder))
        words = self._words
        if not text.strip():
            return _content(frame_lines(word_map(words, (), words.names[:FREQUENT]), Paper(width, HEIGHT)))
        expression = Expression.parse([text])
        near = expression.neighbours(words, NEIGHBOURS)
        frame = word_map(words, expression.words, [each.word for each in near])
        listed = "   ".join(f"{visible_line(each.word)} {each.cosine:.2f}" for each in near[:10])
        return Content("\n").join([Content(listed), Content(""), _content(frame_lines(frame, Paper(width, HEIGHT)))])

    def _show(self, drawn: Content, revision: int) -> None:
        if revision == self._revision and self.is_attached:
            self.query_one("#map", Static).update(drawn)


def _content(lines: Sequence[Line]) -> Content:
    return Content("\n").join(
        Content.assemble(*((span.text, "bold $text-primary" if span.bold else "") for span in line)) for line in lines
    )
