"""The loss curve of a run, drawn in characters: training loss and validation loss."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TextIO

from tui_lm import events
from tui_lm.charts import Axes
from tui_lm.events import Evaluated, Event, StepDone

HEIGHT = 12  # rows
WIDTH = 72  # columns of the whole drawing
SETTLED = 0.05  # share of the run left out of the vertical range: the first losses are far above the rest
MARKS = {False: ("·", "●", "◆", "│", "└", "─"), True: (".", "o", "*", "|", "+", "-")}

Point = tuple[int, float]  # step, loss in nats per token


def read_events(path: Path) -> list[Event]:
    """The events in a model folder's event file. Lines of another version are skipped; a missing file gives none."""
    found = []
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, ValueError):
        return []
    for line in lines:
        try:
            found.append(events.from_json(line))
        except ValueError:
            continue
    return found


def wants_ascii(stream: TextIO) -> bool:
    """Whether the encoding of a stream lacks the characters of the curve."""
    try:
        "".join(MARKS[False]).encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return True
    return False


def loss_curve(run: Iterable[Event], *, ascii_only: bool = False, width: int | None = None) -> list[str]:
    """The curve in lines of at most `width` characters. None if the run has fewer than two evaluations."""
    width = width or min(WIDTH, shutil.get_terminal_size().columns)
    train: list[Point] = []
    valid: list[Point] = []
    for event in run:
        if not isinstance(event, StepDone | Evaluated) or not events.can_be_drawn(event.step, event.loss):
            continue
        if isinstance(event, StepDone):
            train.append((event.step, event.loss))
        else:
            valid.append((event.step, event.loss))
    if len(valid) < 2:
        return []
    dot, mark, best, side, corner, floor = MARKS[ascii_only]
    last = max(step for step, _ in [*train, *valid])
    settled = [loss for step, loss in train if step >= SETTLED * last] + [loss for _, loss in valid]
    axes = Axes(0, last, min(settled), max(settled))
    label = max(len(f"{loss:.2f}") for loss in (axes.low, axes.high))
    columns = max(10, width - label - 2)

    rows = [[" "] * columns for _ in range(HEIGHT)]
    for points, sign in ((_averaged(train, axes, columns), dot), (valid, mark)):
        for point in points:
            column, row = axes.cell(point, columns, HEIGHT)
            rows[row][column] = sign
    lowest = min(valid, key=lambda point: (point[1], point[0]))
    column, row = axes.cell(lowest, columns, HEIGHT)
    rows[row][column] = best
    middle = axes.low + (axes.high - axes.low) * (1 - (HEIGHT // 2) / (HEIGHT - 1))
    labels = {0: axes.high, HEIGHT // 2: middle, HEIGHT - 1: axes.low}
    drawn = []
    for number, cells in enumerate(rows):
        value = f"{labels[number]:.2f}" if number in labels else ""
        drawn.append(f"{value:>{label}} {side}{''.join(cells).rstrip()}")
    end = f"step {last:,}"
    return [
        *drawn,
        f"{'':{label}} {corner}{floor * columns}",
        f"{'':{label}}  0{end:>{columns - 1}}",
        f"nats per token: {dot} training  {mark} validation  {best} best, {lowest[1]:.3f} at step {lowest[0]:,}",
    ]


def _averaged(points: Sequence[Point], axes: Axes, columns: int) -> list[Point]:
    """The points averaged to one per column."""
    found: dict[int, list[Point]] = {}
    for point in points:
        found.setdefault(axes.cell(point, columns, HEIGHT)[0], []).append(point)
    return [(here[0][0], sum(loss for _, loss in here) / len(here)) for here in found.values()]
