"""`tui-lm inspect`: every view of the inspector without the app."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui_lm.cli import model as model_option
from tui_lm.errors import TuiLmError

if TYPE_CHECKING:
    from tui_lm.inspection.cursor import Cursor
    from tui_lm.inspection.frame import Frame
    from tui_lm.inspection.recording import Recording


class NotationChoice(StrEnum):
    TEXTBOOK = "textbook"
    PYTORCH = "pytorch"


class MeasureChoice(StrEnum):
    WEIGHT = "weight"
    NORM = "norm"
    ROLLOUT = "rollout"


def inspect(
    text: Annotated[str, typer.Argument(help="The text that the model reads.")] = "",
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
    hide_sink: Annotated[
        bool,
        typer.Option("--hide-sink", help="Leave out the attention sink: the first token, where much attention rests."),
    ] = False,
    hide_first: Annotated[bool, typer.Option("--hide-first", hidden=True)] = False,
    measure: Annotated[
        MeasureChoice, typer.Option(help="Attention as weights, times the norm of values, or rolled out.")
    ] = MeasureChoice.WEIGHT,
    edit: Annotated[
        list[str] | None,
        typer.Option(metavar="CHANGE", help="Change the network and see: forget.17@5=0, attention#2=uniform."),
    ] = None,
    beside: Annotated[
        list[str] | None, typer.Option(metavar="MODEL", help="The same text in this model too; may be given again.")
    ] = None,
    translation: Annotated[
        str | None, typer.Option(metavar="ANSWER", help="What a translator is taken to answer, in place of its own.")
    ] = None,
    find: Annotated[
        Path | None,
        typer.Option(metavar="CHAT", help="Where else in it the --unit fired, or the units of this step together."),
    ] = None,
    find_tokens: Annotated[int, typer.Option(min=1, help="How much of the end of that chat is read.")] = 50_000,
    forget_index: Annotated[
        bool, typer.Option("--forget-index", help="Delete what --find keeps in the model's folder, and stop.")
    ] = False,
    by_hand: Annotated[
        bool,
        typer.Option("--by-hand", help="An LSTM of three units that knows rain, sun and and, in place of a model."),
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="Of the units that are the control of a change.")] = 0,
    table: Annotated[bool, typer.Option("--table", help="Numbers in the place of pictures.")] = False,
    rows: Annotated[int, typer.Option(min=1, help="Lines for a grid.")] = 12,
    width: Annotated[int | None, typer.Option(min=20, help="Columns; those of the terminal without it.")] = None,
) -> None:
    """Look inside a model while it reads TEXT."""
    if sum((as_text, json_output, svg is not None)) > 1:
        raise TuiLmError("--text, --json and --svg are three ways to say one thing", "choose one of them", exit_code=2)

    from tui_lm.cli import inspect_find
    from tui_lm.cli import inspect_output as output
    from tui_lm.inspection import beside as side_by_side
    from tui_lm.inspection import views
    from tui_lm.inspection.cursor import Cursor, target_of

    folder = None if by_hand else _folder(model)
    if forget_index and folder is not None:
        typer.echo("the index is deleted" if inspect_find.forget(folder) else "there is no index")
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
        top=top,
        only_top=only_top,
        seed=seed,
    )
    cursor.on(recording)
    frames = _edited(recording, cursor, edit or [])
    if beside:
        every = [recording, *(_recorded(_folder(other), text, author, translation) for other in beside)]
        frames["beside"] = side_by_side.beside(every, [len(one) - 1 for one in every], top)
    if find is not None:
        if folder is None:
            raise TuiLmError("the network by hand has read no chat", "give a model with -m", exit_code=2)
        frames["find"] = inspect_find.find(folder, find, recording, cursor, find_tokens)
    if show is not None or not (frames or json_output):
        asked = [name for name in _asked(show, recording) if name not in frames]
        frames |= {name: views.look(name, recording, cursor) for name in asked}
    if json_output:
        output.print_json(recording, cursor, frames)
    elif svg is not None:
        output.write_svg(svg, recording, frames)
    else:
        output.print_text(recording, frames, width, rows, table)
    if folder is not None:
        model_option.remember_model(folder, "translation" if recording.source else "language")


def _folder(model: str | None) -> Path:
    """The model's folder, whatever it is for; without a name, that of the language model used last."""
    from tui_lm import checkpoint

    purpose = "language" if model is None else checkpoint.describe(checkpoint.find(model)).purpose
    return model_option.resolve_model(model, purpose)


def _recorded(folder: Path, text: str, author: str | None, translation: str | None) -> Recording:
    """What the model did with the text, as a message or as a sentence to translate."""
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
    """What the network of three units did with words that it knows."""
    from tui_lm.engine import Engine
    from tui_lm.inspection import by_hand
    from tui_lm.inspection.recording import record
    from tui_lm.tokenizers.stream import WritingContext

    unknown = [word for word in text.split() if word not in by_hand.WORDS]
    if unknown:
        raise TuiLmError(
            "the network by hand does not know all of these words", f"it knows {', '.join(by_hand.WORDS)}", exit_code=2
        )
    return record(Engine(by_hand.model()), WritingContext(" ".join(text.split())))


def _edited(recording: Recording, cursor: Cursor, changes: list[str]) -> dict[str, Frame]:
    """What each change does, by "edit" or "edit-1", "edit-2" and so on."""
    from tui_lm.inspection import views
    from tui_lm.inspection.change import Change

    frames: dict[str, Frame] = {}
    for number, written in enumerate(changes):
        name = "edit" if len(changes) == 1 else f"edit-{number + 1}"
        frames[name] = views.look("edit", recording, replace(cursor, change=Change.parse(written)))
    return frames


def _asked(show: str | None, recording: Recording) -> list[str]:
    """The views of --show. Of several, those that this model does not have are left out with a note."""
    from tui_lm.inspection import views

    if show is None or show == "all":
        return list(views.shown_at_once(recording))
    names = [name.strip() for name in show.split(",") if name.strip()]
    found = []
    for name in names:
        try:
            view = views.require_view(name, recording)
        except TuiLmError as error:
            if len(names) == 1 or views.view_of(name) is None:
                raise
            typer.echo(f"note: {error.message}", err=True)
            continue
        if name in view.aliases:
            typer.echo(f"note: the view {name} is called {view.name} now", err=True)
        found.append(view.name)
    return found
