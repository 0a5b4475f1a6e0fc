"""A short list to choose one line from."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList

from tui_lm.tui import keys
from tui_lm.tui.plain import visible_line


class Lines(OptionList):
    """Textual fails on a page key that comes before the first layout."""

    def action_page_up(self) -> None:
        with suppress(KeyError):
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        with suppress(KeyError):
            super().action_page_down()  # type: ignore[no-untyped-call]


class ChoiceScreen(ModalScreen[int | None]):
    """Returns the number of the chosen line, or None where Esc was pressed."""

    CSS_PATH = "choice.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keys.CHOICE

    def __init__(self, title: str, lines: Sequence[str], current: int | None) -> None:
        super().__init__()
        self._title = title
        self._lines = lines
        self._current = current

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = self._title
            yield Lines(*(Content(visible_line(line)) for line in self._lines), compact=True)

    def on_mount(self) -> None:
        self.query_one(OptionList).highlighted = self._current

    @on(OptionList.OptionSelected)
    def _selected(self, message: OptionList.OptionSelected) -> None:
        self._leave_with(message.option_index)

    def action_leave(self) -> None:
        self._leave_with(None)

    def _leave_with(self, index: int | None) -> None:
        if self.is_current:  # keys that came in a burst must not close another screen as well
            self.dismiss(index)
