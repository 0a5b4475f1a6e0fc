"""The panel beside the text: what may come next, and what goes on in the network. One view at a time.

A view is asked for only while it is shown; folded, the panel costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from tui_lm.settings import Settings
from tui_lm.tui import inference, jobs
from tui_lm.tui.calm import Calm
from tui_lm.tui.jobs import Place
from tui_lm.tui.widgets.frame_view import FrameView
from tui_lm.tui.widgets.next_view import NextView
from tui_lm.tui.widgets.tabs import Tabs

if TYPE_CHECKING:
    from tui_lm.tui.app import TuiLmApp

FIRST = "next"
TITLES = {FIRST: "Next", "gates": "Gates", "attention": "Attention"}  # until a model says which it has


class Inspector(Calm, Vertical):
    app: TuiLmApp

    @dataclass
    class Moved(Message):
        """Another view is shown now."""

        view: str

    def __init__(self, view: str = "") -> None:
        super().__init__()
        self._revision = 0
        self._place: Place | None = None
        self.shown = view or FIRST
        self._titles = dict(TITLES)

    def compose(self) -> ComposeResult:
        yield Tabs()
        yield self._make_view()

    def _make_view(self) -> NextView | FrameView:
        return NextView(id="view") if self.shown == FIRST else FrameView(self.shown, id="view")

    def on_mount(self) -> None:
        self.query_one(Tabs).show(self._titles, self.shown)
        self._pointed()

    @property
    def view(self) -> NextView | FrameView:
        return self.query_one("#view")  # type: ignore[return-value]

    def look(self, place: Place) -> None:
        """Show what goes on at `place`."""
        self._revision += 1
        self._place = place
        if not self.query("#view"):
            return  # not there yet; it looks once it is
        self.app.inference.put(self.view.job(self._revision, place, self))

    def follow(self, settings: Settings) -> None:
        if self.query("#view"):
            self.view.follow(settings)

    @on(jobs.Looked)
    def _looked(self, message: jobs.Looked) -> None:
        if message.revision == self._revision:
            self.app.all_is_well()
            self.view.take(message)

    @on(jobs.Inspected)
    def _inspected(self, message: jobs.Inspected) -> None:
        self._titles = {FIRST: "Next", **{name: title for name, title in message.views if name != FIRST}}
        if message.revision == self._revision and self.shown != FIRST:
            self.app.all_is_well()
            self.shown = message.view  # a view that this model has
            self.view.take(message)
        self.query_one(Tabs).show(self._titles, self.shown)

    @on(inference.Failed)
    def _failed(self, message: inference.Failed) -> None:
        self.app.complain(message.error)

    @on(FrameView.Pointed)
    def _pointed(self) -> None:
        if self._place is not None:
            self.look(self._place)

    @on(Tabs.Chosen)
    async def _chosen(self, message: Tabs.Chosen) -> None:
        if message.name != self.shown:
            self.shown = message.name
            await self.view.remove()
            await self.mount(self._make_view())
            self.query_one(Tabs).show(self._titles, self.shown)
            self.post_message(self.Moved(self.shown))

    def next_view(self) -> None:
        names = list(self._titles)
        place = names.index(self.shown) if self.shown in names else -1
        self.post_message(Tabs.Chosen(names[(place + 1) % len(names)]))
