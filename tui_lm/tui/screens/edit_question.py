"""Asks for the replacement of the selected unit, gate, head or row: a choice from a list, or text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from tui_lm.errors import TuiLmError
from tui_lm.tui.host import Host
from tui_lm.tui.screens.choice import ChoiceScreen

if TYPE_CHECKING:
    from tui_lm.inspection.change import Change

Later = Callable[..., Any]  # calls a function with its arguments once the first question has gone


def ask_for_change(host: Host, changes: Sequence[Change], then: Callable[[Change], None], later: Later) -> None:
    """Call `then` with the change of the network that the user chooses or writes."""

    def chosen(index: int | None) -> None:
        if index == len(changes):
            later(_ask_for_text, host, changes[0].written, then)
        elif index is not None:
            then(changes[index])

    lines = [*(change.deed for change in changes), "another value: write it"]
    host.ask(ChoiceScreen(f"Edit {changes[0].what}", lines, 0), chosen)


def _ask_for_text(host: Host, written: str, then: Callable[[Change], None]) -> None:
    from tui_lm.inspection.change import HINT, Change
    from tui_lm.tui.screens.question import AskScreen

    def wrong(text: str) -> str:
        try:
            Change.parse(text)
        except TuiLmError as error:
            return error.message
        return ""

    def answered(text: str | None) -> None:
        if text is not None:
            then(Change.parse(text))

    host.ask(AskScreen("Edit", written, hint=HINT, wrong=wrong), answered)
