"""The line above: where one is, where one can go, and what goes on meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.widget import Widget

from tui_lm.safe_text import visible_line

if TYPE_CHECKING:
    from tui_lm.tui.app import TuiLmApp

PLACES = {
    "chat": "Chat",
    "write": "Write",
    "translate": "Translate",
    "train": "Train",
    "models": "Models",
    "settings": "Settings",
}
_NAME = " tui-lm  "
_GAP = "  "


class Masthead(Widget):
    """A click on a name goes there."""

    app: TuiLmApp

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place
        self.tooltip = "Ctrl+G goes to another screen"

    def _names(self) -> Iterator[tuple[str, str]]:
        wide = self.size.width >= 64
        return ((place, title) for place, title in PLACES.items() if wide or place == self.place)

    def render(self) -> Content:
        names = [
            Content.styled(title, "bold reverse $text-primary" if place == self.place else "$foreground-muted")
            for place, title in self._names()
        ]
        left = Content.assemble((_NAME, "bold"), Content(_GAP).join(names))
        right = self._meanwhile()
        room = self.size.width - left.cell_length - cell_len(right) - 1
        if room < 1:
            return left.truncate(self.size.width)
        return Content.assemble(left, " " * room, (right, "$text-accent"), " ")

    def _meanwhile(self) -> str:
        training, said = self.app.training, []
        if training.running:
            started = training.progress.started
            name = visible_line(started.name)[:20] if started else ""
            said.append(f"training {name} {training.progress.share:.0%}".replace("  ", " "))
        if self.app.private:
            said.append("private")
        return " · ".join(said)

    def on_click(self, event: events.Click) -> None:
        x = cell_len(_NAME)
        for place, title in self._names():
            if x <= event.x < x + cell_len(title):
                self.app.action_show(place)
                return
            x += cell_len(title) + cell_len(_GAP)
