"""The inspector of a page: the text stands outside it, shaded, and a chat can be searched."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from textual import on
from textual.message import Message

from tui_lm.settings import Settings
from tui_lm.tui.jobs import inspecting
from tui_lm.tui.jobs.inference import Failed, Inference
from tui_lm.tui.terminal.notices import Notices
from tui_lm.tui.widgets.frame_view import FrameView
from tui_lm.tui.widgets.inspector import SEARCHES, Inspector
from tui_lm.tui.widgets.tabs import Tabs

if TYPE_CHECKING:
    from tui_lm.inspection.cursor import Cursor, Search, Shade


class WideInspector(Inspector):
    """`text_width` is that of the shaded text outside; what it shows is posted as `Looked`."""

    elsewhere = frozenset({"text"})

    @dataclass
    class Looked(Message):
        """The text, shaded, and the cursor on it."""

        shaded: inspecting.Shaded
        cursor: Cursor

    @dataclass
    class SearchWanted(Message):
        """The screen is to ask for a search in a chat for the view `view`, and call `search` with it."""

        view: str

    def __init__(
        self, view: str, inference: Inference, notices: Notices, settings: Settings, *, text_width: int
    ) -> None:
        super().__init__(view, inference, notices, settings)
        self.text_width = text_width
        self._begins = ""  # the view that is to work until it has found something
        self._found: inspecting.Inspected | None = None  # the result of a search, kept while its view is shown

    @property
    def shades(self) -> tuple[Shade, ...]:
        """What the text can be shaded by; none before a model has answered."""
        return self.there.shades

    def shade_by(self, shade: Shade) -> None:
        self.look_at(replace(self.pointer.cursor, shade=shade))

    def widen(self, text_width: int) -> None:
        """The text outside is `text_width` cells wide now."""
        self.text_width = text_width
        if isinstance(self.view, FrameView):
            self.view.text_width = text_width

    def open(self, view: str, cursor: Cursor) -> None:
        """Show `view` with this cursor."""
        self.pointer = replace(self.pointer, cursor=cursor)
        if self.shown == view:
            self.again()
        else:
            self.post_message(Tabs.Chosen(view))

    # Searching a chat

    def search(self, view: str, search: Search) -> None:
        """Show what a view finds in a chat."""
        self._found, self._begins = None, view
        self.pointer = replace(self.pointer, cursor=replace(self.pointer.cursor, search=search))
        if self.shown == view:
            self.again()
        else:
            self.post_message(Tabs.Chosen(view))

    def drop_found(self) -> None:
        """Another model is looked at: what was found in a chat is no longer true."""
        self._found = None
        self.pointer = replace(self.pointer, cursor=replace(self.pointer.cursor, search=None))

    def work(self) -> None:
        search = self.pointer.cursor.search
        if self.shown in SEARCHES and (search is None or (self.shown == "track" and not search.track)):
            self.post_message(self.SearchWanted(self.shown))
        else:
            super().work()

    @on(Failed)
    def _search_failed(self) -> None:
        self._begins = ""

    def stop(self) -> None:
        self._begins = ""
        super().stop()

    def prepare(self, message: inspecting.Inspected) -> None:
        """Keep what was found on the screen while the cursor moves, and shade the text by the unit that was found."""
        cursor = self.pointer.cursor
        if message.found and message.view in SEARCHES:
            self._found, self._begins = message, ""
            if message.unit is not None:
                self.call_later(self.look_at, replace(cursor, unit=message.unit, name=message.unit_of, shade="unit"))
        elif self._found is not None and self._found.view == message.view:
            message.lines, message.scales = self._found.lines, self._found.scales
        elif self._begins == message.view:
            self.call_later(self.work)
        if message.shaded is not None:
            self.post_message(self.Looked(message.shaded, cursor))
