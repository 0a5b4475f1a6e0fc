"""A text area for a whole file, with suggestions at the end of any line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar

from textual.binding import BindingType
from textual.widgets.text_area import Selection

from tui_lm.tokenizers.stream import History, WritingContext
from tui_lm.tui.terminal import keys
from tui_lm.tui.widgets.suggesting import SuggestingArea

WINDOW = 16  # lines; the model's context starts at a multiple of it, so that cached states stay valid
LONGEST = 2000  # characters of a line; the beginning of a longer one is cut, in steps of this length


class Page(SuggestingArea, inherit_bindings=False):
    BINDINGS: ClassVar[list[BindingType]] = keys.PAGE
    TABLE: ClassVar[list[BindingType]] = keys.PAGE

    def __init__(self, keymap: Mapping[str, str]) -> None:
        super().__init__(keymap, placeholder="Write here")
        self._pen = (0, 0)  # where the model writes

    @property
    def first_row(self) -> int:
        """The row at which the model's context starts."""
        row, _ = self.typed
        return max(0, (row // WINDOW - 1) * WINDOW)

    def prose(self) -> WritingContext:
        """The text before the cursor, for a model of prose."""
        row, before = self.typed
        lines = [self.document.get_line(line) for line in range(self.first_row, row)]
        return WritingContext(_latest("\n".join([*lines, before])))

    def message(self, author: str | None) -> WritingContext:
        """The lines before the cursor as messages of `author`, for a model of a chat."""
        row, before = self.typed
        lines = [self.document.get_line(line) for line in range(self.first_row, row)]
        said: History = tuple((author or "", line) for line in lines if line.strip())
        return WritingContext(_latest(before), author, said)

    def take_pen(self) -> None:
        """Let the model write from the cursor on."""
        self._pen = self.selection.end

    def write(self, text: str) -> None:
        """Insert text of the model at the pen. It is no edit of the user; a cursor at the pen moves along."""
        self._writing = True
        along = self.selection.is_empty and self.cursor_location == self._pen
        self._pen = self.insert(text, self._pen, maintain_selection_offset=not along).end_location
        self._writing = False

    def action_take_or_break(self) -> None:
        if self._chosen is not None:
            self.take(self._chosen)
        else:
            self.action_new_line()

    def find(self, sought: str) -> bool:
        """Select the next match of `sought`, wrapping around. Returns False if there is none."""
        lines = [self.document.get_line(row) for row in range(self.document.line_count)]
        text, (row, column) = "\n".join(lines), self.selection.end
        begin = sum(len(line) + 1 for line in lines[:row]) + column
        pattern = re.compile(re.escape(sought), re.IGNORECASE)
        match = pattern.search(text, begin) or pattern.search(text)
        if match is None:
            return False
        self.selection = Selection(*(_location(text, offset) for offset in match.span()))
        self.scroll_cursor_visible()
        return True


def _location(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset), offset - text.rfind("\n", 0, offset) - 1


def _latest(text: str) -> str:
    leaps = len(text) // LONGEST - 1
    return text[leaps * LONGEST :] if leaps > 0 else text
