"""The messages of a chat, as plain text: markup and escapes in them are never interpreted."""

from __future__ import annotations

from collections.abc import Iterable

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from tui_lm.safe_text import visible, visible_line
from tui_lm.tui.terminal.themes import AUTHORS
from tui_lm.tui.widgets.calm import Calm


class Turn(Widget):
    """One message. It is rendered when it is painted, so a stream of tokens costs no more than its frames."""

    def __init__(self, author: str, text: str, *, by_model: bool, colour: int) -> None:
        super().__init__(classes=f"-author-{colour}")
        self._style = f"bold $author-{colour}"
        self.author = author
        self.text = text
        self.by_model = by_model

    def append(self, text: str) -> None:
        self.text += text
        self.refresh(layout=True)

    def render(self) -> Content:
        name = Content.styled(visible_line(self.author), self._style)
        text = Content(visible(self.text)) if self.text else Content.styled("is typing …", "italic $foreground-muted")
        return Content("\n").join([name, text])


class Transcript(Calm, VerticalScroll, can_focus=False):
    """Scrolls to its end while it grows, unless the user has scrolled up."""

    def __init__(self, hint: str) -> None:
        super().__init__()
        self._hint = hint
        self._authors: list[str] = []
        self.turns: list[Turn] = []

    def compose(self) -> ComposeResult:
        yield Static(self._hint, id="hint", markup=False)

    def on_mount(self) -> None:
        self.anchor()

    def say(self, author: str, text: str, *, by_model: bool) -> Turn:
        """Add a message and return it, so that text can be appended."""
        turn = Turn(author, text, by_model=by_model, colour=self._colour_of(author))
        self.query_one("#hint").display = False
        self.turns.append(turn)
        self.mount(turn)
        self.anchor()
        return turn

    def know(self, authors: Iterable[str]) -> None:
        """The authors in the order of their colours; more of them are known when they write."""
        self._authors = list(authors)

    def style_of(self, author: str) -> str:
        """The style of the name of `author`."""
        return f"bold $author-{self._colour_of(author)}" if author else "bold $text-primary"

    def _colour_of(self, author: str) -> int:
        if author not in self._authors:
            self._authors.append(author)
        return self._authors.index(author) % AUTHORS

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
