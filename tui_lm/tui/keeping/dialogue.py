"""A chat as it goes on: who writes, who answers, and the messages so far."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from tui_lm.tui.keeping.session import Chat, Talk, Turns

NOBODY = ""  # in a `Talk`, where None stands for anyone


class Anyone(Enum):
    """A type of its own, because an author may have any name."""

    ANYONE = "anyone"


ANYONE = Anyone.ANYONE


class Dialogue:
    """The writer and the answerer differ: an author who becomes the writer stops answering.

    `answerer` is the author who answers; with ANYONE the model says who does, and None stands for nobody. `me` is None
    if the model knows no authors. A turn is (author, text, whether the model wrote it). `editing` is the index of the
    turn that is being edited, or None.
    """

    def __init__(self, authors: Sequence[str] = (), me: str | None = None) -> None:
        self.authors = tuple(authors)
        self.turns: Turns = []
        self.editing: int | None = None
        self.title = ""
        self.kept: list[Chat] = []  # the other chats, the latest first
        self.me = me or next(iter(self.authors), None)
        self.answerer: str | Anyone | None = self._usual

    @property
    def _usual(self) -> str | Anyone | None:
        return ANYONE if len(self.others) > 1 else next(iter(self.others), self.me)

    @property
    def others(self) -> tuple[str, ...]:
        return tuple(author for author in self.authors if author != self.me)

    @property
    def history(self) -> tuple[tuple[str, str], ...]:
        """The (author, text) of each message before the one that is being written."""
        return tuple((author, text) for author, text, _ in self.turns[: self.editing])

    @property
    def last_own(self) -> int | None:
        """The index of the last message that the model did not write."""
        return next((index for index in reversed(range(len(self.turns))) if not self.turns[index][2]), None)

    def resume(self, kept: Talk) -> None:
        """Restore the last session, except authors whom the model no longer knows."""
        if kept.me in self.authors:
            self.write_as(kept.me)
        if kept.answerer == NOBODY:
            self.answerer = None
        elif kept.answerer in self.others:
            self.answerer = kept.answerer
        self.title, self.turns, self.kept = kept.title, list(kept.turns), list(kept.others)

    @property
    def kept_answerer(self) -> str | None:
        """How a `Talk` calls the answerer."""
        return None if isinstance(self.answerer, Anyone) else self.answerer or NOBODY

    def let_answer(self, author: str | Anyone | None) -> None:
        self.answerer = author

    def write_as(self, author: str | None) -> None:
        self.me = author
        if self.answerer == author:
            self.answerer = self._usual

    @property
    def chat(self) -> Chat:
        """The chat that goes on."""
        return Chat(self.title, self.turns)

    def begin(self) -> None:
        """Begin a new chat beside this one, which is kept."""
        if self.turns:
            self.kept.insert(0, self.chat)
        self.title, self.turns = "", []

    def go_back(self, index: int) -> None:
        """Go on with one of the `kept` chats."""
        chat = self.kept.pop(index)
        self.begin()
        self.title, self.turns = chat.title, chat.turns

    def take_back_edited(self) -> bool:
        """Remove the message that is being edited and all after it; False if none is."""
        if self.editing is None:
            return False
        del self.turns[self.editing :]
        self.editing = None
        return True

    def say(self, author: str | None, text: str, *, by_model: bool = False) -> None:
        self.turns.append((author or "", text, by_model))
