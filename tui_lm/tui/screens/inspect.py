"""The Inspect screen: a text to type, the text shaded token by token, and the views in the whole window."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.dom import DOMNode

from tui_lm.safe_text import visible_line
from tui_lm.tokenizers.stream import WritingContext
from tui_lm.tui.jobs import inference
from tui_lm.tui.jobs.subjects import Written
from tui_lm.tui.keeping.session import Session
from tui_lm.tui.screens.screen import AppScreen, ModelNews
from tui_lm.tui.screens.services import Services
from tui_lm.tui.terminal import keys
from tui_lm.tui.widgets.form import Form
from tui_lm.tui.widgets.frame_view import FrameView
from tui_lm.tui.widgets.inspector import Inspector
from tui_lm.tui.widgets.reading import Reading
from tui_lm.tui.widgets.status import Status
from tui_lm.tui.widgets.study import Study
from tui_lm.tui.widgets.wide_inspector import WideInspector

EXAMPLE = "see you tomorrow at six"
FIRST = "gates"  # the view shown first
LONGEST = 1000  # characters: the beginning of a longer text is not read


class InspectScreen(AppScreen):
    CSS_PATH: ClassVar[list[str]] = ["study.tcss", "inspect.tcss"]  # type: ignore[assignment]
    NAME = "inspect"
    BINDINGS: ClassVar[list[BindingType]] = keys.INSPECT
    VERTICAL_BREAKPOINTS = [(0, "-low"), (16, "-short"), (30, "-high")]  # noqa: RUF012
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide"), (140, "-broad")]  # noqa: RUF012

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._me: str | None = None

    def compose_body(self) -> ComposeResult:
        view = self.session.tab if self.session.tab not in ("", "next") else FIRST
        yield Study(self.session.inspected or EXAMPLE, view, self.models.inference, self.notices, self.settings)
        with Horizontal(id="state"):
            yield Status()

    def on_mount(self) -> None:
        self.study.area.focus()
        self._ready()

    @property
    def study(self) -> Study:
        return self.query_one(Study)

    @property
    def inspector(self) -> WideInspector:
        return self.study.inspector

    # The model

    def model_changed(self, news: ModelNews) -> None:
        if news is None or news.purpose == "language":
            self.inspector.drop_found()
            self._ready()

    def on_screen_resume(self) -> None:
        if self.is_mounted and self.query(Study):
            self._ready()  # another author may have been chosen in the chat

    def _ready(self) -> None:
        backend, folder = self.models.backend, self.models.folder
        if backend is not None and folder is not None:
            engine = backend.engine
            kept = self.session.talk(folder.name).me
            self._me = kept if kept in engine.authors else engine.me or next(iter(engine.authors), None)
        self.study.name_author(visible_line(self._me or ""))
        about = backend.engine.description if backend is not None else ""
        self.query_one(Status).show(self.models.state, self.models.name, about)
        self._look()
        self.refresh_bindings()

    def _look(self) -> None:
        if self.models.backend is not None:
            text = self.study.text[-LONGEST:]
            self.study.look(Written(WritingContext(text, self._me)))

    @on(inference.Failed)
    def _failed(self, message: inference.Failed) -> None:
        self.notices.complain(message.error)

    # The text and what is looked at

    @on(Study.Edited)
    def _edited(self, message: Study.Edited) -> None:
        self._look()
        self.keeper.keep()

    @on(Inspector.Moved)
    def _view_moved(self, message: Inspector.Moved) -> None:
        self.session.tab = message.view
        self.keeper.keep()
        self._look()

    @on(Inspector.EditWanted)
    def _edit_wanted(self, message: Inspector.EditWanted) -> None:
        from tui_lm.tui.screens.edit_question import ask_for_change

        ask_for_change(self.host, message.changes, self.inspector.change, self.call_after_refresh)

    @on(WideInspector.SearchWanted)
    def _search_wanted(self, message: WideInspector.SearchWanted) -> None:
        if message.view == "track":
            self.action_track()
        elif self.inspector.pointer.cursor.span is None:
            self.notices.say_once("Choose a span of the text first: Shift and the arrow keys, or drag.")
        else:
            self._find_alike()

    @on(Reading.Entered)
    def _span_entered(self) -> None:
        self._find_alike()

    def _find_alike(self) -> None:
        """Search for stretches like the span: in the chat that was searched before, or in one that is asked for."""
        search = self.inspector.pointer.cursor.search
        if search is not None:
            self.inspector.search("alike", search)
            return
        from tui_lm.tui.screens.search_question import ask_for_chat

        ask_for_chat(self.host, self.session.source, "", lambda search: self.inspector.search("alike", search))

    def action_track(self) -> None:
        from tui_lm.tui.screens.search_question import ask_for_property

        before = self.inspector.pointer.cursor.search
        chat = str(before.chat) if before is not None else self.session.source
        ask_for_property(
            self.host, chat, lambda search: self.inspector.search("track", search), self.call_after_refresh
        )

    @on(Form.Changed)
    def _value_changed(self, message: Form.Changed) -> None:
        self.preferences.change(**{message.name: message.value})

    def settings_changed(self, names: Set[str]) -> None:
        self.inspector.follow(self.settings)
        if names & {"notation", "temperature", "theme"}:
            self._look()

    def on_key(self, event: events.Key) -> None:
        """A letter typed anywhere goes into the text."""
        area = self.study.area
        if self.focused is not area and event.is_printable and event.character:
            event.stop()
            area.focus()
            area.insert(event.character)

    # Actions

    def tables(self) -> list[tuple[DOMNode, Sequence[BindingType]]]:
        return [*super().tables(), *((view, keys.PANEL) for view in self.query(FrameView))]

    def why_not(self, action: str, parameter: str) -> str:
        backend = self.models.backend
        if backend is None:
            return "the model is not loaded yet" if self.models.state == "loading" else "there is no model"
        if action == "choose_me" and not backend.engine.authors:
            return "this model knows no authors"
        return ""

    def action_next_view(self) -> None:
        self.inspector.next_view()

    def action_choose_shade(self) -> None:
        from tui_lm.tui.screens.shade_question import choose_shade

        choose_shade(self.host, self.inspector)

    def action_choose_me(self) -> None:
        from tui_lm.tui.screens.author_question import choose_author

        assert self.models.backend is not None and self.models.folder is not None  # see `why_not`
        talk = self.session.talk(self.models.folder.name)

        def chosen(author: str | None) -> None:
            talk.me = author
            self.keeper.keep()
            self._ready()

        choose_author(self.host, "Who writes?", self.models.backend.engine.authors, self._me, chosen)

    def remember(self, session: Session) -> None:
        session.inspected = self.study.text

    def forget(self) -> None:
        self.study.put("")
