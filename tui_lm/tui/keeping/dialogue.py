"""A chat as it goes on: who writes, who answers, and the messages so far."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from tui_lm.tui.keeping.session import Talk

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
        self.turns: list[tuple[str, str, bool]] = []
        self.editing: int | None = None
        self.cleared: list[tuple[str, str, bool]] = []  # the messages before the last `clear`
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
        self.turns = list(kept.turns)

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

    def clear(self) -> None:
        """Begin anew; `restore` brings the messages back."""
        if self.turns:
            self.cleared, self.turns = self.turns, []

    def restore(self) -> None:
        """Put the cleared messages before those that were written since."""
        self.turns, self.cleared = [*self.cleared, *self.turns], []

    def take_back_edited(self) -> bool:
        """Remove the message that is being edited and all after it; False if none is."""
        if self.editing is None:
            return False
        del self.turns[self.editing :]
        self.editing = None
        return True

    def say(self, author: str | None, text: str, *, by_model: bool = False) -> None:
        self.turns.append((author or "", text, by_model))
