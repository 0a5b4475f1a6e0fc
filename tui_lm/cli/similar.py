"""`tui-lm similar`: the words that are most like a word, or like a sum of words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui_lm.cli import model as model_option

if TYPE_CHECKING:
    from tui_lm.vectors.words import Words


def similar(
    words: Annotated[list[str], typer.Argument(metavar="WORD...", help="A word, or a sum such as: king - man + woman")],
    model: Annotated[
        str | None,
        typer.Option(
            *model_option.OPTION, help="Name or folder of the model, word vectors or any other. Default: the last one."
        ),
    ] = None,
    top: Annotated[int, typer.Option("-n", min=1, max=1000, help="Number of words to list.")] = 10,
    own: Annotated[bool, typer.Option("--own", help="List the words of the sum too, if they are near.")] = False,
    draw_map: Annotated[bool, typer.Option("--map", help="Draw a map of the words and their neighbours.")] = False,
    axes: Annotated[
        str | None,
        typer.Option(metavar="A:B,C:D", help="Axes of the map, as two pairs of words. Default: principal components."),
    ] = None,
    svg: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the map to an SVG file.")] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """List the words whose vectors are nearest to a word, or to a sum of words, with their cosine."""
    import json

    from tui_lm import checkpoint
    from tui_lm.safe_text import visible_line
    from tui_lm.vectors.expression import Expression
    from tui_lm.vectors.words import Words

    expression = Expression.parse(words)
    folder = model_option.resolve_model(model, "vectors") if model is None else checkpoint.find(model)
    loaded = checkpoint.load(folder)
    table = Words.of(loaded)
    neighbours = expression.neighbours(table, top, own=own)
    if loaded.card.purpose == "vectors":
        model_option.remember_model(folder, "vectors")
    if json_output:
        rows = [{"word": near.word, "cosine": round(near.cosine, 6)} for near in neighbours]
        print(
            json.dumps(
                {"expression": str(expression), "model": loaded.card.name, "neighbours": rows}, ensure_ascii=False
            )
        )
        return
    for near in neighbours:
        print(f"{near.cosine:6.3f}  {visible_line(near.word)}")
    if draw_map or axes or svg:
        _show_map(table, expression.words, [near.word for near in neighbours], axes, svg)


def _show_map(table: Words, named: list[str], near: list[str], axes: str | None, svg: Path | None) -> None:
    """Print the map, or write it to a file."""
    from tui_lm.cli.inspect_output import print_frame, write_picture
    from tui_lm.inspection.word_map import word_map
    from tui_lm.vectors.projection import parse_pairs

    pairs = None if axes is None else parse_pairs(axes)
    ends = [] if pairs is None else [word for pair in pairs for word in pair]
    frame = word_map(table, named, [*ends, *near], pairs)
    if svg is not None:
        write_picture(svg, [frame], "")
        return
    print()
    print_frame(frame)
