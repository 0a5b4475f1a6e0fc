"""The answers in a dialogue: who writes them, the pause before them, and the text as it comes."""

from __future__ import annotations

from textual import on

from tui_lm.tokenizers.stream import WritingContext
from tui_lm.tui.jobs.turn_taking import SAMPLE, AuthorChosen, TurnTaking
from tui_lm.tui.keeping.dialogue import Anyone, Dialogue
from tui_lm.tui.screens.services import Services
from tui_lm.tui.screens.writing import WritingScreen
from tui_lm.tui.widgets.transcript import Transcript, Turn


class AnsweringScreen(WritingScreen):
    """A subclass composes a transcript and says what the user sends."""

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.talk = Dialogue()
        self.sample = False  # whether the messages so far are a sample
        self.unanswered = False  # whether the model has said that nobody answers the last message
        self._answer: Turn | None = None
        self._turns = TurnTaking(self, self.models.inference, self.set_timer, self._speak)

    def cancel_edit(self) -> None:
        """The message that is being edited stays as it was."""

    def have_answered(self, *, certainly: bool = False) -> None:
        """Let whoever answers write to the messages so far. If the model says who, that may be nobody."""
        talk = self.talk
        if isinstance(talk.answerer, Anyone):
            self._turns.choose(talk.history, talk.others if certainly else talk.authors, self.settings.seed)
        elif talk.answerer is not None:
            self._let_answer(talk.answerer)

    def begin_sample(self) -> None:
        """Let the model begin the chat as the people that it knows, for a user who sees it for the first time."""
        self.sample = True
        self._turns.choose((), self.talk.others or self.talk.authors, self.settings.seed, SAMPLE)

    @on(AuthorChosen)
    def _author_chosen(self, message: AuthorChosen) -> None:
        if not self._turns.takes(message):
            return
        if message.author == self.talk.me:  # it is the user's turn
            self.unanswered = bool(self.talk.turns) and not self.talk.turns[-1][2]
            self.show_texts()
            self.show_state()
            self.ask()
        else:
            self._let_answer(message.author)

    def _let_answer(self, author: str) -> None:
        self.unanswered = False
        self._answer = self.query_one(Transcript).say(author, "", by_model=True)
        self._turns.pause(seen=self.settings.typing)
        self.show_state()

    def _speak(self) -> None:
        if self._answer is not None:
            self.answer(WritingContext("", self._answer.author, self.talk.history))

    @property
    def answering(self) -> bool:
        return super().answering or self._turns.waiting

    def stop_answer(self) -> None:
        waited = self._turns.waiting
        self._turns.stop()
        if waited and self._answer is not None:  # somebody who has not written yet
            self._answer = None
            self.query_one(Transcript).take_back()
        super().stop_answer()
        if waited:
            self.show_state()

    def heard(self, text: str) -> None:
        if self._answer is not None:
            self._answer.append(text)

    def answer_ended(self) -> None:
        answer, self._answer = self._answer, None
        if answer is not None:
            if answer.text.strip():
                self.talk.say(answer.author, answer.text, by_model=True)
            else:
                answer.append("(an empty message)")
        self.keeper.keep()
        self._turns.go_on(self.talk.history, self.talk.authors, self.settings.seed)
        self.show_texts()
        self.ask()

    def action_again(self) -> None:
        """Take back the last answer and write another one."""
        self.cancel_edit()
        self.stop_answer()
        turns, transcript = self.talk.turns, self.query_one(Transcript)
        if turns and turns[-1][2]:
            author = turns.pop()[0]
            transcript.take_back()
            self._let_answer(author)
        elif self.talk.answerer is None:
            self._let_answer(next(iter(self.talk.others), self.talk.me or ""))
        else:
            self.have_answered(certainly=True)
