"""The footer: the keys of the screen. An action that cannot be done now is dim, and its tooltip says why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rich.cells import cell_len
from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget

from tui_lm.tui.terminal import keys

FIRST = ("chat.again", "composer.recall")  # what can be done after an answer
LAST = ("app.help", "app.palette", "app.go", "app.quit")  # at the end of the line, and the last to be left out


@dataclass(frozen=True)
class _Entry:
    binding: Binding
    node: DOMNode
    key: str
    reason: str

    @property
    def width(self) -> int:
        return cell_len(f" {self.key} {self.binding.description} ")


def _rank(entry: _Entry) -> int:
    """Sorts the entries: the first ones, then the ordinary ones as they come, then the last ones."""
    id = entry.binding.id
    return -1 if id in FIRST else LAST.index(id) + 1 if id in LAST else 0


class KeyLine(Widget):
    """A click runs the action. `why_not` says why an action of a node cannot be done now."""

    def __init__(self, why_not: Callable[[str, DOMNode], str]) -> None:
        super().__init__()
        self._why_not = why_not
        self._shown: list[_Entry] = []

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._update)

    def _update(self, screen: Screen[object]) -> None:
        if screen is self.screen:
            self.refresh()

    def render(self) -> Content:
        self._shown = self._fitting(self._entries())
        parts = []
        for entry in self._shown:
            dim = "$foreground-disabled" if entry.reason else ""
            parts.append(
                Content.assemble(
                    (f" {entry.key}", dim or "bold $text-accent"),
                    (f" {entry.binding.description} ", dim or "$foreground-muted"),
                )
            )
        return Content("").join(parts)

    def _entries(self) -> list[_Entry]:
        found: dict[str, _Entry] = {}
        for active in self.screen.active_bindings.values():
            binding, node = active.binding, active.node
            if binding.show and binding.key != keys.UNBOUND and binding.id not in found:
                key = keys.display(binding).replace("Ctrl+", "^")
                found[binding.id or key] = _Entry(binding, node, key, self._why_not(binding.action, node))
        return sorted(found.values(), key=_rank)

    def _fitting(self, entries: list[_Entry]) -> list[_Entry]:
        """The entries that fit. Those that cannot be done now are left out first, those of LAST last."""
        room = self.size.width
        while entries and sum(entry.width for entry in entries) > room:
            ordinary = [entry for entry in entries if entry.binding.id not in LAST]
            idle = [entry for entry in ordinary if entry.reason]
            entries.remove((idle or ordinary or entries[:1])[-1])
        return entries

    def _at(self, x: int) -> _Entry | None:
        for entry in self._shown:
            if 0 <= x < entry.width:
                return entry
            x -= entry.width
        return None

    async def on_click(self, event: events.Click) -> None:
        if entry := self._at(event.x):
            await self.app.run_action(entry.binding.action, entry.node)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        entry = self._at(event.x)
        tip = None if entry is None else entry.binding.tooltip
        if entry is not None and entry.reason:
            tip = f"{tip}. Not now: {entry.reason}."
        if tip != self.tooltip:
            self.tooltip = tip
