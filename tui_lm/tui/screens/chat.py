"""The Chat screen: write with suggestions, and the model answers as another author of the chat."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content

from tui_lm.safe_text import visible_line
from tui_lm.tokenizers.stream import WritingContext
from tui_lm.tui.jobs import writing
from tui_lm.tui.keeping.dialogue import ANYONE, Dialogue
from tui_lm.tui.keeping.session import Session
from tui_lm.tui.screens.answering import AnsweringScreen
from tui_lm.tui.screens.author_question import Author
from tui_lm.tui.screens.screen import ModelNews
from tui_lm.tui.screens.services import Services
from tui_lm.tui.terminal import keys
from tui_lm.tui.widgets.candidates import Candidates
from tui_lm.tui.widgets.composer import Composer
from tui_lm.tui.widgets.transcript import Transcript

HINT = """\
Write below.

Tab takes the grey text, Down chooses one of the words, Enter sends.
Ctrl+R has an answer written again, and Up edits your last message.
F1 shows every key, Ctrl+P every action."""
LOADING = "Write here while the model loads"
PLACEHOLDERS = {
    "none": "Write here; there is no model",
    "loading": LOADING,
    "ready": LOADING,
    "failed": "Write here; the model could not be loaded",
}
BEGUN = "A new chat begins. Ctrl+O goes back to the other one."
EDITING = "editing your last message; Esc cancels"
UNANSWERED = "nobody answers; write on, or Ctrl+R asks again"
SAMPLED = "a sample, written by the model; write to join in"
NO_MODEL = """\
There is no model to write with.

Ctrl+G goes to Train, where you can train one in a minute, on the bundled chat or on your own."""


class ChatScreen(AnsweringScreen):
    CSS_PATH = "chat.tcss"
    NAME = "chat"
    BINDINGS: ClassVar[list[BindingType]] = keys.CHAT

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._talk_of = ""  # the name of the model that the dialogue is with
        self._draft_of = ""  # the name of the model that the draft is for; set before that model is loaded
        self._put_off = ""  # the draft before a message was edited
        self._met = set(self.session.talks)  # the models that the user has chatted with

    def compose_body(self) -> ComposeResult:
        with Horizontal(id="body"), Vertical(id="column"):
            transcript = Transcript(HINT)
            transcript.border_title = "Chat"
            yield transcript
            yield Candidates()
            yield Composer(self.settings.keymap, placeholder=Content(PLACEHOLDERS[self.models.state]))
        yield from self.compose_state()

    def on_mount(self) -> None:
        self._bring_draft()

    # The dialogue

    def writing_context(self) -> WritingContext:
        return WritingContext(self.query_one(Composer).text, self.talk.me, self.talk.history)

    def model_changed(self, news: ModelNews) -> None:
        """A dialogue belongs to its model: it is kept if another model is chosen, and deleted with its model."""
        if news is None:
            if self.models.state == "none":
                self.talk = Dialogue()
                self.query_one(Transcript).clear()
                self._draft_of = ""
            else:
                self.remember(self.session)
            self._talk_of = ""
            self._bring_draft()
        super().model_changed(news)

    def model_ready(self) -> None:
        assert self.backend is not None and self.models.folder is not None
        engine, name = self.backend.engine, self.models.folder.name
        if not self.is_chat and self.is_current:
            self.host.show("write")  # a text without authors is no chat
        if name == self._talk_of:
            return
        self._bring_draft()
        kept = self.session.talk(name)
        self.talk = Dialogue(engine.authors, engine.me)
        self.sample = self.unanswered = False
        self.talk.resume(kept)
        self._talk_of = name
        self.query_one(Transcript).know(engine.authors)
        self.query_one(Transcript).show(self.talk.turns)
        wanted = self.settings.sample and not self.preferences.private and self.is_chat and self.talk.authors
        if wanted and name not in self._met:
            self.begin_sample()
        self._met.add(name)

    def _bring_draft(self) -> None:
        """Each model keeps its draft. If the next model has none, the text is carried over to it.

        What was typed before there was any model goes on where the draft ends.
        """
        name = self.models.name
        if not name or name == self._draft_of:
            return
        composer, draft = self.query_one(Composer), self.session.talk(name).draft
        if composer.text and not self._draft_of:
            draft = f"{draft}\n{composer.text}" if draft else ""
        self._draft_of = name
        if draft:
            composer.load_text(draft)
            composer.move_cursor(composer.document.end)

    def remember(self, session: Session) -> None:
        if self._draft_of:
            session.talk(self._draft_of).draft = self.query_one(Composer).text
        if self._talk_of:
            kept = session.talk(self._talk_of)
            kept.me, kept.answerer = self.talk.me, self.talk.kept_answerer
            kept.title, kept.turns, kept.others = self.talk.title, list(self.talk.turns), list(self.talk.kept)

    def forget(self) -> None:
        self.stop_answer()
        self.sample = self.unanswered = False
        self.talk = Dialogue()
        self.query_one(Transcript).clear()
        self.query_one(Composer).clear()
        self._talk_of = ""

    def show_texts(self) -> None:
        composer, transcript = self.query_one(Composer), self.query_one(Transcript)
        transcript.hint(NO_MODEL if self.models.state == "none" else HINT)
        transcript.border_title = Content(visible_line(self.talk.title or "Chat"))
        me = visible_line(self.talk.me or "you")
        answerer = "anyone" if self.talk.answerer is ANYONE else visible_line(self.talk.answerer or "nobody")
        composer.placeholder = Content(f"Write as {me}" if self.backend else PLACEHOLDERS[self.models.state])
        composer.border_title = Content.assemble((me, transcript.style_of(self.talk.me or "")))
        composer.recallable = self.talk.last_own is not None
        about = UNANSWERED if self.unanswered else f"{answerer} answers"
        about = EDITING if self.talk.editing is not None else about
        transcript.border_subtitle = Content(SAMPLED if self.sample and self.talk.turns else "")
        composer.border_subtitle = Content.assemble((about, "$foreground-muted"))

    def ask_for_more(self, context: WritingContext) -> None:
        """Suggest whole replies while nothing is typed and no answer is being written."""
        if self.settings.replies and self.is_chat and not context.text and not self.answering:
            self.models.inference.put(writing.SuggestReplies(self, self.area.revision, context))

    @on(writing.Replied)
    def _replied(self, message: writing.Replied) -> None:
        fitting = self.query_one(Candidates).fitting(message.replies)
        self.query_one(Composer).offer_replies(message.revision, fitting)

    # Asking and answering

    @on(Composer.Submitted)
    def _submitted(self, message: Composer.Submitted) -> None:
        text = message.text.strip()
        if self.backend is None:
            loading = self.models.state == "loading"
            self.notices.say_once(
                "The model is still loading. Your text stays."
                if loading
                else "There is no model to answer. Your text stays."
            )
        elif text:
            self.send(text)
            self.query_one(Composer).drop(message.text)
            self.area.withdraw()

    def send(self, text: str) -> None:
        self.stop_answer()
        self.sample = self.unanswered = False
        self._say(text)
        self.show_texts()
        self.keeper.keep()
        self.have_answered()
        self.show_state()

    def _say(self, text: str) -> None:
        """Add a message of the user, or put it in for the one that was edited, and learn from it."""
        talk, transcript = self.talk, self.query_one(Transcript)
        self.models.inference.put(writing.Learn(self, 0, WritingContext(text, talk.me, talk.history)))
        if talk.take_back_edited():
            transcript.take_back_own()
            self.show_texts()
        talk.say(talk.me, text)
        transcript.say(talk.me or "", text, by_model=False)

    # Actions

    def why_not(self, action: str, parameter: str) -> str:
        talk = self.talk
        if action in ("choose_answerer", "choose_me") and not talk.authors:
            return "the model is not loaded yet" if self.backend is None else "this model knows no authors"
        if action == "again" and (not talk.turns or self.backend is None):
            return "nothing was said yet"
        if action == "edit_last" and talk.last_own is None:
            return "nothing was sent yet"
        if action == "copy" and not self.area.text:
            return "there is no draft"
        if action == "copy_answer" and not any(by_model for _, _, by_model in talk.turns):
            return "nothing was answered yet"
        if action in ("new_chat", "copy_all", "rename_chat", "save_chat") and not self.query_one(Transcript).turns:
            return "the transcript is empty"
        if action == "open_chat" and not talk.kept:
            return "there is no other chat"
        return super().why_not(action, parameter)

    def action_edit_last(self) -> None:
        """Edit the last message of the user. Sent, it replaces that message and all after it; Esc cancels."""
        self.stop_answer()
        own = self.talk.last_own
        assert own is not None  # see `why_not`
        if self.talk.editing is None:
            self._put_off = self.query_one(Composer).text
        self.talk.editing = own
        self._load(self.talk.turns[own][1])
        self.query_one(Composer).focus()

    def cancel_edit(self) -> None:
        if self.talk.editing is not None:
            self.talk.editing = None
            self._load(self._put_off)

    def _load(self, draft: str) -> None:
        composer = self.query_one(Composer)
        composer.load_text(draft)
        composer.move_cursor(composer.document.end)
        self.show_texts()

    def action_stop(self) -> None:
        if self.answering:
            super().action_stop()
        else:
            self.cancel_edit()

    @on(Composer.Recalled)
    async def _recalled(self) -> None:
        await self.app.run_action("edit_last", self)

    def action_copy(self) -> None:
        """If nobody answers here, the user sends elsewhere: what is copied counts as sent and is learned."""
        text = self.area.text.strip()
        self.app.copy_to_clipboard(self.area.text)
        if text and self.backend is not None and self.talk.answerer is None:
            self._say(text)
            self.query_one(Composer).clear()
        self.notify("The draft is copied.", markup=False)

    def action_copy_answer(self) -> None:
        answers = [text for _, text, by_model in self.talk.turns if by_model]
        self.app.copy_to_clipboard(answers[-1])
        self.notify("The answer is copied.", markup=False)

    def action_copy_all(self) -> None:
        """Copy the transcript as plain text, with a name before each message."""
        self.app.copy_to_clipboard("\n".join(f"{author}: {text}" for author, text, _ in self.talk.turns))
        self.notify("The transcript is copied.", markup=False)

    def action_page(self, direction: int) -> None:
        transcript = self.query_one(Transcript)
        transcript.scroll_page_up() if direction < 0 else transcript.scroll_page_down()

    def action_new_chat(self) -> None:
        self.stop_answer()
        self.cancel_edit()
        self.talk.begin()
        self._turns_changed()
        self.notices.say_once(BEGUN)

    def action_open_chat(self) -> None:
        from tui_lm.tui.screens.chat_questions import go_back

        self.stop_answer()
        self.cancel_edit()
        go_back(self.host, self.talk, self._turns_changed)

    def action_rename_chat(self) -> None:
        from tui_lm.tui.screens.chat_questions import rename

        rename(self.host, self.talk, self.show_texts)

    def action_save_chat(self) -> None:
        from tui_lm.tui.screens.chat_questions import save

        save(self.host, self.notices, self.talk)

    def _turns_changed(self) -> None:
        self.sample = self.unanswered = False
        self.query_one(Transcript).show(self.talk.turns)
        self.show_texts()
        self.keeper.keep()
        self.area.withdraw()
        self.ask()

    def action_choose_answerer(self) -> None:
        anyone = (ANYONE,) if len(self.talk.others) > 1 else ()
        self._choose("Who answers?", (*anyone, *self.talk.others, None), self.talk.answerer, self.talk.let_answer)

    def action_choose_me(self) -> None:
        self._choose("Who are you?", self.talk.authors, self.talk.me, self.talk.write_as)

    def _choose(self, title: str, authors: Sequence[Author], now: Author, then: Callable[[Author], None]) -> None:
        from tui_lm.tui.screens.author_question import choose_author

        def chosen(author: Author) -> None:
            then(author)
            self.show_texts()
            self.keeper.keep()
            self.area.withdraw()
            self.ask()

        choose_author(self.host, title, authors, now, chosen)
