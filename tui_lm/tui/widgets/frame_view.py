"""A view of the inspector as it was drawn in the thread that thinks: here lines only become what a terminal shows."""

from __future__ import annotations

from collections.abc import Sequence
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

from tui_lm.tui import jobs, keys
from tui_lm.tui.calm import Calm
from tui_lm.tui.plain import visible_cells

if TYPE_CHECKING:
    from tui_lm.inspection import Line
    from tui_lm.settings import Settings
    from tui_lm.tui.app import TuiLmApp


@lru_cache(1024)
def _style(foreground: str | None, background: str | None, bold: bool) -> Style:
    return Style(color=foreground, bgcolor=background, bold=bold or None)


class FrameView(Calm, ScrollView, can_focus=True):
    """Left and Right move to another moment, Up and Down to another layer; End follows what is typed again."""

    BINDINGS: ClassVar[list[BindingType]] = keys.PANEL
    app: TuiLmApp

    @dataclass
    class Pointed(Message):
        """Something else is to be looked at."""

    def __init__(self, view: str, **options: Any) -> None:
        super().__init__(**options)
        self.name_of_view = view
        self.time: int | None = None
        self.of_layer: int | None = None
        self.steps = 0
        self._lines: Sequence[Line] = ()

    def job(self, revision: int, place: jobs.Place, asker: Any) -> jobs.Inspect:
        pointed: list[tuple[str, Any]] = [("temperature", self.app.settings.temperature or 1.0)]
        if self.time is not None:
            pointed.append(("time", min(self.time, self.steps - 1)))
        if self.of_layer is not None:
            pointed.append(("layer", self.of_layer))
        size = self.size
        paper = (max(20, size.width - 1), size.height, not self.app.no_color, self.app.current_theme.dark)
        return jobs.Inspect(asker, revision, place, self.name_of_view, tuple(pointed), paper)

    def follow(self, settings: Settings) -> None:
        """What was changed shows with the next frame."""

    def take(self, message: Message) -> None:
        if not isinstance(message, jobs.Inspected):
            return
        self.steps = message.steps
        if list(message.lines) != list(self._lines):
            self._lines = message.lines
            widest = max((sum(cell_len(span.text) for span in line) for line in self._lines), default=0)
            self.virtual_size = Size(widest, len(self._lines))
            self.refresh()

    def render_line(self, y: int) -> Strip:
        left, top = self.scroll_offset
        width = self.size.width
        if top + y >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        segments = [
            Segment(visible_cells(text), _style(foreground, background, bold))
            for text, foreground, background, bold in self._lines[top + y]
        ]
        return Strip(segments).crop_extend(left, left + width, None).apply_style(self.rich_style)

    def on_resize(self, event: events.Resize) -> None:
        self.post_message(self.Pointed())

    # Keys

    def action_step(self, by: int) -> None:
        if self.steps:
            now = self.steps - 1 if self.time is None else self.time
            self.time = max(0, min(self.steps - 1, now + by))
            self.post_message(self.Pointed())

    def action_pick(self, by: int) -> None:
        """Layers count from the last one backwards, which is where one begins."""
        self.of_layer = min(-1, (-1 if self.of_layer is None else self.of_layer) + by)
        self.post_message(self.Pointed())

    def action_live(self) -> None:
        self.time = None
        self.post_message(self.Pointed())
