"""Jump to a field of the screen: each one that can have the focus shows a letter, and the letter goes there."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.geometry import Region
from textual.screen import Screen
from textual.widgets import Static

from tui_lm.tui.host import Host
from tui_lm.tui.screens.modal import Modal

LETTERS = "asdfghjklqwertyuiopzxcvbnm"


class JumpScreen(Modal[int]):
    """Returns the index of the chosen one of `regions`, or None after any other key."""

    def __init__(self, regions: Sequence[Region]) -> None:
        super().__init__()
        self._regions = regions[: len(LETTERS)]

    def compose(self) -> ComposeResult:
        for letter, region in zip(LETTERS, self._regions, strict=False):
            label = Static(Content.styled(f" {letter} ", "bold reverse $accent"), classes="letter")
            label.styles.offset = (region.x, region.y)
            yield label

    def on_key(self, event: events.Key) -> None:
        event.stop()
        index = LETTERS.find(event.character) if event.character else -1
        self.leave_with(index if 0 <= index < len(self._regions) else None)


def jump(host: Host, screen: Screen[object]) -> None:
    """Ask for a field of `screen`, and move the focus there."""
    fields = [widget for widget in screen.focus_chain if widget.region]
    fields.sort(key=lambda widget: (widget.region.y, widget.region.x))

    def chosen(index: int | None) -> None:
        if index is not None:
            screen.set_focus(fields[index])

    host.ask(JumpScreen([widget.region for widget in fields]), chosen)
