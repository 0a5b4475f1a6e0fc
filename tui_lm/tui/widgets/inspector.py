"""The panel beside the text: what may come next, and what goes on in the network. One view at a time.

A view is asked for only while it is shown; folded, the panel costs nothing. What is pointed at, such as a moment of the
text, is the panel's and not a view's: it stays from view to view.
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

from tui_lm.errors import TuiLmError
from tui_lm.settings import Settings
from tui_lm.tokenizers.stream import WritingContext
from tui_lm.tui import inspecting
from tui_lm.tui.jobs import inference, writing
from tui_lm.tui.pointer import Pointer
from tui_lm.tui.widgets.calm import Calm
from tui_lm.tui.widgets.frame_view import FrameView
from tui_lm.tui.widgets.next_view import NextView
from tui_lm.tui.widgets.pointing import Pointing, Shown
from tui_lm.tui.widgets.tabs import Tabs

if TYPE_CHECKING:
    from tui_lm.inspection import Change
    from tui_lm.tui.app import TuiLmApp

FIRST = "next"
SLOW = ("why", "gradients")  # views that are asked for
PACE = 0.7  # seconds that a token is shown while the text plays
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
        self._writing_context: WritingContext | None = None
        self._timer: Timer | None = None
        self._there = Shown()
        self._units: Sequence[int] = ()
        self._changes: Sequence[Change] = ()
        self.working = False
        self.pointer = Pointer()
        self.shown = view or FIRST
        self._titles = dict(TITLES)

    def compose(self) -> ComposeResult:
        yield Tabs()
        yield Pointing()
        yield self._make_view()

    def _make_view(self) -> NextView | FrameView:
        return NextView(id="view") if self.shown == FIRST else FrameView(self.shown, id="view")

    def on_mount(self) -> None:
        self.query_one(Tabs).show(self._titles, self.shown)
        self.query_one(Pointing).display = self.shown != FIRST
        self._again()

    @property
    def view(self) -> NextView | FrameView:
        return self.query_one("#view")  # type: ignore[return-value]

    def look(self, context: WritingContext) -> None:
        """Show what goes on in the network after the text."""
        if self._writing_context is not None and context != self._writing_context:
            self._pause()
        self._writing_context = context
        self._again()

    def follow(self, settings: Settings) -> None:
        if self.query("#view"):
            self.view.follow(settings)

    def _again(self) -> None:
        if self._writing_context is None or not self.query("#view"):
            return  # not there yet; it looks once it is
        self._call_off()
        self._revision += 1
        self.app.inference.put(self.view.job(self._revision, self._writing_context, self.pointer, self))

    def _call_off(self) -> None:
        if self.working:
            self.working = False
            self.app.inference.stop(self, inspecting.Explain)

    @on(writing.Looked)
    def _looked(self, message: writing.Looked) -> None:
        if message.revision == self._revision and self.shown == FIRST:
            self.app.all_is_well()
            self.view.take(message)

    @on(inspecting.Inspected)
    def _inspected(self, message: inspecting.Inspected) -> None:
        self._titles = {FIRST: "Next", **{name: title for name, title in message.views if name != FIRST}}
        if message.revision == self._revision and self.shown != FIRST:
            self.app.all_is_well()
            self.working = False
            self.shown = message.view  # a view that this model has
            self._there = Shown(message.view, message.labels, message.layers, message.heads, message.names)
            self._units, self._changes = message.units, message.changes
            self.view.take(message)
        self.query_one(Tabs).show(self._titles, self.shown)
        self._show_pointer()

    @on(inspecting.Explaining)
    def _explaining(self, message: inspecting.Explaining) -> None:
        if message.revision == self._revision and self.working and isinstance(self.view, FrameView):
            far = f"Left out {message.done} of {message.total} tokens" if message.total else "Working out the gradients"
            self.view.say(f"{far}; Esc calls it off")

    @on(inference.Failed)
    def _failed(self, message: inference.Failed) -> None:
        self.working = False
        self.app.complain(message.error)

    # What is pointed at

    def why_not(self, what: str) -> str:
        """Why `what` of keys.PANEL cannot be done now."""
        if what == "undo" and self.pointer.change is None:
            return "nothing is edited"
        if what in ("measure", "hide") and "attention" not in self._there.names:
            return "this model has no attention"
        return ""

    def _show_pointer(self) -> None:
        there = replace(self._there, notation=self.app.settings.notation, playing=self._timer is not None)
        self.query_one(Pointing).show(self.pointer, there)

    @on(Pointing.Wanted)
    def _wanted(self, message: Pointing.Wanted) -> None:
        message.stop()
        self.point(message.what, message.by)

    def point(self, what: str, by: int = 0) -> None:
        """Look at something else, as keys.PANEL names it."""
        pointer, there = self.pointer, self._there
        steps = len(there.labels)
        if what == "enter":
            what = "work" if self.shown in SLOW else "pin"
        match what:
            case "step":
                pointer = pointer.stepped(by, steps)
            case "time":
                pointer = pointer.at(by, steps)
            case "live":
                self._pause()
                pointer = replace(pointer, time=None)
            case "layer":
                pointer = pointer.other_layer(by, there.layers)
            case "row":
                of_heads = there.of_heads(pointer.name)
                pointer = pointer.other_head(by, there.heads) if of_heads else pointer.other_unit(by, self._units)
            case "name":
                pointer = pointer.other_name(by, there.names)
            case "pin":
                pointer = pointer.pinned_here(steps)
            case "measure":
                pointer = pointer.other_measure()
            case "hide":
                pointer = replace(pointer, hide_first=not pointer.hide_first)
            case "undo":
                pointer = replace(pointer, change=None)
            case "edit":
                self._ask_for_change()
                return
            case "numbers":
                pointer = replace(pointer, numbers=not pointer.numbers)
            case "units":
                pointer = replace(pointer, every_unit=not pointer.every_unit)
            case "notation":
                self.app.change(notation="textbook" if self.app.settings.notation == "pytorch" else "pytorch")
            case "play":
                self._play()
                return
            case "work":
                self._work()
                return
            case "stop":
                self._stop()
                return
        self._look_at(pointer)

    @on(FrameView.Picked)
    def _picked(self, message: FrameView.Picked) -> None:
        """A click on a cell: its moment, and its head or unit; beside the cells it is the head or unit alone."""
        message.stop()
        row, pointer = message.row, self.pointer
        if row.name == "attention":
            pointer = replace(pointer, name=row.name, time=row.number, head=row.head)
        else:
            time = pointer.time if message.column is None else message.column
            pointer = replace(pointer, name=row.name, time=time, unit=int("".join(filter(str.isdecimal, row.label))))
        self._look_at(pointer)

    def _look_at(self, pointer: Pointer) -> None:
        self.pointer = pointer
        self._show_pointer()
        self._again()

    # A hand on the network

    def _ask_for_change(self) -> None:
        """What is to stand in the place of what is pointed at: chosen from a list, or written."""
        from tui_lm.tui.screens.choice import ChoiceScreen

        changes = self._changes
        if not changes:
            self.app.say_once("There is nothing here yet that could be changed.")
            return

        def chosen(index: int | None) -> None:
            if index == len(changes):
                self.call_after_refresh(self._ask_for_words, changes[0].written)
            elif index is not None:
                self._change(changes[index])

        lines = [*(change.deed for change in changes), "something else: write it"]
        self.app.ask(ChoiceScreen(f"Edit {changes[0].what}", lines, 0), chosen)

    def _ask_for_words(self, written: str) -> None:
        from tui_lm.inspection.change import HINT, Change
        from tui_lm.tui.screens.question import AskScreen

        def wrong(text: str) -> str:
            try:
                Change.parse(text)
            except TuiLmError as error:
                return error.message
            return ""

        def answered(text: str | None) -> None:
            if text is not None:
                self._change(Change.parse(text))

        self.app.ask(AskScreen("Edit", written, hint=HINT, wrong=wrong), answered)

    def _change(self, change: Change) -> None:
        """Put it into the network, and show what comes of it."""
        self._look_at(replace(self.pointer, change=change, name=change.name))
        self.post_message(Tabs.Chosen(inspecting.EDIT))

    def _work(self) -> None:
        """Ask for a view that takes a while."""
        if (
            self.shown in SLOW
            and not self.working
            and self._writing_context is not None
            and isinstance(self.view, FrameView)
        ):
            self.working = True
            self._revision += 1
            self.app.inference.put(self.view.slow_job(self._revision, self._writing_context, self.pointer, self))

    def _stop(self) -> None:
        if self._timer is not None:
            self._pause()
        elif self.working:
            self._again()

    def _play(self) -> None:
        """The text from its beginning, or from the moment that is looked at, a token at a time; or pause."""
        if self._timer is not None:
            self._pause()
            return
        steps = len(self._there.labels)
        if steps:
            if self.pointer.time is None or self.pointer.time >= steps - 1:
                self.point("time", 0)
            self._timer = self.set_interval(PACE, self.advance)
            self._show_pointer()

    def _pause(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
            self._show_pointer()

    def advance(self) -> None:
        """The next token of a text that plays."""
        self.point("step", 1)
        if self.pointer.time == len(self._there.labels) - 1:
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
            self.query_one(Pointing).display = self.shown != FIRST
            self.query_one(Tabs).show(self._titles, self.shown)
            self.post_message(self.Moved(self.shown))

    def next_view(self) -> None:
        names = list(self._titles)
        place = names.index(self.shown) if self.shown in names else -1
        self.post_message(Tabs.Chosen(names[(place + 1) % len(names)]))
