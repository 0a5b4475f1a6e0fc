"""Ghosts for a line at a shell's prompt, over a pipe of plain lines: shells cannot read JSON, nor wait for an answer.

A request is `ID TAB KIND TAB TEXT`: the line as far as the cursor, its newlines as carriage returns. The answer is
`ID TAB GHOST`. A shell has one request under way at most, and asks for what the line is by then when the answer comes.
KIND says what the line is:

    text      all of it is prose
    command   only what is in an open quote or a comment is
    line      one or the other: what is in an open quote or a comment, or else all of it
    asked     as line, and the user wants an answer: the likeliest word where the model is not sure
"""

from __future__ import annotations

import os
import select
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import takewhile

from tui_lm.completion.completer import Completer
from tui_lm.completion.words import cursor
from tui_lm.errors import TuiLmError
from tui_lm.tokenizers.stream import WritingContext

LONGEST = 2000  # characters of prose that are looked at
PATIENCE = 2.0  # seconds between two looks at whether the shell still lives
OBEYED = {"Cc", "Zl", "Zp"}  # categories of characters that a terminal may obey
EXPANDED = {'"': '"$`\\!', "'": "'"}  # what ends a quote, or means something to the shell inside it


@dataclass(frozen=True, slots=True)
class Prose:
    """`text` before the cursor; a ghost ends before any character of `barred`."""

    text: str
    barred: str = ""


def serve(completer: Completer, lines: Iterable[str], write: Callable[[str], object], author: str | None) -> None:
    """Answer each request; `write` gets each answer with its newline."""
    for request in lines:
        identity, _, rest = request.partition("\t")
        kind, _, line = rest.partition("\t")
        ghost = answer(completer, kind, line.replace("\r", "\n"), author)
        write(f"{identity}\t{ghost}\n")


def answer(completer: Completer, kind: str, line: str, author: str | None) -> str:
    """The ghost after `line`; "" where it holds no prose, or the model is not sure."""
    part = Prose(line) if kind == "text" else prose(line)
    if part is None:
        if kind == "command":
            return ""
        part = Prose(line)
    context = WritingContext(part.text.rpartition("\n")[2][-LONGEST:], author)
    try:
        ghost = completer.ghost(context)
        if not ghost and kind == "asked":
            best = next(iter(completer.candidates(context, n=1)), None)
            ghost = "" if best is None else best.text[len(cursor(context.text).token) :]
    except TuiLmError:  # a prompt has no place for it
        return ""
    shown = takewhile(lambda c: c not in part.barred and unicodedata.category(c) not in OBEYED, ghost)
    return "".join(shown)


def prose(command: str) -> Prose | None:
    """What is written in the quote that is open at the end of a command line, or in a comment; None elsewhere.

    The apostrophe of a word opens no quote, so that prose which is no command yet is not taken apart.
    """
    quote, begin, i = "", 0, 0
    while i < len(command):
        character, before = command[i], command[i - 1 : i]
        if character == "\\" and quote != "'":
            i += 1
        elif quote:
            if character == quote:
                quote = ""
        elif character == '"' or (character == "'" and not before.isalnum()):
            quote, begin = character, i + 1
        elif character == "#" and not before.strip():
            end = command.find("\n", i)
            if end < 0:
                return Prose(command[i + 1 :].removeprefix(" "))
            i = end
        i += 1
    return Prose(command[begin:], EXPANDED[quote]) if quote else None


def requests(file: int, shell: int) -> Iterator[str]:
    """The lines that come out of a pipe, until it ends or the process `shell` does: other children of a shell may
    hold its end of the pipe open after it died."""
    waiting = b""
    while True:
        while not select.select([file], [], [], PATIENCE)[0]:
            if not _lives(shell):
                return
        piece = os.read(file, 1 << 16)
        if not piece:
            return
        *lines, waiting = (waiting + piece).split(b"\n")
        yield from (line.decode("utf-8", "replace") for line in lines)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
