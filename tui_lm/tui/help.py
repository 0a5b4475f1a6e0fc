"""Every key in one table, as it is bound now."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import ActiveBinding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui_lm.tui import keys

INTRODUCTION = """\
The grey text at the end of what you write is the model's guess, and so are the three words above it. \
The bars show how probable it finds each next token at the chosen temperature."""


def rows(bindings: Iterable[ActiveBinding], display: dict[str, str]) -> list[tuple[str, str, str]]:
    """(group, keys, what they do), in the order of `keys.GROUPS`; the keys of one binding stand together."""
    names: dict[tuple[str, str], list[str]] = {}
    for active in bindings:
        binding = active.binding
        group = (binding.id or "").partition(".")[0]
        if group in keys.GROUPS:
            names.setdefault((group, binding.tooltip or binding.description), []).append(display[binding.key])
    order = list(keys.GROUPS)
    found = [(group, "  ".join(together), text) for (group, text), together in names.items()]
    return sorted(found, key=lambda row: order.index(row[0]))


class HelpScreen(ModalScreen[None]):
    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keys.HELP

    def __init__(self, bindings: Iterable[ActiveBinding]) -> None:
        super().__init__()
        self._active = list(bindings)

    def compose(self) -> ComposeResult:
        display = {active.binding.key: self.app.get_key_display(active.binding) for active in self._active}
        table = rows(self._active, display)
        column = max((len(pressed) for _, pressed, _ in table), default=0)
        lines = [Content(INTRODUCTION)]
        group = ""
        for here, pressed, text in table:
            if here != group:
                group = here
                lines += [Content(""), Content.styled(keys.GROUPS[group], "bold $text-accent")]
            lines.append(Content.assemble((pressed.ljust(column), "bold"), "  ", text))
        with VerticalScroll(id="box") as box:
            box.border_title = "Keys"
            box.border_subtitle = "Esc closes"
            yield Static(Content("\n").join(lines))

    def action_leave(self) -> None:
        self.dismiss()
