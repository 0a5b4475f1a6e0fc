"""Who answers a message, and when: one author after another, each after a pause in which they are seen to type."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from textual.message import Message
from textual.timer import Timer

from tui_lm.tokenizers.stream import History
from tui_lm.tui.host import Mailbox
from tui_lm.tui.jobs.backend import Backend
from tui_lm.tui.jobs.inference import Inference, InferenceJob

PAUSE = (0.3, 0.8)  # seconds, from and to
MOST_ANSWERS = 2  # to one message, if the model says who answers
SAMPLE = 3  # messages with which a first chat begins


@dataclass
class AuthorChosen(Message):
    revision: int
    author: str


@dataclass(frozen=True)
class ChooseAuthor(InferenceJob):
    """Draw one of `authors`, by the probability that they write next."""

    history: History
    authors: Sequence[str]
    seed: int | None

    def run(self, model: Backend) -> Iterator[Message]:
        chances = model.completer.next_author(self.history, self.authors)
        (author,) = random.Random(self.seed).choices(list(chances), list(chances.values()))
        yield AuthorChosen(self.revision, author)


class TurnTaking:
    """`speak` is called when the pause of an author is over. `set_timer` calls a function after some seconds."""

    def __init__(
        self,
        asker: Mailbox,
        inference: Inference,
        set_timer: Callable[[float, Callable[[], None]], Timer],
        speak: Callable[[], None],
    ) -> None:
        self.waiting = False  # for a choice, or for the end of a pause
        self._asker, self._inference, self._set_timer, self._speak = asker, inference, set_timer, speak
        self._revision = 0
        self._timer: Timer | None = None
        self._left = 0  # answers that may still come

    def choose(self, history: History, authors: Sequence[str], seed: int, most: int = MOST_ANSWERS) -> None:
        """Ask the model which of `authors` answers first; there are `most` answers in all, or fewer."""
        self.stop()
        self._left = most
        self._ask(history, authors, seed)

    def go_on(self, history: History, authors: Sequence[str], seed: int) -> None:
        """An answer has ended: ask which of `authors` writes next, unless there were enough answers."""
        if self._left > 0:
            self._ask(history, authors, seed)

    def _ask(self, history: History, authors: Sequence[str], seed: int) -> None:
        self._revision += 1
        self._left -= 1
        self.waiting = True
        self._inference.put(
            ChooseAuthor(self._asker, self._revision, tuple(history), authors, None if seed < 0 else seed)
        )

    def takes(self, message: AuthorChosen) -> bool:
        """Whether the choice is still wanted; it is then no longer waited for."""
        wanted = self.waiting and message.revision == self._revision
        if wanted:
            self.waiting = False
        return wanted

    def pause(self, *, seen: bool) -> None:
        """Call `speak` after a pause, or at once if it is not to be `seen`."""
        seconds = random.uniform(*PAUSE) if seen else 0.0
        if seconds:
            self.waiting = True
            self._timer = self._set_timer(seconds, self._over)
        else:
            self._speak()

    def _over(self) -> None:
        if self.waiting:
            self.waiting, self._timer = False, None
            self._speak()

    def stop(self) -> None:
        """Nobody else answers."""
        self._revision += 1
        self._left = 0
        self.waiting = False
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
