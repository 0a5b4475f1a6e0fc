"""The question for an author of the chat: who writes, or who answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from tui_lm.tui.host import Host
from tui_lm.tui.keeping.dialogue import Anyone
from tui_lm.tui.screens.choice import ChoiceScreen

ANYONE_ANSWERS = "Anyone: the model says who"
NOBODY = "Nobody: I send elsewhere"

Author = TypeVar("Author", bound=str | Anyone | None)


def choose_author(
    host: Host, title: str, authors: Sequence[Author], now: Author, then: Callable[[Author], None]
) -> None:
    """Call `then` with the chosen author; None among `authors` stands for nobody."""

    def chosen(index: int | None) -> None:
        if index is not None:
            then(authors[index])

    lines = [_spelled(author) for author in authors]
    host.ask(ChoiceScreen(title, lines, authors.index(now) if now in authors else None), chosen)


def _spelled(author: str | Anyone | None) -> str:
    return ANYONE_ANSWERS if isinstance(author, Anyone) else author or NOBODY
