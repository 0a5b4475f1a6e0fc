"""Ghost text for a shell's prompt, over a pipe of plain lines, since shells cannot parse JSON.

A request is `ID TAB KIND TAB TEXT`, where TEXT is the line up to the cursor with newlines as carriage returns. The
answer is `ID TAB GHOST`. A shell sends one request at a time, and the next when the answer has come. KIND is one of:

    text      the whole line is prose
    command   only an open quote or a comment is prose
    line      an open quote or a comment if there is one, else the whole line
    asked     as line, but the user asked: the best word if the model is not sure
"""

from __future__ import annotations

import os
import select
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import takewhile

from tui_lm import system
from tui_lm.completion.completer import Completer
from tui_lm.completion.words import cursor
from tui_lm.errors import TuiLmError
from tui_lm.tokenizers.stream import WritingContext

LONGEST = 2000  # characters of prose that are used
POLL = 2.0  # seconds between two checks that the shell is alive
OBEYED = {"Cc", "Zl", "Zp"}  # Unicode categories of characters that control a terminal
EXPANDED = {'"': '"$`\\!', "'": "'"}  # characters that end a quote or have a meaning for the shell inside it


@dataclass(frozen=True, slots=True)
class Prose:
    """`text` before the cursor; a ghost ends before any character of `barred`."""

    text: str
    barred: str = ""


def serve(completer: Completer, lines: Iterable[str], write: Callable[[str], object], author: str | None) -> None:
    """Answer each request; `write` is called with each answer and its newline."""
    for request in lines:
        identity, _, rest = request.partition("\t")
        kind, _, line = rest.partition("\t")
        ghost = answer(completer, kind, line.replace("\r", "\n"), author)
        write(f"{identity}\t{ghost}\n")


def answer(completer: Completer, kind: str, line: str, author: str | None) -> str:
    """The ghost text after `line`; "" if it holds no prose or the model is not sure."""
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
            token = cursor(context.text).token
            ghost = best.text[len(token) :] if best is not None and best.text.startswith(token) else ""
    except TuiLmError:  # a prompt cannot show an error
        return ""
    shown = takewhile(lambda c: c not in part.barred and unicodedata.category(c) not in OBEYED, ghost)
    return "".join(shown)


def prose(command: str) -> Prose | None:
    """The text in the quote or comment that is open at the end of a command line; None if there is none.

    The apostrophe of a word opens no quote.
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
    """The lines of a pipe, until it is closed or the process `shell` has ended. Other children of the shell may hold
    the pipe open after that."""
    waiting = b""
    while True:
        while not select.select([file], [], [], POLL)[0]:
            if not system.is_alive(shell):
                return
        piece = os.read(file, 1 << 16)
        if not piece:
            return
        *lines, waiting = (waiting + piece).split(b"\n")
        yield from (line.decode("utf-8", "replace") for line in lines)
