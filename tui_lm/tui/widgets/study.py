"""A text to type, the same text shaded by what the network does with it, and the views of the inspector."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import TextArea

from tui_lm.settings import Settings
from tui_lm.tui.jobs.inference import Inference
from tui_lm.tui.jobs.subjects import Subject
from tui_lm.tui.terminal.notices import Notices
from tui_lm.tui.widgets.calm import Calm
from tui_lm.tui.widgets.entry import PlainArea
from tui_lm.tui.widgets.pointing import Pointing
from tui_lm.tui.widgets.reading import Reading
from tui_lm.tui.widgets.wide_inspector import WideInspector

NARROWEST = 20  # least cells of a line of the shaded text


class Study(Calm, Container):
    """`text` is what stands there at first, `view` the view shown first. The screen answers `Edited` by `look`."""

    @dataclass
    class Edited(Message):
        """The text has changed."""

        text: str

    def __init__(self, text: str, view: str, inference: Inference, notices: Notices, settings: Settings) -> None:
        super().__init__()
        self._first_text = text
        self._inspector = WideInspector(view, inference, notices, settings, text_width=NARROWEST)

    def compose(self) -> ComposeResult:
        with Vertical(id="text-side"):
            area = PlainArea(self._first_text, compact=True, highlight_cursor_line=False)
            area.cursor_blink = False
            yield area
            yield Reading()
        yield self._inspector

    def on_mount(self) -> None:
        self.area.move_cursor(self.area.document.end)
        self.name_author("")

    @property
    def area(self) -> PlainArea:
        return self.query_one(PlainArea)

    @property
    def reading(self) -> Reading:
        return self.query_one(Reading)

    @property
    def inspector(self) -> WideInspector:
        return self._inspector

    @property
    def text(self) -> str:
        return self.area.text

    def put(self, text: str) -> None:
        """Put another text in place of the one there."""
        self.area.load_text(text)
        self.area.move_cursor(self.area.document.end)
        self._inspector.point("live")

    def name_author(self, author: str) -> None:
        self.area.border_title = Content(f"Text of {author}" if author else "Text")

    def look(self, subject: Subject) -> None:
        self._inspector.look(subject)

    @on(TextArea.Changed)
    def _typed(self, message: TextArea.Changed) -> None:
        message.stop()
        self.post_message(self.Edited(self.text))

    @on(WideInspector.Looked)
    def _looked(self, message: WideInspector.Looked) -> None:
        message.stop()
        self.reading.show(message.shaded, message.cursor)

    @on(Pointing.Wanted)
    def _wanted(self, message: Pointing.Wanted) -> None:
        message.stop()
        self._inspector.point(message.what, message.by)

    @on(Reading.Entered)
    def _entered(self, message: Reading.Entered) -> None:
        if self._inspector.pointer.cursor.span is None:
            message.stop()
            self._inspector.point("pin")

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self._widen)

    def _widen(self) -> None:
        self._inspector.widen(max(NARROWEST, self.reading.size.width))
        self._inspector.point("again")
