"""The output of `tui-lm inspect`: text, JSON or an SVG picture."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.style import Style
from rich.text import Text

from tui_lm.errors import TuiLmError
from tui_lm.inspection import export, svg, tables
from tui_lm.inspection.cursor import Cursor
from tui_lm.inspection.drawing import frame_lines
from tui_lm.inspection.frame import Frame
from tui_lm.inspection.recording import Recording
from tui_lm.inspection.spans import Line, Paper

WIDTH = 100  # without a terminal


def print_json(recording: Recording, cursor: Cursor, frames: Mapping[str, Frame]) -> None:
    print(json.dumps(export.recording_json(recording, cursor, frames), ensure_ascii=False, allow_nan=False))


def write_svg(path: Path, recording: Recording, frames: Mapping[str, Frame]) -> None:
    """Write one picture of all views. Raises TuiLmError if that fails."""
    write_picture(path, list(frames.values()), _heading(recording))


def write_picture(path: Path, frames: Sequence[Frame], heading: str) -> None:
    """Write frames as one SVG. Raises TuiLmError if that fails."""
    try:
        path.write_text(svg.picture(frames, heading), encoding="utf-8")
    except OSError as error:
        raise TuiLmError(f"cannot write {path}: {error.strerror}", "choose another file") from error


def print_text(
    recording: Recording, frames: Mapping[str, Frame], width: int | None, rows: int, as_tables: bool
) -> None:
    """Print the frames: in colour on a terminal, else in characters."""
    console = Console(highlight=False, soft_wrap=True)
    columns = width or (console.width if console.is_terminal else WIDTH)
    paper = Paper(columns, rows, colour=console.color_system is not None)
    console.print(_heading(recording), markup=False)
    for frame in frames.values():
        console.print(f"\n{'─' * min(columns, WIDTH)}", markup=False)
        _print_lines(console, frame_lines(tables.in_numbers(frame) if as_tables else frame, paper))


def print_frame(frame: Frame) -> None:
    """Print one frame: in colour on a terminal, else in characters."""
    console = Console(highlight=False, soft_wrap=True)
    columns = console.width if console.is_terminal else WIDTH
    _print_lines(console, frame_lines(frame, Paper(columns, colour=console.color_system is not None)))


def _heading(recording: Recording) -> str:
    return f"{recording.model}: {recording.description}; {len(recording)} tokens"


def _print_lines(console: Console, lines: Sequence[Line]) -> None:
    for line in lines:
        text = Text(no_wrap=True)
        for span in line:
            text.append(span.text, Style(color=span.foreground, bgcolor=span.background, bold=span.bold or None))
        text.rstrip()
        console.print(text)
