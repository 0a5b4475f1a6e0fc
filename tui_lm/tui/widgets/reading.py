"""The text itself, every token on the colour of its value. Click or arrow to a token, and the inspector follows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.style import Style
from textual.widget import Widget

from tui_lm.inspection.cursor import Cursor
from tui_lm.safe_text import visible_line
from tui_lm.tui.jobs.inspecting import Shaded
from tui_lm.tui.terminal import keys
from tui_lm.tui.widgets.calm import Calm
from tui_lm.tui.widgets.pointing import Pointing

SPACE = "␣"  # stands for a space at the beginning of a label
EMPTY = "Write a text above: here it is read, a token at a time."


@dataclass(frozen=True)
class _Cell:
    """A token where it is drawn."""

    time: int
    x: int
    y: int
    text: str


class Reading(Calm, Widget, can_focus=True):
    """Each wish for another step, span or shade is posted as `Pointing.Wanted`."""

    BINDINGS: ClassVar[list[BindingType]] = keys.READING

    @dataclass
    class Entered(Message):
        """Enter was pressed: on the span, or on the step if there is none."""

    def __init__(self) -> None:
        super().__init__()
        self._shaded: Shaded | None = None
        self._cursor = Cursor()

    def on_mount(self) -> None:
        self.border_title = "Read"

    def show(self, shaded: Shaded, cursor: Cursor) -> None:
        if (shaded, cursor) != (self._shaded, self._cursor):
            height = self._height(self.size.width)
            self._shaded, self._cursor = shaded, cursor
            self.border_title = Content(visible_line(shaded.title))
            self.refresh(layout=height != self._height(self.size.width))

    @property
    def time(self) -> int:
        last = len(self._shaded.tokens) - 1 if self._shaded else 0
        return last if self._cursor.time is None else min(self._cursor.time, last)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return self._height(width)

    def _height(self, width: int) -> int:
        cells = list(self._cells(width))
        rows = self._rows_a_line * (1 + cells[-1].y if cells else 1)
        return rows + (len(self._shaded.scales) if self._shaded else 0)

    @property
    def _rows_a_line(self) -> int:
        """Without colour, the values stand under the text as characters."""
        return 1 if self._shaded is None or self._shaded.colour else 2

    def _cells(self, width: int) -> Iterator[_Cell]:
        """The tokens in lines of at most `width` cells, broken at spaces where that is possible."""
        line: list[tuple[int, str]] = []
        used = y = 0
        for time, token in enumerate(self._shaded.tokens if self._shaded else ()):
            text = token.label.replace(SPACE, " ") if self._shaded and self._shaded.colour else token.label
            if used + cell_len(text) > width and line:
                begins = [at for at, (_, piece) in enumerate(line) if at and piece[0] in f" {SPACE}"]
                cut = begins[-1] if begins and text[0] not in f" {SPACE}" else len(line)
                yield from _placed(line[:cut], y)
                line, y = line[cut:], y + 1
                used = sum(cell_len(piece) for _, piece in line)
            line.append((time, text))
            used += cell_len(text)
        yield from _placed(line, y)

    def render(self) -> Content:
        if self._shaded is None or not self._shaded.tokens:
            return Content.styled(EMPTY, "$foreground-muted")
        lines: list[list[Content]] = []
        marks: list[str] = []
        for cell in self._cells(self.size.width):
            if cell.y == len(lines):
                lines.append([])
                marks.append("")
            lines[cell.y].append(self._drawn(cell))
            marks[cell.y] += self._shaded.tokens[cell.time].mark.ljust(cell_len(cell.text))
        text = [Content("").join(pieces) for pieces in lines]
        if not self._shaded.colour:
            text = [row for line, mark in zip(text, marks, strict=True) for row in (line, Content(mark))]
        room = max(1, self.size.height - len(self._shaded.scales))
        first = self._first_row(len(text), room)
        scales = [
            Content("").join(Content.styled(span.text, _style(span.foreground, span.background)) for span in line)
            for line in self._shaded.scales
        ]
        shown = text[first : first + room]
        return Content("\n").join([*shown, *[Content("")] * (room - len(shown)), *scales])

    def _first_row(self, rows: int, room: int) -> int:
        """The first row that is drawn: the step that is looked at stays in view."""
        at = next((cell.y for cell in self._cells(self.size.width) if cell.time == self.time), 0) * self._rows_a_line
        return max(0, min(at - room // 2, rows - room))

    def _drawn(self, cell: _Cell) -> Content:
        assert self._shaded is not None
        token = self._shaded.tokens[cell.time]
        style = _style(token.foreground, token.background) if token.background else Style.null()
        first, last = self._cursor.span or (-1, -1)
        if first <= cell.time <= last:
            style += Style(underline=True)
        if cell.time == self.time:
            style += Style(bold=True, reverse=True)
        return Content.styled(cell.text, style)

    def _at(self, x: int, y: int) -> int | None:
        """The step whose token is drawn at a cell of the content."""
        if self._shaded is None:
            return None
        cells = list(self._cells(self.size.width))
        rows = self._rows_a_line * (1 + cells[-1].y if cells else 0)
        row = (y + self._first_row(rows, max(1, self.size.height - len(self._shaded.scales)))) // self._rows_a_line
        return next((c.time for c in cells if c.y == row and c.x <= x < c.x + cell_len(c.text)), None)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        offset = event.get_content_offset(self)
        time = None if offset is None else self._at(offset.x, offset.y)
        if time is not None:
            self.post_message(Pointing.Wanted("to" if event.shift else "time", time))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        offset = event.get_content_offset(self) if event.button == 1 else None
        time = None if offset is None else self._at(offset.x, offset.y)
        if time is not None and time != self.time:
            self.post_message(Pointing.Wanted("to", time))

    def action_want(self, what: str, by: int = 0) -> None:
        self.post_message(Pointing.Wanted(what, by))

    def action_row(self, by: int) -> None:
        """Go to the token above or below."""
        cells = {cell.time: cell for cell in self._cells(self.size.width)}
        if here := cells.get(self.time):
            row = [cell for cell in cells.values() if cell.y == here.y + by]
            if row:
                nearest = min(row, key=lambda cell: abs(cell.x - here.x))
                self.action_want("time", nearest.time)

    def action_enter(self) -> None:
        self.post_message(self.Entered())


def _placed(line: list[tuple[int, str]], y: int) -> Iterator[_Cell]:
    x = 0
    for time, text in line:
        yield _Cell(time, x, y, text)
        x += cell_len(text)


def _style(foreground: str | None, background: str | None) -> Style:
    from textual.color import Color

    return Style(
        foreground=Color.parse(foreground) if foreground else None,
        background=Color.parse(background) if background else None,
    )
