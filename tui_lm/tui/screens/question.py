"""Questions with a yes or no, or a line of text, as the answer."""

from __future__ import annotations

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.suggester import Suggester
from textual.widgets import Input, OptionList, Static

from tui_lm.tui.screens.modal import Modal
from tui_lm.tui.widgets.entry import Entry
from tui_lm.tui.widgets.lines import Lines


class ConfirmScreen(Modal[bool]):
    """Returns True for yes. The line that changes nothing is highlighted first."""

    def __init__(self, title: str, text: str, do_it: str) -> None:
        super().__init__()
        self._title, self._text, self._do_it = title, text, do_it

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = self._title
            yield Static(Content(self._text), id="text")
            yield Lines("No, change nothing", Content(self._do_it), compact=True)

    def on_mount(self) -> None:
        self.query_one(OptionList).highlighted = 0

    @on(OptionList.OptionSelected)
    def _selected(self, message: OptionList.OptionSelected) -> None:
        self.leave_with(message.option_index == 1)


class AskScreen(Modal[str]):
    """Returns a line of text, or None after Esc. `wrong` returns what is wrong with a line, or ""."""

    def __init__(
        self,
        title: str,
        value: str = "",
        *,
        hint: str = "",
        suggester: Suggester | None = None,
        wrong: Callable[[str], str] = lambda text: "",
    ) -> None:
        super().__init__()
        self._title, self._value, self._hint = title, value, hint
        self._suggester, self._wrong = suggester, wrong

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = self._title
            box.border_subtitle = "Enter, or Esc"
            yield Entry(self._value, compact=True, suggester=self._suggester, select_on_focus=False)
            yield Static(Content(self._hint), id="text")

    @on(Input.Submitted)
    def _submitted(self, message: Input.Submitted) -> None:
        text = message.value.strip()
        if wrong := self._wrong(text) if text else "write something, or press Esc":
            self.query_one("#text", Static).update(Content.styled(wrong, "$text-error"))
        else:
            self.leave_with(text)
