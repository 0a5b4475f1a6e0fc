"""The Train screen: the curve, figures and samples of a training; without one, the choice of a source."""

from __future__ import annotations

from collections.abc import Sequence
from math import log
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui_lm import events
from tui_lm.safe_text import visible_line
from tui_lm.tui.jobs.training_process import TrainingProgress
from tui_lm.tui.screens.picking import PickingScreen
from tui_lm.tui.screens.services import Services
from tui_lm.tui.terminal import keys
from tui_lm.tui.widgets.loss_curve import LossCurve
from tui_lm.tui.widgets.source_picker import SourcePicker

ENDINGS = {
    "finished": "done",
    "early stop": "done: it stopped improving",
    "interrupted": "stopped; the best model is kept",
}


class TrainScreen(PickingScreen):
    CSS_PATH = "picking.tcss"
    NAME = "train"
    BINDINGS: ClassVar[list[BindingType]] = keys.TRAIN

    def compose_body(self) -> ComposeResult:
        with Vertical(id="run"):
            yield Static(id="about")
            yield Static(id="bar")
            yield Static(id="figures")
            yield LossCurve()
            with VerticalScroll(id="samples"):
                yield Static(id="written")
        yield SourcePicker(self.session.source)

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._another = False  # after a training, the user chooses the next source

    def on_mount(self) -> None:
        self._resume()  # before `on_mount` of PickingScreen, which Textual calls too

    def on_screen_resume(self) -> None:
        if self.is_mounted:
            self._resume()

    def _resume(self) -> None:
        """Show the choice of a source if another screen has chosen a model to train on."""
        wanted = bool(self.services.trainings.base) and not self.training.running
        self._another = self._another or wanted
        self._show()
        if wanted:
            self.take_focus()

    def take_focus(self) -> None:
        if self.picker.display:
            super().take_focus()
        else:
            self.query_one("#samples").focus()  # where Enter is not text

    def training_changed(self, news: Sequence[events.Event]) -> None:
        super().training_changed(news)
        shown = self.picker.display
        self._another = self._another and not self.training.running
        self._show()
        if shown != self.picker.display:
            self.take_focus()

    def _show(self) -> None:
        training = self.training
        progress = training.progress
        shown = training.running or progress.finished is not None
        self.picker.display = not shown or self._another
        self.query_one("#run").display = shown and not self._another
        if shown:
            started = progress.started
            what = (
                f"{started.description} on {started.device}"
                if started
                else "the program is starting, which takes some seconds"
            )
            name = f"{visible_line(started.name)}: " if started else ""
            stop = "   Esc stops it" if training.running and not training.stopping else ""
            self._say("#about", Content.assemble((name, "bold"), visible_line(what), (stop, "$foreground-muted")))
            self._say("#bar", gauge(progress.share, max(10, self.size.width - 12)))
            self._say("#figures", in_lines(figures(progress, stopping=training.stopping), self.size.width - 6))
            bits = progress.bits or [(event.step, event.loss / log(2)) for event in (progress.best,) if event]
            self.query_one(LossCurve).show(bits, [(step, loss / log(2)) for step, loss in progress.losses])
            self._say("#written", Content("\n").join(samples(progress)))
        self.refresh_bindings()

    def why_not(self, action: str, parameter: str) -> str:
        if action == "start" and not self.picker.display and not self.training.running:
            return ""
        return super().why_not(action, parameter)

    def action_start(self) -> None:
        """After a training, the first press shows the choice of a source and the second one starts."""
        if self.picker.display:
            super().action_start()
        else:
            self._another = True
            self._show()
            self.take_focus()

    def _say(self, selector: str, text: Content) -> None:
        self.query_one(selector, Static).update(text)


def gauge(share: float, width: int) -> Content:
    filled = round(share * width)
    return Content.assemble(
        ("━" * filled, "$primary"), ("─" * (width - filled), "$foreground-disabled"), (f" {share:4.0%}", "bold")
    )


def figures(progress: TrainingProgress, *, stopping: bool = False) -> list[Content]:
    step, best, finished = progress.step, progress.best, progress.finished
    parts: list[Content] = []
    if finished is not None:
        parts.append(Content.styled(ENDINGS.get(finished.reason, finished.reason), "bold $text-success"))
    elif stopping:
        parts.append(Content.styled("stopping; the best model is kept", "$text-warning"))
    if step is not None:
        parts.append(Content(f"step {step.step:,} of {step.steps:,}"))
        parts.append(Content.assemble("loss ", (f"{step.loss:.3f}", "bold")))
    if best is not None:
        unit = f"{best.bits_per_char:.3f} bits/char" if best.bits_per_char is not None else f"{best.loss:.3f} nats"
        parts.append(Content.assemble("best ", (unit, "bold $text-accent")))
    if step is not None and finished is None:
        parts.append(Content(f"{step.tokens_per_second:,.0f} tokens/s"))
        left = int(step.seconds_left)
        parts.append(Content(f"{left // 60}:{left % 60:02d} left"))
    if finished is not None:
        parts.append(Content(f"{finished.seconds:.0f} s"))
    return parts


def in_lines(parts: Sequence[Content], width: int) -> Content:
    """Fill lines of `width` columns with `parts`, none of them broken."""
    lines: list[Content] = []
    for part in parts:
        if lines and lines[-1].cell_length + 3 + part.cell_length <= width:
            lines[-1] = Content.assemble(lines[-1], "   ", part)
        else:
            lines.append(part)
    return Content("\n").join(lines)


def samples(progress: TrainingProgress) -> list[Content]:
    """The last two setbacks, then the samples, newest first."""
    lines = [Content.styled(f"step {event.step}: {event.reason}", "$text-warning") for event in progress.setbacks[-2:]]
    for sample in reversed(progress.samples):
        who = visible_line(sample.author or "it writes")
        lines.append(
            Content.assemble(
                (f"{sample.step:>6}  ", "$foreground-muted"),
                (f"{who}: ", "bold $text-primary"),
                visible_line(sample.text),
            )
        )
    return lines
