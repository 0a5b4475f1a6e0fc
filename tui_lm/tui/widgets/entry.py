"""Text fields of one line and of several, whose text is always safe for the terminal."""

from __future__ import annotations

from rich.text import Text
from textual.widgets import Input, TextArea
from textual.widgets.text_area import Edit, EditResult

from tui_lm.safe_text import visible, visible_line
from tui_lm.tui.widgets.calm import Calm


class Entry(Calm, Input):
    """One line. Its value stays as it is, because file names may hold any character; its display is made safe."""

    @property
    def _value(self) -> Text:
        return Text(visible_line(self.value), no_wrap=True, overflow="ignore", end="")


class PlainArea(Calm, TextArea):
    """Several lines, without suggestions. Pasted text is made safe first."""

    def edit(self, edit: Edit) -> EditResult:
        edit.text = visible(edit.text)
        return super().edit(edit)
