"""Lines read and written as bytes. Bytes that are not valid UTF-8 come out as they went in."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import typer

from tui_lm.atomic_file import public_mode, replacing
from tui_lm.errors import TuiLmError

Write = Callable[[str], None]
"""Writes whole lines; each ends with a newline."""


def decoded(lines: Iterable[bytes]) -> Iterator[str]:
    """Lines without line ends and byte order mark. Bytes that are not UTF-8 become lone surrogates (PEP 383)."""
    for number, line in enumerate(lines):
        text = line.rstrip(b"\r\n").decode("utf-8", "surrogateescape")
        yield text if number else text.removeprefix("\ufeff")


def typed(stream: Iterable[bytes]) -> Iterator[str]:
    """The lines of a stream. At a terminal, prints a prompt first."""
    if sys.stdin.isatty() and sys.stderr.isatty():
        typer.echo("type a line and press Enter; Ctrl-D ends", err=True)
    return decoded(stream)


def encoded(text: str) -> bytes:
    """The bytes of a text. Lone surrogates made by `decoded` become the original bytes again."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def json_line(value: Any) -> str:
    """A value as one line of JSON. Lone surrogates, which UTF-8 cannot encode, are written as escapes."""
    import json

    return json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace").decode("utf-8") + "\n"


def lines_of(source: Path) -> Iterator[str]:
    """The lines of a file. Raises TuiLmError if it cannot be read."""
    try:
        with source.open("rb") as file:
            yield from decoded(file)
    except OSError as error:
        raise TuiLmError(f"{source} cannot be read: {error.strerror}", "check the path and its permissions") from error


@contextmanager
def writer(target: Path | None) -> Iterator[Write]:
    """A function that writes lines to `target`, or to stdout, which is flushed after every call.

    A regular file appears complete or not at all: the lines go to a temporary file beside it, which replaces it when
    the block ends without an error. Raises TuiLmError if the file cannot be written.
    """
    if target is None:

        def write(lines: str) -> None:
            sys.stdout.buffer.write(encoded(lines))
            sys.stdout.buffer.flush()

        yield write
        return
    whole = not target.exists() or target.is_file()  # a pipe or a device cannot be replaced: write to it directly
    with ExitStack() as stack:
        with _failing(target):
            opened = replacing(target, mode=public_mode(target)) if whole else target.open("wb")
            file = stack.enter_context(opened)

        def put(lines: str) -> None:
            with _failing(target):
                file.write(encoded(lines))

        yield put
        with _failing(target):
            stack.close()


@contextmanager
def _failing(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise TuiLmError(
            f"{target} cannot be written: {error.strerror}", "choose another folder, or free some space"
        ) from error
