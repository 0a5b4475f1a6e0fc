"""`tui-lm classify`: a line in, its label out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tui_lm.cli import model as model_option
from tui_lm.cli.lines import json_line, lines_of, typed, writer
from tui_lm.errors import TuiLmError

if TYPE_CHECKING:
    from tui_lm.classification.classifier import Classified, TextClassifier
    from tui_lm.classification.importance import WordImportance

METHODS = ("attention", "gradient", "erasure", "linear")  # by which words matter
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
    words: Annotated[
        bool,
        typer.Option("--words", help="Show which words mattered, by attention, by erasure and in the linear model."),
    ] = False,
    gradients: Annotated[
        bool, typer.Option("--gradients", help="Show gradient x input too, with --words. This needs torch.")
    ] = False,
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
    from tui_lm.classification.importance import important_words

    classifier = TextClassifier.open(folder)
    if source is not None:
        answers = classifier.classify(lines_of(source), WINDOW)
    else:
        answers = classifier.classify((" ".join(texts).splitlines() or [""]) if texts else typed(sys.stdin.buffer))
    with writer(target) as write:
        for answer in answers:
            found = important_words(classifier, answer.text, answer.label) if words else None
            if found and gradients:
                found = _with_gradients(folder, classifier, answer, found)
            write(_as_json(answer, found) if json_output else f"{_one_line(answer.label)}\n{_table(found or ())}")
    model_option.remember_model(folder, "classification")


def _with_gradients(
    folder: Path, classifier: TextClassifier, answer: Classified, words: Sequence[WordImportance]
) -> list[WordImportance]:
    from dataclasses import replace

    from tui_lm.classification.importance import by_word
    from tui_lm.classification.tokens import text_ids
    from tui_lm.inspection.gradient_process import GradientProcess

    tokens = text_ids(classifier.tokenizer, answer.text)
    request = {"what": "label", "folder": str(folder.resolve()), "tokens": tokens}
    process = GradientProcess([{**request, "target": classifier.labels.index(answer.label)}])
    while not process.finished(within=1):
        pass
    scores = by_word(classifier.tokenizer, answer.text, [word.span for word in words], process.result()[0])
    return [replace(word, gradient=score) for word, score in zip(words, scores, strict=True)]


def _one_line(label: str) -> str:
    """A label of a stranger's model, safe for a terminal."""
    from tui_lm.safe_text import visible_line

    return visible_line(label)


def _as_json(answer: Classified, words: Sequence[WordImportance] | None) -> str:
    ranked = sorted(answer.probabilities.items(), key=lambda item: -item[1])
    found: dict[str, Any] = {
        "text": answer.text,
        "label": answer.label,
        "probabilities": {label: round(probability, 4) for label, probability in ranked},
    }
    if words is not None:
        found["words"] = [
            {"word": each.word, "span": each.span}
            | {name: round(value, 4) for name in METHODS if (value := getattr(each, name)) is not None}
            for each in words
        ]
    return json_line(found)


def _table(words: Sequence[WordImportance]) -> str:
    """A line for each word: attention in per cent, erasure and gradient in nats, the linear model's logit."""
    if not words:
        return ""
    shown = [name for name in METHODS if getattr(words[0], name) is not None]
    lines = [f"  {'word':<24}" + "".join(f"{name:>10}" for name in shown)]
    for each in words:
        values = (f"{getattr(each, name):>{'10.0%' if name == 'attention' else '+10.3f'}}" for name in shown)
        lines.append(f"  {_one_line(each.word)[:24]:<24}" + "".join(values))
    return "".join(f"{line}\n" for line in lines)
