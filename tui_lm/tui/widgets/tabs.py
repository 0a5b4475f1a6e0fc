"""The names of the views in one line, as many as fit. A click shows a view."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget


class Tabs(Widget):
    @dataclass
    class Chosen(Message):
        name: str

    def __init__(self) -> None:
        super().__init__()
        self._titles: Mapping[str, str] = {}
        self._current = ""
        self.tooltip = "Ctrl+T shows the next view"

    def show(self, titles: Mapping[str, str], current: str) -> None:
        if (titles, current) != (self._titles, self._current):
            self._titles, self._current = dict(titles), current
            self.refresh()

    def _shown(self) -> list[tuple[str, str]]:
        """The current view and as many neighbours as fit."""
        every = list(self._titles.items())
        if not every:
            return []
        index = list(self._titles).index(self._current) if self._current in self._titles else 0
        low, high = index, index + 1
        room = self.size.width - len(every[index][1])
        while True:
            after = len(every[high][1]) + 2 if high < len(every) else room + 1
            before = len(every[low - 1][1]) + 2 if low > 0 else room + 1
            if after <= room:
                high, room = high + 1, room - after
            elif before <= room:
                low, room = low - 1, room - before
            else:
                return every[low:high]

    def render(self) -> Content:
        return Content("  ").join(
            Content.styled(title, "bold reverse" if name == self._current else "$foreground-muted")
            for name, title in self._shown()
        )

    def on_click(self, event: events.Click) -> None:
        x = event.x
        for name, title in self._shown():
            if 0 <= x < len(title):
                self.post_message(self.Chosen(name))
                return
            x -= len(title) + 2
