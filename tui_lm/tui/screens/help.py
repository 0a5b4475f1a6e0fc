"""The help: every key as it is bound now, and why an action cannot be done now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from textwrap import wrap
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui_lm.tui.screens.modal import Modal
from tui_lm.tui.terminal import keys

INTRODUCTION = """\
The grey text after what you write is the model's guess, and so are the three words above it. The inspector (F2) \
shows what may come next, how sure the model is, and what goes on in it. Drag with the mouse and press Ctrl+C to copy; \
in tmux this needs `set -g set-clipboard on`. Keys are rebound in settings.toml, by the names on the right. \
L opens the lessons (Learn)."""
_A_ROW = 2
WIDEST, AROUND = 78, 8  # columns of the box, and of its border, padding and scrollbar


class HelpScreen(Modal[str]):
    """Returns "learn" if the user wants the lessons.

    `keymap` holds rebound keys and `reasons` why an action cannot be done now, both by the action's id.
    """

    BINDINGS: ClassVar[list[BindingType]] = keys.HELP

    def __init__(self, keymap: Mapping[str, str], reasons: Mapping[str, str]) -> None:
        super().__init__()
        self._keymap, self._reasons = keymap, reasons

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="box") as box:
            box.border_title = "Keys"
            box.border_subtitle = "L lessons, Esc closes"
            yield Static(Content("\n").join([Content(INTRODUCTION), *self._lines()]))

    def action_learn(self) -> None:
        self.leave_with("learn")

    def _lines(self) -> Iterator[Content]:
        table = list(self._table())
        column = max(len(pressed) for _, pressed, _, _ in table)
        room = max(20, min(self.app.size.width, WIDEST) - AROUND - column - 2)
        above = ""
        for group, pressed, text, name in table:
            if group != above:
                above = group
                yield from (Content(""), Content.styled(keys.GROUPS[group], "bold $text-accent"))
            *lines, last = wrap(text, room) or [""]
            for line in lines:
                yield Content.assemble((pressed.ljust(column), "bold"), "  ", line)
                pressed = ""
            fits = len(last) + 2 + len(name) <= room
            yield Content.assemble(
                (pressed.ljust(column), "bold"),
                "  ",
                last,
                "  " if text else "",
                (name if fits else "", "$foreground-disabled"),
            )
            if not fits:
                yield Content.styled(" " * (column + 2) + name, "$foreground-disabled")
            if reason := self._reasons.get(name):
                yield Content.styled(" " * (column + 2) + f"not now: {reason}", "$text-warning")

    def _table(self) -> Iterator[tuple[str, str, str, str]]:
        """Yield (group, keys, description, id), with at most _A_ROW keys of an action in a row."""
        together: dict[tuple[str, str, str], list[str]] = {}
        for binding in keys.as_bound(keys.ALL, self._keymap):
            group, id = (binding.id or "").partition(".")[0], binding.id or ""
            names = together.setdefault((group, binding.tooltip, "" if group == "edit" else id), [])
            key = keys.display(binding)
            if key and key not in names:
                names.append(key)
        order = list(keys.GROUPS)
        for (group, text, id), names in sorted(together.items(), key=lambda item: order.index(item[0][0])):
            for start in range(0, max(1, len(names)), _A_ROW):
                yield group, "  ".join(names[start : start + _A_ROW]), "" if start else text, "" if start else id
