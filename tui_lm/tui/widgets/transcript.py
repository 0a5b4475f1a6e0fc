"""The messages of a chat, as plain text: markup and escapes in them are never interpreted."""

from __future__ import annotations

from collections.abc import Iterable

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from tui_lm.safe_text import visible, visible_line
from tui_lm.tui.widgets.calm import Calm


class Turn(Widget):
    """One message. It is rendered when it is painted, so a stream of tokens costs no more than its frames."""

    def __init__(self, author: str, text: str, *, by_model: bool) -> None:
        super().__init__(classes="-by-model" if by_model else "")
        self.author = author
        self.text = text
        self.by_model = by_model

    def append(self, text: str) -> None:
        self.text += text
        self.refresh(layout=True)

    def render(self) -> Content:
        colour = "$text-accent" if self.by_model else "$text-primary"
        name = Content.styled(visible_line(self.author), f"bold {colour}")
        return Content("\n").join([name, Content(visible(self.text))])


class Transcript(Calm, VerticalScroll, can_focus=False):
    """Scrolls to its end while it grows, unless the user has scrolled up."""

    def __init__(self, hint: str) -> None:
        super().__init__()
        self._hint = hint
        self.turns: list[Turn] = []

    def compose(self) -> ComposeResult:
        yield Static(self._hint, id="hint", markup=False)

    def on_mount(self) -> None:
        self.anchor()

    def say(self, author: str, text: str, *, by_model: bool) -> Turn:
        """Add a message and return it, so that text can be appended."""
        turn = Turn(author, text, by_model=by_model)
        self.query_one("#hint").display = False
        self.turns.append(turn)
        self.mount(turn)
        self.anchor()
        return turn

    def show(self, turns: Iterable[tuple[str, str, bool]]) -> None:
        """Replace all messages by `turns`: (author, text, whether the model wrote it)."""
        self.clear()
        for author, text, by_model in turns:
            self.say(author, text, by_model=by_model)

    def take_back(self) -> None:
        """Remove the last message if it is the model's."""
        if self.turns and self.turns[-1].by_model:
            self._remove(len(self.turns) - 1)

    def take_back_own(self) -> None:
        """Remove the last message that is not the model's, and all after it."""
        self._remove(max(index for index, turn in enumerate(self.turns) if not turn.by_model))

    def clear(self) -> None:
        self._remove(0)

    def hint(self, text: str) -> None:
        """Set the text that is shown while there are no messages."""
        self.query_one("#hint", Static).update(Content(text))

    def _remove(self, first: int) -> None:
        gone = self.turns[first:]
        del self.turns[first:]
        for turn in gone:
            turn.remove()
        self.query_one("#hint").display = not self.turns
