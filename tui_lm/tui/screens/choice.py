"""A list to choose one line from."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList

from tui_lm.safe_text import visible_line
from tui_lm.tui.screens.modal import Modal
from tui_lm.tui.widgets.lines import Lines


class ChoiceScreen(Modal[int]):
    """Returns the index of the chosen line, or None after Esc. `on_highlight` is called with each highlighted index."""

    def __init__(
        self,
        title: str,
        lines: Sequence[str],
        current: int | None,
        on_highlight: Callable[[int], None] = lambda index: None,
    ) -> None:
        super().__init__()
        self._title = title
        self._lines = lines
        self._current = current
        self._on_highlight = on_highlight

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = self._title
            yield Lines(*(Content(visible_line(line)) for line in self._lines), compact=True)

    def on_mount(self) -> None:
        self.query_one(OptionList).highlighted = self._current

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, message: OptionList.OptionHighlighted) -> None:
        self._on_highlight(message.option_index)

    @on(OptionList.OptionSelected)
    def _selected(self, message: OptionList.OptionSelected) -> None:
        self.leave_with(message.option_index)
