"""A chat as it goes on: who writes, who answers, and the messages so far."""

from __future__ import annotations

from collections.abc import Sequence

from tui_lm.tui.keeping.session import Talk


class Dialogue:
    """The writer and the answerer differ: an author who becomes the writer stops answering.

    `answerer` is None where nobody is to answer; `me` is None where the model knows no authors. A turn is who said
    what, and whether that was the model.
    """

    def __init__(self, authors: Sequence[str] = (), me: str | None = None) -> None:
        self.authors = tuple(authors)
        self.turns: list[tuple[str, str, bool]] = []
        self.me = me or next(iter(self.authors), None)
        self.answerer: str | None = next(iter(self.others), self.me)

    @property
    def others(self) -> tuple[str, ...]:
        return tuple(author for author in self.authors if author != self.me)

    @property
    def history(self) -> tuple[tuple[str, str], ...]:
        return tuple((author, text) for author, text, _ in self.turns)

    def resume(self, kept: Talk) -> None:
        """Restore the last session, except authors whom the model no longer knows."""
        if kept.me in self.authors:
            self.write_as(kept.me or "")
        if kept.answerer == "":
            self.answerer = None
        elif kept.answerer in self.others:
            self.answerer = kept.answerer
        self.turns = list(kept.turns)

    def write_as(self, author: str) -> None:
        self.me = author
        if self.answerer == author:
            self.answerer = next(iter(self.others), author)

    def say(self, author: str | None, text: str, *, by_model: bool = False) -> None:
        self.turns.append((author or "", text, by_model))
