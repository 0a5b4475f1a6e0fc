"""Compare models on one text: the bits per character of each, updated while you type."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static, TextArea

from tui_lm import checkpoint
from tui_lm.charts import bar
from tui_lm.safe_text import visible, visible_line
from tui_lm.tui.jobs.inference import Failed, Inference, InferenceJob
from tui_lm.tui.screens.modal import Modal
from tui_lm.tui.terminal import keys
from tui_lm.tui.terminal.notices import Notices
from tui_lm.tui.widgets.entry import PlainArea

LONGEST = 2000  # characters that are priced
SAMPLE = "See you tomorrow at the station?"


@dataclass
class Compared(Message):
    revision: int
    name: str
    bits_per_char: float | None


@dataclass(frozen=True)
class Compare(InferenceJob):
    """Price the text with each model in turn. `engines` caches loaded ones; only the inference thread uses it."""

    lasting: ClassVar[bool] = True
    names: tuple[str, ...]
    text: str
    engines: dict[str, Any]

    def run(self, model: Any) -> Iterator[Message]:
        from tui_lm.corpus import Utterance
        from tui_lm.engine import Engine
        from tui_lm.evaluation.bits import price

        for name in self.names:
            if name not in self.engines:
                self.engines[name] = Engine.open(checkpoint.find(name))
            engine = self.engines[name]
            yield Compared(self.revision, name, price(engine, [Utterance(engine.me, self.text)]).bits_per_char)


class CompareScreen(Modal[None]):
    BINDINGS: ClassVar[list[BindingType]] = keys.COMPARE

    def __init__(self, names: Sequence[str], inference: Inference, notices: Notices) -> None:
        super().__init__()
        self._names = tuple(names)
        self._inference, self._notices = inference, notices
        self._revision = 0
        self._engines: dict[str, Any] = {}
        self._found: dict[str, float | None] = {}

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = "Compare on one text"
            box.border_subtitle = "Esc goes back"
            area = PlainArea(SAMPLE, compact=True, highlight_cursor_line=False)
            area.cursor_blink = False
            yield area
            yield Static(id="table")

    def on_mount(self) -> None:
        self.query_one(TextArea).select_all()  # typing replaces it
        self._ask()

    def on_unmount(self) -> None:
        self._inference.stop(self)

    @on(TextArea.Changed)
    def _changed(self) -> None:
        self._ask()

    def _ask(self) -> None:
        self._revision += 1
        self._found = {}
        text = self.query_one(TextArea).text[-LONGEST:]
        if text.strip():
            self._inference.put(Compare(self, self._revision, self._names, visible(text), self._engines))
        self._show()

    @on(Compared)
    def _compared(self, message: Compared) -> None:
        if message.revision == self._revision:
            self._found[message.name] = message.bits_per_char
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
