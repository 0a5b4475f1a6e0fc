"""`tui-lm translate`: a line in, its translation out."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from tui_lm.cli import model as model_option
from tui_lm.cli.lines import Write, json_line, lines_of, typed, writer
from tui_lm.errors import TuiLmError

if TYPE_CHECKING:
    from tui_lm.chats import Message
    from tui_lm.translation import BeamOptions, Translation, Translator

Show = Callable[["Translation"], str]
"""Formats a translation as output lines."""


class AlignmentFormat(StrEnum):
    MATRIX = "matrix"
    PHARAOH = "pharaoh"


class Command(TyperCommand):
    """Allows --alignment without a value; it then means the matrix."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        end = args.index("--") if "--" in args else len(args)
        for index in range(end - 1, -1, -1):
            if args[index] == "--alignment" and not {*args[index + 1 : index + 2]} & {*AlignmentFormat}:
                args.insert(index + 1, AlignmentFormat.MATRIX)
        return super().parse_args(ctx, args)


def translate(
    texts: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TEXT]...", help="The line to translate. Default: the lines of stdin."),
    ] = None,
    model: Annotated[str | None, typer.Option(*model_option.OPTION, help=model_option.HELP)] = None,
    source: Annotated[
        Path | None,
        typer.Option("-i", "--input", metavar="FILE", help="Translate the lines of a file, or a chat export."),
    ] = None,
    target: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="Write to this file when the translation is complete."),
    ] = None,
    beam: Annotated[int, typer.Option(help="Beam size; 1 is greedy search.")] = 5,
    nbest: Annotated[int, typer.Option(help="Number of translations per line, best first.")] = 1,
    length_penalty: Annotated[
        float | None,
        typer.Option(help="Length penalty (Wu et al. 2016); higher favours longer translations. Default: 1."),
    ] = None,
    coverage_penalty: Annotated[
        float | None,
        typer.Option(
            help="Coverage penalty (Wu et al. 2016); higher favours translations of the whole source. Default: 0."
        ),
    ] = None,
    max_length: Annotated[
        int | None, typer.Option(help="Maximum length in tokens. Default: twice the source length plus ten.")
    ] = None,
    alignment: Annotated[
        AlignmentFormat | None,
        typer.Option(
            help="Print the word alignment: matrix (also without a value), or pharaoh: 0-0 1-1 after the line."
        ),
    ] = None,
    chat: Annotated[
        bool | None,
        typer.Option("--chat/--no-chat", help="With -i: keep the names and times of a chat. Default: detect chats."),
    ] = None,
    json_output: Annotated[
        bool,
        typer.Option("--json", help="Print a JSON object per line: source, text, tokens, probabilities, alignment."),
    ] = False,
) -> None:
    """Translate TEXT, a file, or stdin. Each line of stdin is translated before the next is read."""
    import sys
    from dataclasses import replace

    if (texts and source) or (chat is not None and source is None):
        raise TuiLmError(
            "TEXT cannot be combined with -i, and --chat needs -i", "use tui-lm translate -i FILE -o FILE", exit_code=2
        )
    folder = model_option.resolve_model(model, "translation")
    from tui_lm.translation import BeamOptions, Translator

    options = BeamOptions(beam=beam, max_length=max_length, answers=nbest)
    if length_penalty is not None:
        options = replace(options, length_penalty=length_penalty)
    if coverage_penalty is not None:
        options = replace(options, coverage_penalty=coverage_penalty)
    if source is not None:
        chat = _is_chat(source, chat)
    translator = Translator.open(folder)
    if alignment is not None and not translator.aligns:
        raise TuiLmError("this translator has no attention, so it has no word alignment", "leave out --alignment")
    if chat and (alignment is not None or nbest > 1):
        raise TuiLmError(
            "a chat cannot be translated with --alignment or --nbest", "add --no-chat to translate it as lines", 2
        )

    show = _as_json(alignment, nbest) if json_output else _as_text(alignment, nbest)
    with writer(target) as write:
        if source is not None and chat:
            _translate_chat(translator, source, options, write, json_output)
        elif source is not None:
            for answer in translator.translate_many(lines_of(source), options, threads=cores()):
                write(show(answer))
        else:
            lines = " ".join(texts).splitlines() if texts else typed(sys.stdin.buffer)
            for answer in translator.translate_many(lines or [""], options, window=1):
                write(show(answer))
    model_option.remember_model(folder, "translation")


def cores() -> int:
    import os

    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _is_chat(source: Path, wish: bool | None) -> bool:
    """Whether a file is translated as a chat. A note is printed if it was detected as one."""
    from tui_lm.chats import detect

    if wish is not None:
        return wish
    if not source.is_file() and not source.is_dir():
        return False
    found = detect(source)
    if found is not None:
        typer.echo(
            f"note: {source.name} is a chat ({found}); names and times are kept (--no-chat translates plain lines)",
            err=True,
        )
    return found is not None


def _as_text(alignment: AlignmentFormat | None, nbest: int) -> Show:
    """Exactly `nbest` lines per translation, empty ones if there are fewer, so that scripts can count on it."""

    def show(answer: Translation) -> str:
        answers = [answer, *answer.others][:nbest]
        lines = [_with_alignment(one, alignment) for one in answers] + [""] * (nbest - len(answers))
        return "".join(f"{line}\n" for line in lines)

    return show


def _with_alignment(answer: Translation, form: AlignmentFormat | None) -> str:
    from tui_lm.translation.alignment import links, pharaoh, picture, words

    weights = answer.words() if form is not None else None
    if weights is None:
        return answer.text
    if form is AlignmentFormat.PHARAOH:
        return f"{answer.text} ||| {pharaoh(links(weights))}"
    target, source = ([text[slice(*span)] for span in words(text)] for text in (answer.text, answer.cleaned_source))
    return f"{answer.text}\n\n{picture(weights, target, source)}\n"


def _as_json(alignment: AlignmentFormat | None, nbest: int) -> Show:

    def one(answer: Translation) -> dict[str, Any]:
        from tui_lm.translation.alignment import links, pharaoh

        weights: Any = None if answer.alignment is None else answer.alignment.astype(float).round(5).tolist()
        if alignment is AlignmentFormat.PHARAOH and (of_words := answer.words()) is not None:
            weights = pharaoh(links(of_words))
        return {
            "source": answer.source,
            "text": answer.text,
            "tokens": answer.tokens,
            "probabilities": [round(chance, 4) for chance in answer.probabilities],
            "alignment": weights,
            "source_tokens": answer.source_tokens,
            "score": round(answer.score, 4),
        }

    def show(answer: Translation) -> str:
        found = one(answer)
        if nbest > 1:
            found["nbest"] = [one(other) for other in (answer, *answer.others)]
        return json_line(found)

    return show


def _translate_chat(
    translator: Translator, source: Path, options: BeamOptions, write: Write, json_output: bool
) -> None:
    from tui_lm.chats import open_chat
    from tui_lm.translation.messages import translate_messages

    chat = open_chat([source])
    for before, after in translate_messages(translator, chat, options, threads=cores()):
        write(_message_json(before, after) if json_output else _message_line(after))
    for warning in chat.warnings:
        typer.echo(f"warning: {warning}", err=True)


def _message_line(row: Message) -> str:
    """A line in a format that `tui-lm read` and `train` accept."""
    author = "" if row.author is None else f"{row.author}: "
    sent_at = f"[{row.sent_at:%Y-%m-%d, %H:%M:%S}] " if row.sent_at else ""
    return f"{sent_at}{author}{row.text}\n"


def _message_json(before: Message, after: Message) -> str:
    return json_line(
        {
            "sent_at": before.sent_at and before.sent_at.isoformat(),
            "author": before.author,
            "kind": before.kind,
            "source": before.text,
            "text": after.text,
        }
    )
