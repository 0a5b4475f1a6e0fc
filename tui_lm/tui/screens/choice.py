"""A list to choose one line from. Letters filter it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList

from tui_lm.safe_text import visible_line
from tui_lm.tui.screens.modal import Modal
from tui_lm.tui.widgets.found import found
from tui_lm.tui.widgets.lines import Lines

HOW = "type to filter, Enter, Esc"


class ChoiceScreen(Modal[int]):
    """Returns the index of the chosen line, or None after Esc. `on_highlight` is called with each highlighted index.

    What is typed stands at the lower edge, and only lines that hold it are shown. With `searched`, a text for each
    line, it is looked for there.
    """

    def __init__(
        self,
        title: str,
        lines: Sequence[str],
        current: int | None,
        on_highlight: Callable[[int], None] = lambda index: None,
        searched: Sequence[str] | None = None,
    ) -> None:
        super().__init__()
        self._title = title
        self._lines = lines
        self._current = current
        self._on_highlight = on_highlight
        self._searched = lines if searched is None else searched
        self._typed = ""
        self._found = list(range(len(lines)))

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = self._title
            box.border_subtitle = HOW
            yield Lines(*map(self._line, self._found), compact=True)

    def _line(self, index: int) -> Content:
        return Content(visible_line(self._lines[index]))

    def on_mount(self) -> None:
        self.query_one(OptionList).highlighted = self._current

    def on_key(self, event: events.Key) -> None:
        """Textual offers a key first to the list, which takes no letters."""
        if event.key == "backspace":
            self._filter(self._typed[:-1])
        elif event.is_printable and event.character:
            self._filter(self._typed + event.character)

    def _filter(self, typed: str) -> None:
        lines, self._typed = self.query_one(OptionList), typed
        self._found = found(typed, self._searched)
        lines.clear_options()
        lines.add_options(map(self._line, self._found))
        lines.highlighted = 0 if self._found else None
        about = visible_line(typed) if typed.strip() else HOW
        self.query_one("#box").border_subtitle = Content(about if self._found else f"{about}: nothing")

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, message: OptionList.OptionHighlighted) -> None:
        if message.option_index < len(self._found):  # it may tell of a list that was filtered since
            self._on_highlight(self._found[message.option_index])

    @on(OptionList.OptionSelected)
    def _selected(self, message: OptionList.OptionSelected) -> None:
        self.leave_with(self._found[message.option_index])
