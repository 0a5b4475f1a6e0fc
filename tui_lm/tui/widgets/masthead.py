"""The top line: the names of the screens, a running training, private mode."""

from __future__ import annotations

from collections.abc import Callable
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
    "inspect": "Inspect",
    "train": "Train",
    "models": "Models",
    "learn": "Learn",
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

    def _names(self) -> list[tuple[str, str]]:
        """The screens and their titles as drawn: closer if they do not fit, and only this one if they still do not."""
        right = self._meanwhile()
        room = self.size.width - cell_len(_NAME) - (cell_len(right) + 2 if right else 0)
        for drawn in (" {} ", " {}"):
            names = [(name, drawn.format(title)) for name, title in SCREENS.items()]
            if sum(cell_len(text) for _, text in names) <= room:
                return names
        return [(self.here, f" {SCREENS[self.here]} ")] if self.here in SCREENS else []

    def render(self) -> Content:
        names = [
            Content.styled(text, "bold reverse $primary" if name == self.here else "$foreground-muted")
            for name, text in self._names()
        ]
        left = Content.assemble((_NAME, "bold $text-accent"), *names)
        right = self._meanwhile()
        room = self.size.width - left.cell_length - cell_len(right) - 1
        if room < 1:
            return left.truncate(self.size.width)
        return Content.assemble(left, " " * room, (right, "$text-accent"), " ")

    def on_click(self, event: events.Click) -> None:
        x = cell_len(_NAME)
        for name, text in self._names():
            if x <= event.x < x + cell_len(text):
                self.post_message(self.Chosen(name))
                return
            x += cell_len(text)
