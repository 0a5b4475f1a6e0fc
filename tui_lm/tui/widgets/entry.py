"""Text fields of one line and of several, whose text is always safe for the terminal."""

from __future__ import annotations

from rich.text import Text
from textual import events
from textual.document._document import Location
from textual.widgets import Input, TextArea
from textual.widgets.text_area import Edit, EditResult

from tui_lm.safe_text import visible, visible_line
from tui_lm.tui.terminal import graphemes, typed
from tui_lm.tui.widgets.calm import Calm


class Entry(Calm, Input):
    """One line. Its value stays as it is, because file names may hold any character; its display is made safe."""

    @property
    def _value(self) -> Text:
        return Text(visible_line(self.value), no_wrap=True, overflow="ignore", end="")

    def on_key(self, event: events.Key) -> None:
        if character := typed.invisible(event):
            event.stop()
            self.insert_text_at_cursor(character)


class PlainArea(Calm, TextArea):
    """Several lines. Pasted text is made safe first."""

    def edit(self, edit: Edit) -> EditResult:
        edit.text = visible(edit.text)
        return super().edit(edit)

    async def on_key(self, event: events.Key) -> None:
        if character := typed.invisible(event):
            event.stop()
            self._replace_via_keyboard(character, *self.selection)

    def get_cursor_left_location(self) -> Location:
        """A grapheme to the left: the cursor never stands inside one, and Backspace deletes a whole one."""
        row, column = self.cursor_location
        if column == 0:
            return super().get_cursor_left_location()
        return row, graphemes.begins_before(self.document.get_line(row), column)

    def get_cursor_right_location(self) -> Location:
        row, column = self.cursor_location
        line = self.document.get_line(row)
        return (row, graphemes.ends_after(line, column)) if column < len(line) else super().get_cursor_right_location()
