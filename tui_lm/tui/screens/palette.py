"""The palette: find any action by its name. An action that cannot be done now says why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.dom import DOMNode
from textual.fuzzy import Matcher
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from tui_lm.tui.screens.modal import Modal
from tui_lm.tui.terminal import keys
from tui_lm.tui.widgets.entry import Entry
from tui_lm.tui.widgets.lines import Lines

Action = tuple[Binding, DOMNode, str]
_KEYS = 12  # columns for the key


class PaletteScreen(Modal[None]):
    """Letters filter the list, Up and Down choose, Enter runs the action."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *keys.CHOICE,
        Binding("up", "move('up')", show=False),
        Binding("down", "move('down')", show=False),
        Binding("pageup", "move('page_up')", show=False),
        Binding("pagedown", "move('page_down')", show=False),
        Binding("ctrl+g", "again", show=False),
    ]

    def __init__(self, actions: Sequence[Action], title: str = "What to do") -> None:
        super().__init__()
        self._actions = actions
        self._title = title
        self._found: list[Action] = []

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = self._title
            yield Entry(placeholder="Find an action", compact=True)
            yield Lines(compact=True)

    def on_mount(self) -> None:
        self.query_one(Lines).can_focus = False
        self._find("")

    @on(Input.Changed)
    def _changed(self, message: Input.Changed) -> None:
        self._find(message.value)

    def _find(self, query: str) -> None:
        self._found = list(self._actions)
        if query.strip():
            matcher = Matcher(query.strip())
            scored = [(max(map(matcher.match, _names(action))), action) for action in self._actions]
            self._found = [action for score, action in sorted(scored, key=lambda pair: -pair[0]) if score > 0]
        lines = self.query_one(Lines)
        lines.clear_options()
        lines.add_options(Option(self._line(action)) for action in self._found)
        lines.highlighted = 0 if self._found else None

    def _line(self, action: Action) -> Content:
        binding, _, reason = action
        key = keys.display(binding).ljust(_KEYS)
        if reason:
            return Content.styled(f"{key}{_title(action)}\n{'':{_KEYS}}not now: {reason}", "$foreground-disabled")
        return Content.assemble((key, "bold $text-accent"), _title(action))

    def action_again(self) -> None:
        """Ctrl+G twice goes nearer than to a screen: to a field of this one."""
        if self.is_current:
            self.dismiss(None)
            self.app.call_later(self.app.run_action, "jump", self.app)

    def action_move(self, how: str) -> None:
        lines = self.query_one(Lines)
        {
            "up": lines.action_cursor_up,
            "down": lines.action_cursor_down,
            "page_up": lines.action_page_up,
            "page_down": lines.action_page_down,
        }[how]()

    @on(Input.Submitted)
    async def _submitted(self) -> None:
        highlighted = self.query_one(Lines).highlighted
        if highlighted is not None and highlighted < len(self._found):
            self._do(self._found[highlighted])

    @on(OptionList.OptionSelected)
    def _selected(self, message: OptionList.OptionSelected) -> None:
        self._do(self._found[message.option_index])

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:
            self.action_leave()

    def _do(self, action: Action) -> None:
        if not self.is_current:
            return
        binding, node, _ = action
        self.dismiss(None)
        self.app.call_later(self.app.run_action, binding.action, node)


def _title(action: Action) -> str:
    return action[0].tooltip or action[0].description


def _names(action: Action) -> tuple[str, str]:
    """The names by which it is found: the short one of the footer, and the description."""
    return action[0].description, _title(action)
