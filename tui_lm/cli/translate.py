"""`tui-lm translate`: a line in, a line out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from tui_lm.cli import model as model_option
from tui_lm.cli.lines import Write, decoded, json_line, lines_of, writer
from tui_lm.errors import TuiLmError

if TYPE_CHECKING:
    from tui_lm.chats import Message
    from tui_lm.translation import BeamOptions, Translation, Translator

Show = Callable[["Translation"], str]
"""From an answer to its lines."""


class Form(StrEnum):
    MATRIX = "matrix"
    PHARAOH = "pharaoh"


class Command(TyperCommand):
    """Lets --alignment stand alone, as the matrix."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        end = args.index("--") if "--" in args else len(args)
        for place in range(end - 1, -1, -1):
            if args[place] == "--alignment" and not {*args[place + 1 : place + 2]} & {*Form}:
                args.insert(place + 1, Form.MATRIX)
        return super().parse_args(ctx, args)


def translate(
    texts: Annotated[
        list[str] | None, typer.Argument(metavar="[TEXT]...", help="A line; without it each line of stdin.")
    ] = None,
    model: Annotated[str | None, typer.Option(*model_option.OPTION, help=model_option.HELP)] = None,
    source: Annotated[
        Path | None, typer.Option("-i", "--input", metavar="FILE", help="Translate the lines of a file, or a chat.")
    ] = None,
    target: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write to a file, whole or not at all.")
    ] = None,
    beam: Annotated[int, typer.Option(help="Hypotheses that are followed; 1 is greedy.")] = 5,
    nbest: Annotated[int, typer.Option(help="So many translations of each line, best first.")] = 1,
    length_penalty: Annotated[float | None, typer.Option(help="Above the default longer, below it shorter.")] = None,
    coverage_penalty: Annotated[
        float | None, typer.Option(help="Above 0: prefer what leaves no word of the source unread (Wu et al. 2016).")
    ] = None,
    max_length: Annotated[int | None, typer.Option(help="At most so many tokens.")] = None,
    alignment: Annotated[
        Form | None,
        typer.Option(help="Which word comes from which: a picture (also without a value), or 0-0 1-1 behind the line."),
    ] = None,
    chat: Annotated[
        bool | None,
        typer.Option("--chat/--no-chat", help="With -i: keep names and times of a chat. Chats are recognised."),
    ] = None,
    json_output: Annotated[
        bool, typer.Option("--json", help="A JSON object a line: source, text, tokens, probabilities, alignment.")
    ] = False,
) -> None:
    """Translate TEXT, a file, or what comes in: the answer to a line is printed before the next line is read."""
    import sys
    from dataclasses import replace

    if (texts and source) or (chat is not None and source is None):
        raise TuiLmError(
            "TEXT and -i exclude each other, and --chat needs -i", "tui-lm translate -i FILE -o FILE", exit_code=2
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
        raise TuiLmError("this translator has no attention, so it aligns nothing", "leave out --alignment")
    if chat and (alignment is not None or nbest > 1):
        raise TuiLmError("a chat is translated without --alignment and --nbest", "say --no-chat to get lines", 2)

    show = _as_json(alignment, nbest) if json_output else _as_text(alignment, nbest)
    with writer(target) as write:
        if source is not None and chat:
            _translate_chat(translator, source, options, write, json_output)
        elif source is not None:
            for answer in translator.translate_many(lines_of(source), options, threads=cores()):
                write(show(answer))
        else:
            lines = " ".join(texts).splitlines() if texts else _typed(sys.stdin.buffer)
            for answer in translator.translate_many(lines or [""], options, window=1):
                write(show(answer))
    model_option.remember_model(folder, "translation")


def cores() -> int:
    import os

    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _is_chat(source: Path, wish: bool | None) -> bool:
    """Whether a file is to be translated as a chat; a note says so where nobody had asked for it."""
    from tui_lm.chats import detect

    if wish is not None:
        return wish
    if not source.is_file() and not source.is_dir():
        return False
    found = detect(source)
    if found is not None:
        typer.echo(
            f"note: {source.name} is a chat ({found}): names and times are kept; --no-chat takes lines", err=True
        )
    return found is not None


def _typed(stream: Iterable[bytes]) -> Iterator[str]:
    """Lines as they come; a person at a terminal is told that they are waited for."""
    import sys

    if sys.stdin.isatty() and sys.stderr.isatty():
        typer.echo("type a line, and Enter; Ctrl-D ends", err=True)
    return decoded(stream)


def _as_text(alignment: Form | None, nbest: int) -> Show:
    """Exactly `nbest` lines an answer, so that a script can count; with the alignment asked for."""

    def show(answer: Translation) -> str:
        answers = [answer, *answer.others][:nbest]
        lines = [_with_alignment(one, alignment) for one in answers] + [""] * (nbest - len(answers))
        return "".join(f"{line}\n" for line in lines)

    return show


def _with_alignment(answer: Translation, form: Form | None) -> str:
    from tui_lm.translation.alignment import links, pharaoh, picture, words

    weights = answer.words() if form is not None else None
    if weights is None:
        return answer.text
    if form is Form.PHARAOH:
        return f"{answer.text} ||| {pharaoh(links(weights))}"
    target, source = ([text[slice(*span)] for span in words(text)] for text in (answer.text, answer.cleaned_source))
    return f"{answer.text}\n\n{picture(weights, target, source)}\n"


def _as_json(alignment: Form | None, nbest: int) -> Show:

    def one(answer: Translation) -> dict[str, Any]:
        from tui_lm.translation.alignment import links, pharaoh

        weights: Any = None if answer.alignment is None else answer.alignment.astype(float).round(5).tolist()
        if alignment is Form.PHARAOH and (of_words := answer.words()) is not None:
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
    """In a form that `tui-lm read` and `train` read again."""
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
