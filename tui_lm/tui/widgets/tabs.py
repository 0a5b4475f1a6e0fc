"""The names of the views in one line, as many as fit, with an arrow at an end where there are more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

LESS, MORE = "◂ ", " ▸"


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
        room = self.size.width - len(every[index][1]) - (0 if self._fit() else 2 * len(LESS))
        while True:
            after = len(every[high][1]) + 2 if high < len(every) else room + 1
            before = len(every[low - 1][1]) + 2 if low > 0 else room + 1
            if after <= room:
                high, room = high + 1, room - after
            elif before <= room:
                low, room = low - 1, room - before
            else:
                return every[low:high]

    def _fit(self) -> bool:
        return sum(len(title) + 2 for title in self._titles.values()) - 2 <= self.size.width

    def _neighbour(self, by: int) -> str:
        """The view `by` before or after the current one; "" if there is none."""
        names = list(self._titles)
        index = names.index(self._current) + by if self._current in names else 0
        return names[index] if 0 <= index < len(names) else ""

    def _pieces(self) -> list[tuple[str, str, str]]:
        """The name of the view that a click on a piece shows, its text, its style."""
        shown, every = self._shown(), list(self._titles)
        pieces = []
        for index, (name, title) in enumerate(shown):
            style = "bold reverse" if name == self._current else "$foreground-muted"
            pieces += [("", "  " if index else "", ""), (name, title, style)]
        if not self._fit() and shown:
            less, more = shown[0][0] != every[0], shown[-1][0] != every[-1]
            pieces.insert(0, (self._neighbour(-1), LESS, "$text-accent") if less else ("", " " * len(LESS), ""))
            pieces.append((self._neighbour(1), MORE if more else "", "$text-accent"))
        return pieces

    def render(self) -> Content:
        return Content.assemble(*((text, style) for _, text, style in self._pieces()))

    def on_click(self, event: events.Click) -> None:
        x = event.x
        for name, text, _ in self._pieces():
            if 0 <= x < len(text):
                if name:
                    self.post_message(self.Chosen(name))
                return
            x -= len(text)
