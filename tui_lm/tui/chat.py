"""The chat screen: write with a model's help, and let it answer as another author of the chat."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer

from tui_lm.errors import TuiLmError
from tui_lm.tui import inference, keys
from tui_lm.tui.backend import Backend
from tui_lm.tui.candidates import Candidates
from tui_lm.tui.composer import Composer
from tui_lm.tui.conversation import Conversation
from tui_lm.tui.inference import Inference
from tui_lm.tui.next_token import NextTokenBars
from tui_lm.tui.plain import visible, visible_line
from tui_lm.tui.status import State, Status
from tui_lm.tui.temperature import STEP, Temperature
from tui_lm.tui.transcript import Transcript, Turn

if TYPE_CHECKING:
    from tui_lm.tui.app import TuiLmApp

HINT = """\
Write below.

Tab takes the grey text, Down chooses one of the words, Enter sends.
F1 shows every key."""


class ChatScreen(Screen[None]):
    CSS_PATH = "chat.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = keys.CHAT
    app: TuiLmApp

    def __init__(self, load: Callable[[], Backend], model_name: str | None) -> None:
        super().__init__()
        self.inference = Inference(load, self.post_message)
        self.model_name = model_name or ""
        self.backend: Backend | None = None
        self.state: State = "loading"
        self.talk = Conversation()
        self._looks = 0  # the revision of the newest request for the bars
        self._asks = 0  # the revision of the newest request for an answer
        self._answer: Turn | None = None
        self._last_error = ""
        self._narrow = False

    def compose(self) -> ComposeResult:
        with Horizontal(id="body"):
            with Vertical():
                yield Transcript(HINT)
                yield Candidates()
                yield Composer(placeholder=Content("Write here while the model loads"))
            yield NextTokenBars()
        with Horizontal(id="state"):
            yield Status()
            yield Temperature(self.app.settings.temperature)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        self.query_one(Composer).focus()
        self._show_state("loading")
        self.call_after_refresh(self.inference.start)

    def on_resize(self, event: events.Resize) -> None:
        """Crossing the width at which the panel folds itself forgets what F2 said."""
        narrow = event.size.width < 100
        if narrow != self._narrow:
            self._narrow = narrow
            self.remove_class("-panel-open", "-panel-folded")

    def on_unmount(self) -> None:
        self.inference.close()

    # The model

    @property
    def is_prose(self) -> bool:
        return self.backend is not None and self.backend.engine.kind == "prose"

    @on(inference.Loaded)
    def _loaded(self, message: inference.Loaded) -> None:
        self.backend = message.backend
        engine = self.backend.engine
        self.model_name = engine.name
        self.set_class(self.is_prose, "-prose")
        self.talk = Conversation(() if self.is_prose else engine.authors, engine.me)
        self._show_authors()
        self._show_state("ready")
        self._ask_for_words()

    @on(inference.Failed)
    def _failed(self, message: inference.Failed) -> None:
        """An error is a notice; the text that was typed stays."""
        if message.job is None:
            self._show_state("failed")
        elif isinstance(message.job, inference.Ask):
            if message.job.revision != self._asks:
                return
            self._end_answer()
        error = message.error
        if isinstance(error, TuiLmError):
            title, text = error.message, error.hint
        else:
            title, text = "The model stumbled", f"{type(error).__name__}: {error}"
        if message.job is None or title + text != self._last_error:  # not one notice a key
            self._last_error = title + text
            self.notify(visible(text), title=visible_line(title), severity="error", markup=False)

    # Writing

    @on(Composer.Edited)
    def _edited(self) -> None:
        if self._answer is None:
            self.action_stop()  # a person writes on where the model was writing
        self._ask_for_words()

    def _ask_for_words(self) -> None:
        composer = self.query_one(Composer)
        if not composer.wants_words:
            self.query_one(Candidates).candidates = ()
        elif self.backend is not None:
            talk = self.talk
            self.inference.put(inference.Complete(composer.revision, composer.text, talk.me, talk.history))
        self._ask_for_bars()

    def _ask_for_bars(self) -> None:
        if self.backend is not None:
            self._looks += 1
            text, talk, settings = self.query_one(Composer).text, self.talk, self.app.settings
            self.inference.put(inference.Look(self._looks, text, talk.me, talk.history, settings))

    @on(inference.Completed)
    def _completed(self, message: inference.Completed) -> None:
        self._last_error = ""
        self.query_one(Composer).offer(message.revision, message.suggestion)

    @on(inference.Looked)
    def _looked(self, message: inference.Looked) -> None:
        if message.revision == self._looks:
            self.query_one(NextTokenBars).next_token = message.next_token

    @on(Composer.Offered)
    def _offered(self, message: Composer.Offered) -> None:
        candidates = self.query_one(Candidates)
        candidates.candidates, candidates.chosen = message.candidates, message.chosen

    @on(Candidates.Clicked)
    def _clicked(self, message: Candidates.Clicked) -> None:
        composer = self.query_one(Composer)
        composer.take(message.index)
        composer.focus()

    def on_key(self, event: events.Key) -> None:
        """A letter typed anywhere belongs to the composer."""
        composer = self.query_one(Composer)
        if self.focused is not composer and event.is_printable and event.character:
            event.stop()
            composer.focus()
            composer.insert(event.character)

    # Asking and answering

    @on(Composer.Submitted)
    def _submitted(self, message: Composer.Submitted) -> None:
        if self.backend is None:
            if self.state == "loading":
                self.notify("The model is still loading. Your text stays.", markup=False)
            else:
                self.notify("There is no model to answer. Your text stays.", severity="warning", markup=False)
            return
        if self.is_prose:
            self._ask(message.text, None)
            return
        text = message.text.strip()
        if not text:
            return
        self._end_answer()
        talk, transcript = self.talk, self.query_one(Transcript)
        self.inference.put(inference.Learn(text, talk.me, talk.history))
        talk.say(talk.me, text)
        transcript.say(talk.me or "", text, by_model=False)
        self.query_one(Composer).drop(message.text)
        if talk.answerer is not None:
            self._answer = transcript.say(talk.answerer, "", by_model=True)
            self._ask("", talk.answerer)

    def _ask(self, text: str, author: str | None) -> None:
        self._asks += 1
        self.inference.put(inference.Ask(self._asks, text, author, self.talk.history, self.app.settings))
        self._show_state("answering")

    @on(inference.Spoken)
    def _spoken(self, message: inference.Spoken) -> None:
        if message.revision != self._asks or self.state != "answering":
            return
        if self._answer is None:
            self.query_one(Composer).write(message.text)
        else:
            self._answer.append(message.text)

    @on(inference.Finished)
    def _finished(self, message: inference.Finished) -> None:
        if message.revision == self._asks:
            self._end_answer()

    def _end_answer(self) -> None:
        """Keep what the model has written."""
        if self.state != "answering":
            return
        self._asks += 1  # what still arrives is stale
        if self._answer is not None:
            answer, self._answer = self._answer, None
            if answer.text.strip():
                self.talk.say(answer.author, answer.text)
            else:
                answer.append("(an empty message)")
        self._show_state("ready")
        self._ask_for_bars()

    # What is shown

    def _show_state(self, state: State) -> None:
        self.state = state
        self.query_one(Status).show(state, self.model_name, self.backend.engine.description if self.backend else "")

    def _show_authors(self) -> None:
        composer = self.query_one(Composer)
        if self.is_prose:
            composer.placeholder = Content("Write a beginning; Enter lets the model go on")
            return
        me, answerer = visible_line(self.talk.me or "you"), visible_line(self.talk.answerer or "nobody")
        composer.placeholder = Content(f"Write as {me}")
        composer.border_title = Content.assemble((me, "bold $text-primary"))
        composer.border_subtitle = Content.assemble((f"{answerer} answers", "$foreground-muted"))

    # Actions

    def action_toggle_panel(self) -> None:
        shown = self.query_one(NextTokenBars).display
        self.set_class(shown, "-panel-folded")
        self.set_class(not shown, "-panel-open")

    def action_warm(self, steps: int) -> None:
        self.query_one(Temperature).temperature += steps * STEP

    @on(Temperature.Changed)
    def _temperature_changed(self, message: Temperature.Changed) -> None:
        self.app.settings = replace(self.app.settings, temperature=message.temperature)
        self._ask_for_bars()

    def action_page(self, direction: int) -> None:
        composer, transcript = self.query_one(Composer), self.query_one(Transcript)
        if self.is_prose:
            composer.action_cursor_page_up() if direction < 0 else composer.action_cursor_page_down()
        else:
            transcript.scroll_page_up() if direction < 0 else transcript.scroll_page_down()

    def action_stop(self) -> None:
        if self.state == "answering":
            self.inference.put(inference.Stop())
            self._end_answer()

    def action_new_chat(self) -> None:
        self.action_stop()
        self.talk.turns.clear()
        self.query_one(Transcript).clear()
        self._ask_for_bars()

    def action_choose_answerer(self) -> None:
        def chosen(author: str | None) -> None:
            self.talk.answerer = author

        self._choose("Who answers?", (*self.talk.others, None), self.talk.answerer, chosen)

    def action_choose_me(self) -> None:
        def chosen(author: str | None) -> None:
            self.talk.write_as(author or "")

        self._choose("Who are you?", self.talk.authors, self.talk.me, chosen)

    def _choose(
        self, title: str, authors: Sequence[str | None], now: str | None, then: Callable[[str | None], None]
    ) -> None:
        from tui_lm.tui.choice import ChoiceScreen

        def chosen(index: int | None) -> None:
            if index is not None:
                then(authors[index])
                self._show_authors()
                self._ask_for_words()

        if not self.is_current:
            return
        if not self.talk.authors:
            self.notify("The model is not loaded yet." if self.backend is None else "This model knows no authors.")
            return
        names = [author or "Nobody: only my own messages" for author in authors]
        self.app.push_screen(ChoiceScreen(title, names, authors.index(now) if now in authors else None), chosen)
