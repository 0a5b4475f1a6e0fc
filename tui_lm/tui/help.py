"""Every key in one table, as it is bound now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui_lm.tui import keys

if TYPE_CHECKING:
    from tui_lm.tui.app import TuiLmApp

INTRODUCTION = """\
The grey text at the end of what you write is the model's guess, and so are the three words above it. \
The bars show how probable it finds each next token at the chosen temperature."""
_A_ROW = 2


class HelpScreen(ModalScreen[None]):
    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.HELP]
    app: TuiLmApp

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="box") as box:
            box.border_title = "Keys"
            box.border_subtitle = "Esc closes"
            yield Static(Content("\n").join([Content(INTRODUCTION), *self._lines()]))

    def _lines(self) -> Iterator[Content]:
        table = list(self._table())
        column = max(len(pressed) for _, pressed, _ in table)
        above = ""
        for group, pressed, text in table:
            if group != above:
                above = group
                yield from (Content(""), Content.styled(keys.GROUPS[group], "bold $text-accent"))
            yield Content.assemble((pressed.ljust(column), "bold"), "  ", text)

    def _table(self) -> Iterator[tuple[str, str, str]]:
        """(group, keys, what they do): the keys of one action stand together, a few a row."""
        together: dict[tuple[str, str], list[str]] = {}
        for binding in keys.as_bound(
            [*keys.APP, *keys.WELCOME, *keys.CHAT, *keys.COMPOSER, *keys.SLIDER], self.app.settings.keymap
        ):
            group = (binding.id or "").partition(".")[0]
            together.setdefault((group, binding.tooltip), []).append(self.app.get_key_display(binding))
        for (group, text), names in together.items():
            for start in range(0, len(names), _A_ROW):
                yield group, "  ".join(names[start : start + _A_ROW]), "" if start else text

    def action_leave(self) -> None:
        if self.is_current:
            self.dismiss()
