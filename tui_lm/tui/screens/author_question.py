"""The question for an author of the chat: who writes, or who answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tui_lm.tui.host import Host
from tui_lm.tui.screens.choice import ChoiceScreen

NOBODY = "Nobody: I send elsewhere"


def choose_author(
    host: Host, title: str, authors: Sequence[str | None], now: str | None, then: Callable[[str | None], None]
) -> None:
    """Call `then` with the chosen author; None among `authors` stands for nobody."""

    def chosen(index: int | None) -> None:
        if index is not None:
            then(authors[index])

    lines = [author or NOBODY for author in authors]
    host.ask(ChoiceScreen(title, lines, authors.index(now) if now in authors else None), chosen)
