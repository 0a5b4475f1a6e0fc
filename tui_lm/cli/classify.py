"""`tui-lm classify`: a line in, its label out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui_lm.cli import model as model_option
from tui_lm.cli.lines import json_line, lines_of, typed, writer
from tui_lm.errors import TuiLmError

if TYPE_CHECKING:
    from tui_lm.classification.classifier import Classified

WINDOW = 64  # lines of a file that are read together


def classify(
    texts: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TEXT]...", help="The text to classify. Default: the lines of stdin."),
    ] = None,
    model: Annotated[str | None, typer.Option(*model_option.OPTION, help=model_option.HELP)] = None,
    source: Annotated[
        Path | None, typer.Option("-i", "--input", metavar="FILE", help="Classify the lines of a file.")
    ] = None,
    target: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write to this file when all is classified.")
    ] = None,
    json_output: Annotated[
        bool, typer.Option("--json", help="Print an object a line, with the probability of every label.")
    ] = False,
) -> None:
    """Label texts with a classifier: a line in, a line out, at once."""
    import sys

    if texts and source is not None:
        raise TuiLmError("TEXT cannot be combined with -i", "use tui-lm classify -i FILE -o FILE", exit_code=2)
    folder = model_option.resolve_model(model, "classification")
    from tui_lm.classification.classifier import TextClassifier

    classifier = TextClassifier.open(folder)
    if source is not None:
        answers = classifier.classify(lines_of(source), WINDOW)
    else:
        answers = classifier.classify((" ".join(texts).splitlines() or [""]) if texts else typed(sys.stdin.buffer))
    with writer(target) as write:
        for answer in answers:
            write(_as_json(answer) if json_output else f"{_one_line(answer.label)}\n")
    model_option.remember_model(folder, "classification")


def _one_line(label: str) -> str:
    """A label of a stranger's model, safe for a terminal."""
    from tui_lm.safe_text import visible_line

    return visible_line(label)


def _as_json(answer: Classified) -> str:
    ranked = sorted(answer.probabilities.items(), key=lambda item: -item[1])
    return json_line(
        {
            "text": answer.text,
            "label": answer.label,
            "probabilities": {label: round(probability, 4) for label, probability in ranked},
        }
    )
