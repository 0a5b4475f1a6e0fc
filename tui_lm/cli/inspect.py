"""`tui-lm inspect`: the views of the inspector without the app."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui_lm.cli import model as model_option
from tui_lm.cli.inspect_choices import MeasureChoice, NotationChoice, ShadeChoice
from tui_lm.errors import TuiLmError

if TYPE_CHECKING:
    from tui_lm.inspection.cursor import Cursor
    from tui_lm.inspection.frame import Frame
    from tui_lm.inspection.recording import Recording


OUTPUT, CURSOR = "Output", "What to look at"


LISTED = 12  # length of lists
COMPARISON, SEARCH = "Edits and comparisons", "Search in a chat"


def inspect(
    text: Annotated[str, typer.Argument(help="The text that the model reads.")] = "",
    model: Annotated[str | None, typer.Option(*model_option.OPTION, help=model_option.HELP)] = None,
    author: Annotated[
        str | None,
        typer.Option(
            "--as", metavar="AUTHOR", help="The author of TEXT. Default: the one given with --me in training."
        ),
    ] = None,
    by_hand: Annotated[
        bool, typer.Option("--by-hand", help="Inspect an LSTM of three units that knows the words rain, sun and and.")
    ] = False,
    translation: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Translation to inspect. Default: the translator's own.")
    ] = None,
    show: Annotated[
        str | None,
        typer.Option(
            metavar="VIEW,...",
            help="Views to show, such as gates,ledger. Default: all except slow ones.",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    as_text: Annotated[
        bool, typer.Option("--text", help="Print pictures as text (the default).", rich_help_panel=OUTPUT)
    ] = False,
    table: Annotated[
        bool, typer.Option("--table", help="Print tables of numbers in place of pictures.", rich_help_panel=OUTPUT)
    ] = False,
    json_output: Annotated[
        bool, typer.Option("--json", help="Print one JSON object (docs/inspect-json.md).", rich_help_panel=OUTPUT)
    ] = False,
    svg: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write an SVG picture.", rich_help_panel=OUTPUT)
    ] = None,
    rows: Annotated[int, typer.Option(min=1, help="Lines per heat map.", rich_help_panel=OUTPUT)] = 12,
    width: Annotated[
        int | None, typer.Option(min=20, help="Columns. Default: those of the terminal.", rich_help_panel=OUTPUT)
    ] = None,
    time: Annotated[
        int | None,
        typer.Option(help="Step, counted from 0; -1 is the last. Default: the last.", rich_help_panel=CURSOR),
    ] = None,
    pin: Annotated[
        int | None, typer.Option(metavar="TIME", help="Second step to compare with.", rich_help_panel=CURSOR)
    ] = None,
    layer: Annotated[
        int | None, typer.Option(help="Layer, counted from 0. Default: the last.", rich_help_panel=CURSOR)
    ] = None,
    head: Annotated[int | None, typer.Option(help="Attention head. Default: all.", rich_help_panel=CURSOR)] = None,
    unit: Annotated[int | None, typer.Option(help="Unit. Default: all.", rich_help_panel=CURSOR)] = None,
    name: Annotated[
        str | None,
        typer.Option(metavar="GATE", help="Gate or state, such as forget. Default: all.", rich_help_panel=CURSOR),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(metavar="TOKEN", help="Token to explain. Default: the most probable one.", rich_help_panel=CURSOR),
    ] = None,
    top: Annotated[
        int | None,
        typer.Option(min=1, help="Length of lists, and number of units. Default: 12, and 8.", rich_help_panel=CURSOR),
    ] = None,
    only_top: Annotated[
        bool | None,
        typer.Option(
            "--only-top/--all-units",
            help="Show the units that matter most, a row each, or all units in merged rows. Default: the first, but "
            "every unit with --json.",
            show_default=False,
            rich_help_panel=CURSOR,
        ),
    ] = None,
    notation: Annotated[
        NotationChoice, typer.Option(help="Notation of equations.", rich_help_panel=CURSOR)
    ] = NotationChoice.PYTORCH,
    temperature: Annotated[
        float, typer.Option(help="Softmax temperature of the next token.", rich_help_panel=CURSOR)
    ] = 1.0,
    measure: Annotated[
        MeasureChoice,
        typer.Option(help="Attention weights, weights times value norms, or rollout.", rich_help_panel=CURSOR),
    ] = MeasureChoice.WEIGHT,
    shade: Annotated[
        ShadeChoice | None,
        typer.Option(help="Show the text shaded by this: see --unit, --name, --head.", rich_help_panel=CURSOR),
    ] = None,
    hide_sink: Annotated[
        bool,
        typer.Option(
            "--hide-sink",
            help="Hide the attention sink: the first token, where much of the attention rests.",
            rich_help_panel=CURSOR,
        ),
    ] = False,
    hide_first: Annotated[bool, typer.Option("--hide-first", hidden=True)] = False,
    edit: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CHANGE",
            help="Edit the network, such as forget.17@5=0 or attention#2=uniform. Repeatable.",
            rich_help_panel=COMPARISON,
        ),
    ] = None,
    seed: Annotated[
        int,
        typer.Option(min=0, help="Random seed for the units of an edit's control.", rich_help_panel=COMPARISON),
    ] = 0,
    beside: Annotated[
        list[str] | None,
        typer.Option(metavar="MODEL", help="Compare with this model. Repeatable.", rich_help_panel=COMPARISON),
    ] = None,
    find: Annotated[
        Path | None,
        typer.Option(
            metavar="CHAT",
            help="Find where in a chat the --unit fired, or the units that matter most fired together.",
            rich_help_panel=SEARCH,
        ),
    ] = None,
    track: Annotated[
        str | None,
        typer.Option(
            metavar="PROPERTY",
            help='Find the unit that best tracks this in the chat of --find, such as "inside a word", "inside quotes", '
            '"message length so far" or "author = Bea".',
            rich_help_panel=SEARCH,
        ),
    ] = None,
    span: Annotated[
        str | None,
        typer.Option(
            metavar="FIRST:LAST",
            help="Find where in the chat of --find the units that are on at all these steps are on together.",
            rich_help_panel=SEARCH,
        ),
    ] = None,
    find_tokens: Annotated[
        int, typer.Option(min=1, help="Number of tokens to search, from the end of the chat.", rich_help_panel=SEARCH)
    ] = 50_000,
    forget_index: Annotated[
        bool,
        typer.Option(
            "--forget-index", help="Delete the index that --find keeps in the model's folder.", rich_help_panel=SEARCH
        ),
    ] = False,
) -> None:
    """Show the activations of a model while it reads TEXT."""
    if sum((as_text, json_output, svg is not None)) > 1:
        raise TuiLmError("--text, --json and --svg exclude each other", "give one of them", exit_code=2)

    from tui_lm.cli import inspect_find
    from tui_lm.cli import inspect_output as output
    from tui_lm.inspection import beside as side_by_side
    from tui_lm.inspection import views
    from tui_lm.inspection.cursor import UNITS, Cursor, Search, target_of
    from tui_lm.inspection.shading import shades_of

    folder = None if by_hand else _folder(model)
    if forget_index and folder is not None:
        typer.echo("The index was deleted." if inspect_find.forget(folder) else "There is no index.")
        return
    recording = _by_hand(text) if folder is None else _recorded(folder, text, author, translation)
    cursor = Cursor(
        time=time,
        layer=layer,
        head=head,
        unit=unit,
        name=name,
        pinned=pin,
        target=None if target is None else target_of(recording, target),
        notation=notation.value,
        temperature=temperature,
        hide_sink=hide_sink or hide_first,
        measure=measure.value,
        shade="surprisal" if shade is None else shade.value,
        top=top or LISTED,
        units=top or UNITS,
        only_top=not json_output if only_top is None else only_top,
        seed=seed,
    )
    cursor.on(recording)
    if shade is not None:
        if shade.value not in shades_of(recording):
            raise TuiLmError(
                f"{recording.architecture.label} has no {shade.value}",
                f"--shade takes {', '.join(shades_of(recording))}",
                exit_code=2,
            )
        show = show or "text"
    frames = _edited(recording, cursor, edit or [])
    if beside:
        every = [recording, *(_recorded(_folder(other), text, author, translation) for other in beside)]
        frames["beside"] = side_by_side.beside(every, [len(one) - 1 for one in every], cursor.top)
    if find is None and (track or span):
        raise TuiLmError("--track and --span search a chat", "give it with --find", exit_code=2)
    if find is not None:
        if folder is None:
            raise TuiLmError("--find does not work with --by-hand", "give a model with -m", exit_code=2)
        cursor = replace(cursor, search=Search(find, track or "", find_tokens))
        if span is not None:
            first, last = inspect_find.span(span, len(recording))
            cursor = replace(cursor, anchor=first, time=last)
        frames |= inspect_find.find(recording, cursor)
    if show is not None or not (frames or json_output):
        asked = [name for name in _asked(show, recording) if name not in frames]
        if "edit" in asked and not edit:
            raise TuiLmError("--show edit needs a change", "for example --edit forget.17@5=0", exit_code=2)
        frames |= {name: views.look(name, recording, cursor) for name in asked if name != "edit"}
    if json_output:
        output.print_json(recording, cursor, frames)
    elif svg is not None:
        output.write_svg(svg, recording, frames)
    else:
        output.print_text(recording, frames, width, rows, table)
    if folder is not None:
        model_option.remember_model(folder, "translation" if recording.source else "language")


def _folder(model: str | None) -> Path:
    """The folder of a model of any purpose; without a name, that of the last language model."""
    from tui_lm import checkpoint

    purpose = "language" if model is None else checkpoint.describe(checkpoint.find(model)).purpose
    return model_option.resolve_model(model, purpose)


def _recorded(folder: Path, text: str, author: str | None, translation: str | None) -> Recording:
    """The recording of the model on the text: a message, or a sentence to translate."""
    from tui_lm import checkpoint
    from tui_lm.engine import Engine
    from tui_lm.inspection.recording import record
    from tui_lm.tokenizers.stream import WritingContext

    if checkpoint.describe(folder).purpose == "translation":
        from tui_lm.inspection.translations import record_translation

        return record_translation(checkpoint.load(folder), text, answer=translation, folder=folder)
    engine = Engine.open(folder)
    return record(engine, WritingContext(text, author if author is not None else engine.me))


def _by_hand(text: str) -> Recording:
    """The recording of the network of three units on the words. Raises TuiLmError for unknown words."""
    from tui_lm.engine import Engine
    from tui_lm.inspection import by_hand
    from tui_lm.inspection.recording import record
    from tui_lm.tokenizers.stream import WritingContext

    unknown = [word for word in text.split() if word not in by_hand.WORDS]
    if unknown:
        raise TuiLmError(
            "--by-hand does not know all of these words", f"it knows {', '.join(by_hand.WORDS)}", exit_code=2
        )
    return record(Engine(by_hand.model()), WritingContext(" ".join(text.split())))


def _edited(recording: Recording, cursor: Cursor, changes: list[str]) -> dict[str, Frame]:
    """The frame of each change, named "edit", or "edit-1", "edit-2" and so on."""
    from tui_lm.inspection import views
    from tui_lm.inspection.change import Change

    frames: dict[str, Frame] = {}
    for number, written in enumerate(changes):
        name = "edit" if len(changes) == 1 else f"edit-{number + 1}"
        frames[name] = views.look("edit", recording, replace(cursor, change=Change.parse(written)))
    return frames


def _asked(show: str | None, recording: Recording) -> list[str]:
    """The views of --show. If there are several, a note names those that the model does not have."""
    from tui_lm.inspection import views

    if show is None or show == "all":
        return list(views.shown_at_once(recording))
    names = [name.strip() for name in show.split(",") if name.strip()]
    found: list[str] = []
    for name in names:
        try:
            view = views.require_view(name, recording)
        except TuiLmError as error:
            if len(names) == 1 or views.view_of(name) is None:
                raise
            typer.echo(f"note: {error.message}", err=True)
            continue
        if name in view.aliases:
            typer.echo(f"note: the view {name} is now called {view.name}", err=True)
        found.append(view.name)
    return found
