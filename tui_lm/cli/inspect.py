"""`tui-lm inspect`: every view of the inspector without the app."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tui_lm.cli import model as model_option
from tui_lm.errors import TuiLmError

if TYPE_CHECKING:
    from tui_lm.inspection import Cursor, Frame, Line, Paper, Recording


class NotationChoice(StrEnum):
    TEXTBOOK = "textbook"
    PYTORCH = "pytorch"


class MeasureChoice(StrEnum):
    WEIGHT = "weight"
    NORM = "norm"
    ROLLOUT = "rollout"


def inspect(
    text: Annotated[str, typer.Argument(help="The text that the model reads.")],
    model: Annotated[str | None, typer.Option(*model_option.OPTION, help=model_option.HELP)] = None,
    author: Annotated[str | None, typer.Option("--as", metavar="AUTHOR", help="Who writes.")] = None,
    as_text: Annotated[bool, typer.Option("--text", help="Pictures in characters, which is the default.")] = False,
    json_output: Annotated[bool, typer.Option("--json", help="One JSON object: docs/inspect-json.md.")] = False,
    svg: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a picture.")] = None,
    show: Annotated[
        str | None, typer.Option(metavar="VIEW,...", help="Which views; without it those that suit the model.")
    ] = None,
    time: Annotated[int | None, typer.Option(help="The step that is looked at; -1 is the last.")] = None,
    pin: Annotated[int | None, typer.Option(metavar="TIME", help="A second step to compare with.")] = None,
    layer: Annotated[int | None, typer.Option(help="From 0; the last without it.")] = None,
    head: Annotated[int | None, typer.Option(help="One attention head.")] = None,
    unit: Annotated[int | None, typer.Option(help="One unit.")] = None,
    name: Annotated[str | None, typer.Option(metavar="GATE", help="One gate or state, such as forget.")] = None,
    target: Annotated[str | None, typer.Option(metavar="TOKEN", help="Explain this token, not the likeliest.")] = None,
    top: Annotated[int, typer.Option(min=1, help="How long lists are.")] = 12,
    only_top: Annotated[bool, typer.Option("--only-top", help="Of the units only those that matter most.")] = False,
    notation: Annotated[NotationChoice, typer.Option(help="How equations are written.")] = NotationChoice.PYTORCH,
    temperature: Annotated[float, typer.Option(help="Of the next token.")] = 1.0,
    hide_first: Annotated[
        bool, typer.Option("--hide-first", help="Attention without the first token, where much of it rests.")
    ] = False,
    measure: Annotated[
        MeasureChoice, typer.Option(help="Attention as weights, times the norm of values, or rolled out.")
    ] = MeasureChoice.WEIGHT,
    table: Annotated[bool, typer.Option("--table", help="Numbers in the place of pictures.")] = False,
    rows: Annotated[int, typer.Option(min=1, help="Lines for a grid.")] = 12,
    width: Annotated[int | None, typer.Option(min=20, help="Columns; those of the terminal without it.")] = None,
) -> None:
    """Look inside a model while it reads TEXT."""
    if sum((as_text, json_output, svg is not None)) > 1:
        raise TuiLmError("--text, --json and --svg are three ways to say one thing", "choose one of them", exit_code=2)

    from tui_lm import inspection
    from tui_lm.engine import Engine

    folder = model_option.resolve_model(model)
    engine = Engine.open(folder)
    recording = inspection.record(engine, text, author=author if author is not None else engine.me)
    cursor = inspection.Cursor(
        time=time,
        layer=layer,
        head=head,
        unit=unit,
        name=name,
        pinned=pin,
        target=None if target is None else inspection.target_of(recording, target),
        notation=notation.value,
        temperature=temperature,
        hide_first=hide_first,
        measure=measure.value,
        top=top,
        only_top=only_top,
    )
    cursor.on(recording)
    names = [] if show is None and json_output else _asked(show, recording)
    frames = {view: inspection.look(view, recording, cursor) for view in names}
    if json_output:
        _print_json(recording, cursor, frames)
    else:
        _print_text(recording, frames, width, rows, table)
    model_option.remember_model(folder)


def _asked(show: str | None, recording: Recording) -> list[str]:
    from tui_lm import inspection

    if show is None or show == "all":
        return list(inspection.views_of(recording))
    return [name.strip() for name in show.split(",") if name.strip()]


def _print_json(recording: Recording, cursor: Cursor, frames: dict[str, Frame]) -> None:
    import json

    from tui_lm.inspection import export

    print(json.dumps(export.document(recording, cursor, frames), ensure_ascii=False, allow_nan=False))


def _print_text(recording: Recording, frames: dict[str, Frame], width: int | None, rows: int, table: bool) -> None:
    from rich.console import Console

    from tui_lm import inspection
    from tui_lm.inspection import tables

    console = Console(highlight=False, soft_wrap=True)
    columns = width or (console.width if console.is_terminal else 100)
    paper = inspection.Paper(columns, rows, colour=console.color_system is not None)
    console.print(f"{recording.model}: {recording.description}", markup=False)
    console.print(f"{len(recording)} tokens", markup=False)
    for frame in frames.values():
        shown = tables.in_numbers(frame) if table else frame
        console.print(f"\n{'─' * min(columns, 100)}", markup=False)
        _print_lines(console, inspection.frame_lines(shown, paper), paper)


def _print_lines(console: Any, lines: list[Line], paper: Paper) -> None:
    from rich.style import Style
    from rich.text import Text

    for line in lines:
        text = Text(no_wrap=True, end="\n")
        for span in line:
            text.append(span.text, Style(color=span.foreground, bgcolor=span.background, bold=span.bold or None))
        console.print(text)
