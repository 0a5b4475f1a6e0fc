"""`tui-lm tag`: a line in, its words with their tags out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui_lm.cli import model as model_option
from tui_lm.cli.lines import json_line, lines_of, typed, writer
from tui_lm.errors import TuiLmError

if TYPE_CHECKING:
    from tui_lm.tagging.tagger import Tagged

WINDOW = 64  # lines of a file that are read together
COLOURS = ("cyan", "magenta", "yellow", "green", "blue", "red", "bright_cyan", "bright_magenta", "bright_yellow")


def tag(
    texts: Annotated[
        list[str] | None, typer.Argument(metavar="[TEXT]...", help="The text to tag. Default: the lines of stdin.")
    ] = None,
    model: Annotated[str | None, typer.Option(*model_option.OPTION, help=model_option.HELP)] = None,
    source: Annotated[
        Path | None, typer.Option("-i", "--input", metavar="FILE", help="Tag the lines of a file.")
    ] = None,
    target: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write to this file when all is tagged.")
    ] = None,
    conll: Annotated[
        bool, typer.Option("--conll", help="Print a word and its tag a line, and a blank line after each text.")
    ] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print an object a line: tokens, tags, spans.")] = False,
) -> None:
    """Tag the words of texts: a line in, a line of word/TAG out; in colours on a terminal."""
    import sys

    if texts and source is not None:
        raise TuiLmError("TEXT cannot be combined with -i", "use tui-lm tag -i FILE -o FILE", exit_code=2)
    if conll and json_output:
        raise TuiLmError("--conll and --json exclude each other", "give one of them", exit_code=2)
    folder = model_option.resolve_model(model, "tagging")
    from tui_lm.tagging.tagger import SentenceTagger

    tagger = SentenceTagger.open(folder)
    show: Callable[[Tagged], str] = _as_json if json_output else _as_conll if conll else _inline
    if show is _inline and target is None and sys.stdout.isatty():
        show = _coloured(tagger.labels)
    if source is not None:
        answers = tagger.tag(lines_of(source), WINDOW)
    else:
        answers = tagger.tag((" ".join(texts).splitlines() or [""]) if texts else typed(sys.stdin.buffer))
    with writer(target) as write:
        for answer in answers:
            write(show(answer))
    model_option.remember_model(folder, "tagging")


def _inline(answer: Tagged) -> str:
    return " ".join(f"{word}/{tag}" for word, tag in zip(answer.tokens, answer.tags, strict=True)) + "\n"


def _as_conll(answer: Tagged) -> str:
    return "".join(f"{word}\t{tag}\n" for word, tag in zip(answer.tokens, answer.tags, strict=True)) + "\n"


def _as_json(answer: Tagged) -> str:
    return json_line(
        {
            "text": answer.text,
            "tokens": answer.tokens,
            "tags": answer.tags,
            "spans": answer.spans,
            "probabilities": [round(probability, 4) for probability in answer.probabilities],
        }
    )


def _coloured(labels: tuple[str, ...]) -> Callable[[Tagged], str]:
    """The text as it is, entities in the colour of their type and followed by it; other tags after their words."""
    from tui_lm.safe_text import visible_line
    from tui_lm.tagging.entities import are_bio, entities

    bio = are_bio(labels)
    kinds = sorted({label.partition("-")[2] if bio else label for label in labels} - {""})
    colour = {kind: COLOURS[number % len(COLOURS)] for number, kind in enumerate(kinds)}

    def styled(words: str, kind: str) -> str:
        name = typer.style(kind, fg=colour[kind], dim=True)
        return f"{typer.style(visible_line(words), fg=colour[kind], bold=True)} {name}"

    def show(answer: Tagged) -> str:
        if bio:
            marked = [(begin, end, kind) for begin, end, kind in entities(answer.tags)]
        else:
            marked = [(at, at + 1, tag) for at, tag in enumerate(answer.tags)]
        shown, done = "", 0
        for begin, end, kind in marked:
            first, last = answer.spans[begin][0], answer.spans[end - 1][1]
            shown += visible_line(answer.text[done:first]) + styled(answer.text[first:last], kind)
            done = last
        return f"{shown}{visible_line(answer.text[done:])}\n"

    return show
