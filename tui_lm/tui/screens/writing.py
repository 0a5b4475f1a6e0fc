"""The base of the Chat and Write screens: suggestions, answers, the inspector, sampling, the state line."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import Literal

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.dom import DOMNode

from tui_lm.settings import PRESETS, SAMPLING
from tui_lm.tokenizers.stream import WritingContext
from tui_lm.tui.jobs import inference, writing
from tui_lm.tui.jobs.answer_stream import AnswerStream
from tui_lm.tui.jobs.backend import Backend
from tui_lm.tui.jobs.subjects import Written
from tui_lm.tui.screens.inspector_panel import InspectorPanel
from tui_lm.tui.screens.screen import AppScreen, ModelNews
from tui_lm.tui.screens.services import Services
from tui_lm.tui.terminal import keys
from tui_lm.tui.widgets.candidates import Candidates
from tui_lm.tui.widgets.form import Form
from tui_lm.tui.widgets.frame_view import FrameView
from tui_lm.tui.widgets.inspector import Inspector
from tui_lm.tui.widgets.status import Status, savings
from tui_lm.tui.widgets.suggesting import SuggestingArea
from tui_lm.tui.widgets.surprise import Surprise
from tui_lm.tui.widgets.temperature import STEP, Temperature

State = Literal["none", "loading", "ready", "failed", "answering"]


class WritingScreen(AppScreen):
    """A subclass composes the text area and returns the text at its cursor (`writing_context`)."""

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.stream = AnswerStream(self, self.models.inference)
        self.panel = InspectorPanel(self, self._make_inspector, self._look)

    # For a subclass

    @property
    def area(self) -> SuggestingArea:
        return self.query_one(SuggestingArea)

    def writing_context(self) -> WritingContext | None:
        """The text before the cursor; None if nothing can be suggested."""
        raise NotImplementedError

    def model_ready(self) -> None:
        """Called when the model has been loaded."""

    def show_texts(self) -> None:
        """Set placeholders and titles for the model."""

    def heard(self, text: str) -> None:
        """Called with each new piece of the answer."""

    def answer_ended(self) -> None:
        """Called when the answer has ended or was stopped."""

    # The model

    @property
    def backend(self) -> Backend | None:
        return self.models.backend

    @property
    def is_chat(self) -> bool:
        return self.backend is None or self.backend.engine.kind == "chat"

    @property
    def state(self) -> State:
        return "answering" if self.answering else self.models.state

    def compose_state(self) -> ComposeResult:
        with Horizontal(id="state"):
            yield Status()
            yield Temperature(self.settings)

    def on_mount(self) -> None:
        self.area.focus()
        self.show_texts()
        self.show_state()
        if self.backend is not None:
            self.call_after_refresh(self._ready)

    def _ready(self) -> None:
        self.model_ready()
        self.show_texts()
        self.show_state()
        self.ask()

    def model_changed(self, news: ModelNews) -> None:
        if news is None or news.purpose == "language":
            self.stop_answer()
            self.area.withdraw()  # what another model suggested
            if self.backend is not None:
                self._ready()
            self.show_texts()
            self.show_state()

    @on(inference.Failed)
    def _failed(self, message: inference.Failed) -> None:
        """Show the error as a notice. The text that was typed stays."""
        if isinstance(message.job, writing.Answer):
            if not self.stream.ended_by(message.job):
                return
            self._end_answer()
        self.notices.complain(message.error)

    # Suggestions

    @on(SuggestingArea.Edited)
    def _edited(self) -> None:
        self.ask()
        self.keeper.keep()

    def ask(self) -> None:
        """Request suggestions for the text as it is now, and what the inspector shows."""
        if self.backend is None:
            return
        context = self.writing_context()
        if not self.area.wants_words or context is None:
            self.query_one(Candidates).candidates = ()
            self.models.inference.stop(self, writing.Complete)
            if context is not None:
                self.ask_for_more(context)
        elif self.settings.ghost or self.settings.words:
            self.models.inference.put(writing.Complete(self, self.area.revision, context, self.area.shown))
        if context is not None:
            self.inspect(context)

    def ask_for_more(self, context: WritingContext) -> None:
        """Called when nothing is typed: a subclass may offer something else."""

    def inspect(self, context: WritingContext | None) -> None:
        if self.panel.shown is not None and context is not None:
            self.panel.shown.look(Written(context))
        if self.settings.surprisal and context is not None and context.text:
            self.models.inference.put(writing.PriceTokens(self, self.area.revision, context))

    @on(writing.Completed)
    def _completed(self, message: writing.Completed) -> None:
        self.notices.all_is_well()
        self.area.offer(message.revision, message.stage, words=self.settings.words, ghost=self.settings.ghost)

    @on(writing.Priced)
    def _priced(self, message: writing.Priced) -> None:
        if message.revision == self.area.revision and self.settings.surprisal:
            self.area.show_surprise(Surprise(self.first_row, message.text, message.tokens))

    @property
    def first_row(self) -> int:
        """The row in which the text of `writing_context` begins."""
        return 0

    @on(SuggestingArea.Offered)
    def _offered(self, message: SuggestingArea.Offered) -> None:
        self.query_one(Candidates).show(message.candidates, message.chosen, whole=not self.area.text)

    @on(Candidates.Clicked)
    def _clicked(self, message: Candidates.Clicked) -> None:
        self.area.take(message.index)
        self.area.focus()

    @on(SuggestingArea.TakenBack)
    def _taken_back(self, message: SuggestingArea.TakenBack) -> None:
        self.models.inference.put(writing.TakeBack(self, self.area.revision, message.candidate))

    @on(writing.TookBack)
    def _took_back(self, message: writing.TookBack) -> None:
        self.notices.say_once(message.notice)
        self.ask()

    @on(SuggestingArea.Helped)
    def _helped(self, message: SuggestingArea.Helped) -> None:
        session = self.session
        session.pressed += message.pressed
        session.typed += message.typed
        if message.pressed != message.typed:
            self.show_state()

    def on_key(self, event: events.Key) -> None:
        """A letter typed anywhere goes into the text."""
        if self.focused is not self.area and event.is_printable and event.character:
            event.stop()
            self.area.focus()
            self.area.insert(event.character)

    # Answers

    @property
    def answering(self) -> bool:
        return self.stream.active

    def answer(self, context: WritingContext) -> None:
        self.stream.begin(context, self.settings)
        self.show_state()

    @on(writing.Spoken)
    def _spoken(self, message: writing.Spoken) -> None:
        if self.stream.takes(message):
            self.heard(message.text)

    @on(inference.Done)
    def _done(self, message: inference.Done) -> None:
        if self.stream.ended_by(message.job):
            self._end_answer()

    def stop_answer(self) -> None:
        if self.stream.stop():
            self._keep_answer()

    def _end_answer(self) -> None:
        if self.stream.end():
            self._keep_answer()

    def _keep_answer(self) -> None:
        """Tell the subclass and the state line that the answer has ended."""
        self.answer_ended()
        self.show_state()

    def action_stop(self) -> None:
        self.stop_answer()

    # What is shown

    def show_state(self) -> None:
        session, settings = self.session, self.settings
        model = self.models.name
        saved = savings(session.pressed, session.typed) if settings.savings and session.typed > session.pressed else ""
        about = saved or (self.backend.engine.description if self.backend else "")
        self.query_one(Status).show(self.state, model, about)
        self.refresh_bindings()

    def settings_changed(self, names: Set[str]) -> None:
        settings = self.settings
        if self.panel.inspector is not None:
            self.panel.inspector.follow(settings)
        if names & {*SAMPLING, "seed"}:
            self.query_one(Temperature).follow(settings)
        if "panel" in names:
            self.panel.follow(settings.panel)
        if not settings.surprisal:
            self.area.forget_surprise()
        if names & {"ghost", "words", "replies", "surprisal"}:
            self.area.withdraw()
        if names - {"theme", "private", "last_models"}:
            self.show_state()
            self.ask()

    @on(Form.Changed)
    def _value_changed(self, message: Form.Changed) -> None:
        message.stop()
        if message.name == "preset":
            self.preferences.change(**PRESETS[message.value])
        else:
            self.preferences.change(**{message.name: message.value})

    @on(Form.Wanted)
    def _value_wanted(self, message: Form.Wanted) -> None:
        message.stop()
        self.action_choose_preset()

    def action_warm(self, steps: int) -> None:
        temperature = round(self.settings.temperature + steps * STEP, 2)
        self.preferences.change(temperature=min(2.0, max(0.0, temperature)))

    def action_choose_preset(self) -> None:
        from tui_lm.tui.screens.preset_question import choose_preset

        choose_preset(self.host, self.preferences)

    def action_switch(self, name: str) -> None:
        self.preferences.switch(name)

    def why_not(self, action: str, parameter: str) -> str:
        if action == "next_view" and not self.panel_open:
            return "the inspector is folded; F2 opens it"
        return ""

    # The inspector

    def tables(self) -> list[tuple[DOMNode, Sequence[BindingType]]]:
        views = self.query(FrameView) if self.panel_open else ()
        return [*super().tables(), *((view, keys.PANEL) for view in views)]

    @property
    def panel_open(self) -> bool:
        return self.panel.is_open(self.settings.panel)

    def on_resize(self, event: events.Resize) -> None:
        self.panel.resized(event.size.width)
        self.call_after_refresh(self._fold)

    def _fold(self) -> None:
        self.panel.fold(self.settings.panel)

    def _look(self) -> None:
        if self.backend is not None:
            self.inspect(self.writing_context())

    def action_toggle_panel(self) -> None:
        self.panel.toggle(self.settings.panel)

    def action_next_view(self) -> None:
        if self.panel.inspector is not None:
            self.panel.inspector.next_view()

    def _make_inspector(self) -> Inspector:
        return Inspector(self.session.tab, self.models.inference, self.notices, self.settings)

    @on(Inspector.EditWanted)
    def _edit_wanted(self, message: Inspector.EditWanted) -> None:
        from tui_lm.tui.screens.edit_question import ask_for_change

        if inspector := self.panel.inspector:
            ask_for_change(self.host, message.changes, inspector.change, self.call_after_refresh)

    @on(Inspector.Moved)
    def _view_moved(self, message: Inspector.Moved) -> None:
        self.session.tab = message.view
        self.keeper.keep()
        self._look()
