"""A view of the inspector, drawn in the inference thread: here its lines become what a terminal shows."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui_lm.safe_text import visible_line
from tui_lm.tui.jobs import inspecting
from tui_lm.tui.jobs.pointer import Pointer
from tui_lm.tui.jobs.subjects import Subject
from tui_lm.tui.terminal import keys
from tui_lm.tui.terminal.themes import LARGE_PRINT
from tui_lm.tui.widgets.calm import Calm
from tui_lm.tui.widgets.pointing import Pointing

if TYPE_CHECKING:
    from tui_lm.inspection.spans import HeatRow, Line
    from tui_lm.settings import Settings


@lru_cache(1024)
def _style(foreground: str | None, background: str | None, bold: bool) -> Style:
    return Style(color=foreground, bgcolor=background, bold=bold or None)


class FrameView(Calm, ScrollView, can_focus=True):
    """The keys of keys.PANEL move the cursor, which all views share: each is posted as `Pointing.Wanted`.

    `why_not_wanted` says why one is not possible now, or "". The text is shaded as well if it has a `text_width`.
    """

    BINDINGS: ClassVar[list[BindingType]] = keys.PANEL

    @dataclass
    class Picked(Message):
        """A click on a row of a heat map; `column` is None if it was on the row's label."""

        row: HeatRow
        column: int | None

    def __init__(
        self, view: str, why_not_wanted: Callable[[str], str], *, text_width: int = 0, id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self._why_not_wanted = why_not_wanted
        self.name_of_view = view
        self.steps = 0
        self.text_width = text_width
        self._lines: Sequence[Line] = ()
        self._scales: Sequence[Line] = ()  # stand at the bottom, however far the lines are scrolled

    def job(
        self, revision: int, subject: Subject, pointer: Pointer, settings: Settings, asker: Any
    ) -> inspecting.Inspect:
        return inspecting.Inspect(asker, revision, subject, self.name_of_view, pointer, self._sheet, settings)

    def slow_job(
        self, revision: int, subject: Subject, pointer: Pointer, settings: Settings, asker: Any
    ) -> inspecting.Explain:
        return inspecting.Explain(asker, revision, subject, self.name_of_view, pointer, self._sheet, settings)

    @property
    def _sheet(self) -> inspecting.Sheet:
        width, height = self.size
        app = self.app
        large = app.theme == LARGE_PRINT
        return inspecting.Sheet(
            max(20, width - 1), height, not app.no_color, app.current_theme.dark, large, self.text_width
        )

    def follow(self, settings: Settings) -> None:
        """A changed setting shows in the next frame."""

    def take(self, message: Message) -> None:
        if not isinstance(message, inspecting.Inspected):
            return
        self.steps = len(message.labels)
        if list(message.lines) != list(self._lines) or list(message.scales) != list(self._scales):
            self._lines, self._scales = message.lines, message.scales
            widest = max((sum(cell_len(span.text) for span in line) for line in self._lines), default=0)
            self.virtual_size = Size(widest, len(self._lines) + len(self._scales))
            self.refresh()
            self._follow_row()

    def _follow_row(self) -> None:
        """Scroll to the row that is pointed at."""
        pointed = (y for y, line in enumerate(self._lines) if any(span.row and span.row.pointed for span in line))
        row = next(pointed, None)
        if row is not None:
            self.scroll_to(y=max(0, row - self.size.height + len(self._scales) + 4), animate=False)

    @property
    def _room(self) -> int:
        """The lines above the scales."""
        return self.size.height - len(self._scales)

    def _line_at(self, y: int) -> Line | None:
        """The line that is drawn at row `y` of the widget."""
        if y >= self._room >= 0:
            return self._scales[y - self._room]
        at = self.scroll_offset.y + y
        return self._lines[at] if at < len(self._lines) else None

    def render_line(self, y: int) -> Strip:
        left = self.scroll_offset.x if y < self._room else 0
        width = self.size.width
        line = self._line_at(y)
        if line is None:
            return Strip.blank(width, self.rich_style)
        segments = [
            Segment(visible_line(text), _style(foreground, background, bold))
            for text, foreground, background, bold, _ in line
        ]
        return Strip(segments).crop_extend(left, left + width, None).apply_style(self.rich_style)

    def say(self, text: str) -> None:
        """Show words until the view is drawn."""
        from tui_lm.inspection.spans import Span  # numpy: not before the first frame

        lines = [[Span(piece)] for piece in textwrap.wrap(text, max(20, self.size.width - 1))]
        if lines != self._lines:
            self._lines, self._scales = lines, ()
            self.virtual_size = Size(self.size.width, len(lines))
            self.refresh()

    def on_resize(self, event: events.Resize) -> None:
        self.action_want("again")

    def on_click(self, event: events.Click) -> None:
        picked = self._picked(self.scroll_offset.x + event.x, event.y)
        if picked is None:
            self.action_want("work")
        else:
            self.post_message(picked)

    def _picked(self, x: int, y: int) -> Picked | None:
        """The row and column of a heat map that are drawn at a cell of the view."""
        begin, end, row = 0, 0, None
        for text, _, _, _, of in self._line_at(y) or ():
            if of != row:
                begin, row = end, of
            end += cell_len(text)
            if x < end:
                if row is None:
                    return None
                column = row.first + (x - begin) // row.wide
                return self.Picked(row, column if column < row.last else None)
        return None

    def why_not(self, action: str, parameter: str) -> str:
        """Why an action is not possible now, or ""."""
        return self._why_not_wanted(parameter)

    def action_want(self, what: str, by: int = 0) -> None:
        self.post_message(Pointing.Wanted(what, by))
