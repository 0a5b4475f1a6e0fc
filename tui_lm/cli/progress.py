"""The progress of a training run in a terminal: a bar with the loss, and samples of the model's text."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tui_lm import events
from tui_lm.checkpoint import EVENTS
from tui_lm.cli.curve import loss_curve, read_events, wants_ascii
from tui_lm.events import Evaluated, Event, RolledBack, RunFinished, RunStarted, Sampled, StepDone
from tui_lm.safe_text import visible_line


def show_json(stream: Iterable[Event]) -> RunFinished:
    """Print each event as a JSON line on stdout."""
    for event in stream:
        print(events.to_json(event), flush=True)
    assert isinstance(event, RunFinished), "a run ends with RunFinished"
    return event


def show_nothing(stream: Iterable[Event]) -> RunFinished:
    """Print nothing: this process is not the first of those that train together."""
    *_, last = stream
    assert isinstance(last, RunFinished), "a run ends with RunFinished"
    return last


def show_bar(stream: Iterable[Event]) -> RunFinished:
    """Draw a bar on stderr if that is a terminal, else print a line an evaluation; at the end the loss curve."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn
    from rich.text import Text

    console = Console(stderr=True, highlight=False)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        TextColumn("{task.fields[state]}"),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    )
    state = _State()
    with bar:
        task = bar.add_task("training", total=None, state="")
        for event in stream:
            state.see(event)
            match event:
                case RunStarted():
                    console.print(
                        f"{event.description} on {event.device}; "
                        f"{event.train_tokens:,} tokens for training, {event.valid_tokens:,} for validation"
                    )
                case StepDone():
                    bar.update(task, total=event.steps, completed=event.step, state=state.line())
                case Evaluated() if not console.is_terminal:
                    print(f"step {event.step}: {state.line()}", file=sys.stderr)
                case Sampled():
                    who = f"{event.author}: " if event.author else ""
                    sample = Text(visible_line(f"{who}{event.text}"), style="dim italic")
                    sample.truncate(max(20, console.width - 2), overflow="ellipsis")
                    console.print(sample)
                case RolledBack():
                    console.print(f"step {event.step}: {event.reason}")
    assert isinstance(event, RunFinished), "a run ends with RunFinished"
    run = read_events(Path(event.folder) / EVENTS)  # the whole run, also the part before it was resumed
    for line in loss_curve(run, ascii_only=wants_ascii(sys.stderr)):
        print(line, file=sys.stderr)
    return event


class _State:
    """The figures beside the bar."""

    def __init__(self) -> None:
        self._step: StepDone | None = None
        self._bits: float | None = None
        self._loss: float | None = None

    def see(self, event: Any) -> None:
        if isinstance(event, StepDone):
            self._step = event
        elif isinstance(event, Evaluated) and event.best:
            self._bits, self._loss = event.bits_per_char, event.loss

    def line(self) -> str:
        parts = []
        if self._step is not None:
            parts.append(f"loss {self._step.loss:.3f}")
        if self._bits is not None:
            parts.append(f"best {self._bits:.3f} bits/char")
        elif self._loss is not None:
            parts.append(f"best {self._loss:.3f} nats/token")
        if self._step is not None:
            left = int(self._step.seconds_left)
            parts.append(f"{self._step.tokens_per_second / 1000:.0f}k tokens/s")
            parts.append(f"{left // 60}:{left % 60:02d} left")
        return "  ".join(parts)
