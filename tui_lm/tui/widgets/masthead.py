"""The top line: the names of the screens, a running training, private mode."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

SCREENS = {
    "chat": "Chat",
    "write": "Write",
    "translate": "Translate",
    "train": "Train",
    "models": "Models",
    "settings": "Settings",
}
_NAME = " tui-lm "


class Masthead(Widget):
    """A click on a name goes to that screen. `here` is the current one; `meanwhile` returns the text at the right."""

    @dataclass
    class Chosen(Message):
        """A name was clicked."""

        screen: str

    def __init__(self, here: str, meanwhile: Callable[[], str]) -> None:
        super().__init__()
        self.here = here
        self._meanwhile = meanwhile
        self.tooltip = "Ctrl+G goes to another screen"

    def _names(self) -> Iterator[tuple[str, str]]:
        wide = self.size.width >= 64
        return ((name, title) for name, title in SCREENS.items() if wide or name == self.here)

    def render(self) -> Content:
        names = [
            Content.styled(f" {title} ", "bold reverse $primary" if name == self.here else "$foreground-muted")
            for name, title in self._names()
        ]
        left = Content.assemble((_NAME, "bold $text-accent"), *names)
        right = self._meanwhile()
        room = self.size.width - left.cell_length - cell_len(right) - 1
        if room < 1:
            return left.truncate(self.size.width)
        return Content.assemble(left, " " * room, (right, "$text-accent"), " ")

    def on_click(self, event: events.Click) -> None:
        x = cell_len(_NAME)
        for name, title in self._names():
            if x <= event.x < x + cell_len(title) + 2:
                self.post_message(self.Chosen(name))
                return
            x += cell_len(title) + 2
