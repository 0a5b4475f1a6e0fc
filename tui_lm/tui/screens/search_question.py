"""Asks in which chat to search, and what a unit is to track."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tui_lm.errors import TuiLmError
from tui_lm.inspection.cursor import Search
from tui_lm.tui.host import Host

Later = Callable[..., Any]  # calls a function with its arguments once the first question has gone

OTHER = "a name or a text: write it"
WHERE = "A file of a chat: units are searched in its last 50,000 tokens. An index is kept in the model's folder."


def ask_for_property(host: Host, chat: str, then: Callable[[Search], None], later: Later) -> None:
    """Ask what to track, then where to search; `chat` is the path that is offered."""
    from tui_lm.inspection.properties import PROPERTIES
    from tui_lm.tui.screens.choice import ChoiceScreen

    names = list(PROPERTIES)

    def chosen(index: int | None) -> None:
        if index == len(names):
            later(_ask_for_form, host, chat, then, later)
        elif index is not None:
            later(ask_for_chat, host, chat, names[index], then)

    host.ask(ChoiceScreen("Which unit tracks best", [*names, OTHER], 0), chosen)


def _ask_for_form(host: Host, chat: str, then: Callable[[Search], None], later: Later) -> None:
    from tui_lm.inspection.properties import HINT, Property
    from tui_lm.tui.screens.question import AskScreen

    def wrong(text: str) -> str:
        try:
            Property.parse(text)
        except TuiLmError as error:
            return error.message
        return ""

    def answered(text: str | None) -> None:
        if text is not None:
            later(ask_for_chat, host, chat, text, then)

    host.ask(AskScreen("Which unit tracks best", "author = ", hint=HINT, wrong=wrong), answered)


def ask_for_chat(host: Host, chat: str, track: str, then: Callable[[Search], None]) -> None:
    from tui_lm.tui.screens.question import AskScreen
    from tui_lm.tui.widgets.path_field import Paths

    def wrong(text: str) -> str:
        return "" if Path(text).expanduser().exists() else "there is no such file"

    def answered(text: str | None) -> None:
        if text is not None:
            then(Search(Path(text).expanduser(), track))

    host.ask(AskScreen("Search in", chat, hint=WHERE, suggester=Paths(), wrong=wrong), answered)
