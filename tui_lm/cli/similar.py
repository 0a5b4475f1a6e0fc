"""`tui-lm similar`: the words that are most like a word, or like a sum of words."""

from __future__ import annotations

from typing import Annotated

import typer

from tui_lm.cli import model as model_option


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
