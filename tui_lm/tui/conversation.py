"""Who talks with whom, and what was said."""

from __future__ import annotations

from collections.abc import Sequence


class Conversation:
    """Nobody answers themselves: whoever becomes the writer is replaced as the answerer.

    `answerer` is None where nobody is to answer; `me` is None where the model knows no authors.
    """

    def __init__(self, authors: Sequence[str] = (), me: str | None = None) -> None:
        self.authors = tuple(authors)
        self.turns: list[tuple[str, str]] = []
        self.me = me or next(iter(self.authors), None)
        self.answerer: str | None = next(iter(self.others), self.me)

    @property
    def others(self) -> tuple[str, ...]:
        return tuple(author for author in self.authors if author != self.me)

    @property
    def history(self) -> tuple[tuple[str, str], ...]:
        return tuple(self.turns)

    def write_as(self, author: str) -> None:
        self.me = author
        if self.answerer == author:
            self.answerer = next(iter(self.others), author)

    def say(self, author: str | None, text: str) -> None:
        self.turns.append((author or "", text))
