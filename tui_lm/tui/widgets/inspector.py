"""The panel beside the text: the next token, and what goes on in the network. It shows one view at a time.

Only the view that is shown is computed, and a folded panel costs nothing. The cursor belongs to the panel, so it stays
from view to view.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.timer import Timer

from tui_lm.settings import Settings
from tui_lm.tui.jobs import inspecting, writing
from tui_lm.tui.jobs.inference import Failed, Inference
from tui_lm.tui.jobs.pointer import Pointer
from tui_lm.tui.jobs.subjects import Subject
from tui_lm.tui.terminal.notices import Notices
from tui_lm.tui.widgets.calm import Calm
from tui_lm.tui.widgets.form import Form
from tui_lm.tui.widgets.frame_view import FrameView
from tui_lm.tui.widgets.next_view import NextView
from tui_lm.tui.widgets.pointing import Pointing, Shown, moved
from tui_lm.tui.widgets.tabs import Tabs

if TYPE_CHECKING:
    from tui_lm.inspection.change import Change
    from tui_lm.inspection.cursor import Cursor

FIRST = "next"
SEARCHES = frozenset({"track", "alike"})  # views that read a chat
PACE = 0.7  # seconds per token while the text plays
TITLES = {FIRST: "Next", "gates": "Gates", "attention": "Attention"}  # until a model tells which views it has


class Inspector(Calm, Vertical):
    """`view` is the one shown first. Jobs go to `inference`; the screen passes on changed settings by `follow`."""

    @dataclass
    class Moved(Message):
        """The panel shows another view now."""

        view: str

    @dataclass
    class EditWanted(Message):
        """The screen is to ask for one of `changes`, or another one, and call `change` with it."""

        changes: Sequence[Change]

    text_width = 0  # cells of the shaded text, if it stands outside the panel
    elsewhere: frozenset[str] = SEARCHES  # views that belong to a page of its own

    def __init__(self, view: str, inference: Inference, notices: Notices, settings: Settings) -> None:
        super().__init__()
        self._inference, self._notices, self._settings = inference, notices, settings
        self._revision = 0
        self._subject: Subject | None = None
        self._timer: Timer | None = None
        self.there = Shown()
        self._changes: Sequence[Change] = ()
        self.working = False
        self.pointer = Pointer()
        self.shown = view or FIRST
        self._titles = dict(TITLES)

    def compose(self) -> ComposeResult:
        self.border_title = "Inspector"
        yield Tabs()
        yield Pointing(tokens=not self.text_width)
        yield self._make_view()

    def _make_view(self) -> NextView | FrameView:
        if self._plain:
            return NextView(self._settings, id="view")
        return FrameView(self.shown, self.why_not, text_width=self.text_width, id="view")

    @property
    def _plain(self) -> bool:
        """Whether the view is that of the next token with the sampling settings, which knows no cursor."""
        return self.shown == FIRST and not self.text_width

    def on_mount(self) -> None:
        self.query_one(Tabs).show(self._titles, self.shown)
        self.query_one(Pointing).display = not self._plain
        self.again()

    @property
    def view(self) -> NextView | FrameView:
        return self.query_one("#view")  # type: ignore[return-value]

    @property
    def slow(self) -> bool:
        """Whether the view that is shown has to be asked for."""
        return self.there.slow and self.there.view == self.shown

    def look(self, subject: Subject) -> None:
        """Show what goes on in the network after the text."""
        if self._subject is not None and subject != self._subject:
            self._pause()
        self._subject = subject
        self.again()

    def follow(self, settings: Settings) -> None:
        self._settings = settings
        if self.query("#view"):
            self.view.follow(settings)
            self._show_pointer()

    def again(self) -> None:
        if self._subject is None or not self.query("#view"):
            return  # called again once both are there
        self._call_off()
        self._revision += 1
        job = self.view.job(self._revision, self._subject, self.pointer, self._settings, self)
        self._inference.put(job)

    def _call_off(self) -> None:
        if self.working:
            self.working = False
            self._inference.stop(self, inspecting.Explain)

    @on(writing.Looked)
    def _looked(self, message: writing.Looked) -> None:
        if message.revision == self._revision and self.shown == FIRST:
            self._notices.all_is_well()
            self.view.take(message)

    @on(inspecting.Inspected)
    def _inspected(self, message: inspecting.Inspected) -> None:
        self._titles = {name: title for name, title in message.views if name not in self.elsewhere}
        if message.revision == self._revision and not self._plain:
            self._notices.all_is_well()
            self.working = False
            self.shown = message.view  # another one if this model does not have the view
            self.there = Shown(
                message.view,
                message.labels,
                message.layers,
                message.heads,
                message.names,
                controls=message.controls,
                slow=message.slow,
                units=message.units,
                shades=message.shades,
            )
            self._changes = message.changes
            self.prepare(message)
            self.view.take(message)
        self.query_one(Tabs).show(self._titles, self.shown)
        self._show_pointer()

    def prepare(self, message: inspecting.Inspected) -> None:
        """Called with what is shown next: a subclass may change it."""

    @on(inspecting.Explaining)
    def _explaining(self, message: inspecting.Explaining) -> None:
        if message.revision == self._revision and self.working and isinstance(self.view, FrameView):
            self.view.say(f"{message.progress}. Esc cancels it.")

    @on(Failed)
    def _failed(self, message: Failed) -> None:
        self.working = False
        self._notices.complain(message.error)

    # The cursor

    def why_not(self, what: str) -> str:
        """Why `what` of keys.PANEL is not possible now; "" if it is."""
        if what == "undo" and self.pointer.cursor.change is None:
            return "nothing is edited"
        if what in ("measure", "hide") and "attention" not in self.there.names:
            return "this model has no attention"
        return ""

    def _show_pointer(self) -> None:
        there = replace(self.there, notation=self._settings.notation, playing=self._timer is not None)
        self.query_one(Pointing).show(self.pointer, there)

    @on(Pointing.Wanted)
    def _wanted(self, message: Pointing.Wanted) -> None:
        message.stop()
        self.point(message.what, message.by)

    def point(self, what: str, by: int = 0) -> None:
        """Change the cursor, or do something at it; `what` is a name of keys.PANEL."""
        if what == "enter":
            what = "work" if self.slow else "pin"
        match what:
            case "live":
                self._pause()
            case "edit":
                self._ask_for_change()
                return
            case "numbers":
                self.pointer = replace(self.pointer, numbers=not self.pointer.numbers)
            case "notation":
                other = "textbook" if self._settings.notation == "pytorch" else "pytorch"
                self.post_message(Form.Changed("notation", other))
                return
            case "play":
                self._play()
                return
            case "work":
                self.work()
                return
            case "stop":
                self.stop()
                return
        self.look_at(moved(self.pointer.cursor, self.there, what, by))

    @on(FrameView.Picked)
    def _picked(self, message: FrameView.Picked) -> None:
        message.stop()
        self.look_at(self.pointer.cursor.picked(message.row, message.column))

    def look_at(self, cursor: Cursor) -> None:
        self.pointer = replace(self.pointer, cursor=cursor)
        self._show_pointer()
        self.again()

    # Edits of the network

    def _ask_for_change(self) -> None:
        if self._changes:
            self.post_message(self.EditWanted(self._changes))
        else:
            self._notices.say_once("Nothing can be edited yet: open another view than Next.")

    def change(self, change: Change) -> None:
        """Edit the network, and show the effect."""
        self.look_at(replace(self.pointer.cursor, change=change, name=change.name))
        self.post_message(Tabs.Chosen(inspecting.EDIT))

    def work(self) -> None:
        """Start the slow view that is shown."""
        subject = self._subject
        if self.slow and not self.working and subject is not None and isinstance(self.view, FrameView):
            self.working = True
            self._revision += 1
            self._inference.put(self.view.slow_job(self._revision, subject, self.pointer, self._settings, self))

    def stop(self) -> None:
        if self._timer is not None:
            self._pause()
        elif self.working:
            self.again()

    def _play(self) -> None:
        """Play the text a token at a time, from the step that is looked at or else from the beginning; or pause."""
        if self._timer is not None:
            self._pause()
            return
        steps = len(self.there.labels)
        if steps:
            time = self.pointer.cursor.time
            if time is None or time >= steps - 1:
                self.point("time", 0)
            self._timer = self.set_interval(PACE, self.advance)
            self._show_pointer()

    def _pause(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
            self._show_pointer()

    def advance(self) -> None:
        """Go to the next token of a text that plays."""
        self.point("step", 1)
        if self.pointer.cursor.time == len(self.there.labels) - 1:
            self._pause()

    # Another view

    @on(Tabs.Chosen)
    async def _chosen(self, message: Tabs.Chosen) -> None:
        if message.name != self.shown:
            self._call_off()
            self.shown = message.name
            pointing = self.view.has_focus
            await self.view.remove()
            await self.mount(self._make_view())
            if pointing:
                self.view.focus()
            self.query_one(Pointing).display = not self._plain
            self.query_one(Tabs).show(self._titles, self.shown)
            self.post_message(self.Moved(self.shown))

    def next_view(self) -> None:
        names = list(self._titles)
        now = names.index(self.shown) if self.shown in names else -1
        self.post_message(Tabs.Chosen(names[(now + 1) % len(names)]))
