"""Compare models on one text: the bits per character of each while you type, and their answers side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static, TextArea

from tui_lm.charts import bar
from tui_lm.safe_text import visible, visible_line
from tui_lm.settings import Settings
from tui_lm.tui.jobs.comparing import Answered, AnswerSideBySide, Compare, Compared
from tui_lm.tui.jobs.inference import Failed, Inference
from tui_lm.tui.screens.modal import Modal
from tui_lm.tui.terminal import keys
from tui_lm.tui.terminal.notices import Notices
from tui_lm.tui.widgets.entry import PlainArea

LONGEST = 2000  # characters that are priced
SAMPLE = "See you tomorrow at the station?"
HOW = "Ctrl+R lets each model answer, Esc goes back"


class CompareScreen(Modal[None]):
    BINDINGS: ClassVar[list[BindingType]] = keys.COMPARE

    def __init__(self, names: Sequence[str], inference: Inference, notices: Notices, settings: Settings) -> None:
        super().__init__()
        self._names = tuple(names)
        self._inference, self._notices, self._settings = inference, notices, settings
        self._revision = 0
        self._engines: dict[str, Any] = {}
        self._found: dict[str, float | None] = {}
        self._answers: dict[str, tuple[str, str]] = {}  # by model: author and text

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = "Compare on one text"
            box.border_subtitle = HOW
            area = PlainArea(SAMPLE, compact=True, highlight_cursor_line=False)
            area.cursor_blink = False
            yield area
            yield Static(id="table")
            with Horizontal(id="answers"):
                for name in self._names:
                    with VerticalScroll(can_focus=False) as answer:
                        answer.border_title = Content(visible_line(name))
                        yield Static()

    def on_mount(self) -> None:
        self.query_one(TextArea).select_all()  # typing replaces it
        self._ask()

    def on_unmount(self) -> None:
        self._inference.stop(self)

    @on(TextArea.Changed)
    def _changed(self) -> None:
        self._ask()

    @property
    def _text(self) -> str:
        return visible(self.query_one(TextArea).text[-LONGEST:])

    def _ask(self) -> None:
        """Price the text; the answers to another text are dropped."""
        self._revision += 1
        self._found, self._answers = {}, {}
        self._inference.stop(self, AnswerSideBySide)
        if self._text.strip():
            self._inference.put(Compare(self, self._revision, self._names, self._text, self._engines))
        self._show()

    def action_answer(self) -> None:
        self._answers = {}
        if self._text.strip():
            job = AnswerSideBySide(self, self._revision, self._names, self._text, self._settings, self._engines)
            self._inference.put(job)
        self._show()

    @on(Compared)
    def _compared(self, message: Compared) -> None:
        if message.revision == self._revision:
            self._found[message.name] = message.bits_per_char
            self._show()

    @on(Answered)
    def _answered(self, message: Answered) -> None:
        if message.revision == self._revision:
            _, before = self._answers.get(message.name, ("", ""))
            self._answers[message.name] = (message.author or "", before + message.text)
            self._show()

    @on(Failed)
    def _failed(self, message: Failed) -> None:
        self._notices.complain(message.error)

    def _show(self) -> None:
        known = [bits for bits in self._found.values() if bits is not None]
        worst, best = max(known, default=1.0) or 1.0, min(known, default=0.0)
        column = max(len(visible_line(name)) for name in self._names)
        lines = [Content.styled("bits per character; lower is better", "$foreground-muted")]
        for name in self._names:
            title = f"{visible_line(name):<{column}}  "
            bits = self._found.get(name)
            if bits is None:
                lines.append(
                    Content.assemble(title, ("no characters" if name in self._found else "…", "$foreground-muted"))
                )
            else:
                style = "bold $text-success" if bits == best and len(known) > 1 else ""
                lines.append(Content.assemble(title, (bar(bits / worst, 20), "$primary"), (f" {bits:.3f}", style)))
        self.query_one("#table", Static).update(Content("\n").join(lines))
        for name, widget in zip(self._names, self.query("#answers Static").results(Static), strict=True):
            author, text = self._answers.get(name, ("", ""))
            who = f"{visible_line(author)}: " if author else ""
            widget.update(Content.assemble((who, "bold $text-primary"), visible(text)))
