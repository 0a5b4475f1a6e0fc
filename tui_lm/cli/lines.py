"""Lines that come in and go out as bytes, so that nothing in them can break: what is no UTF-8 survives both ways."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tui_lm.errors import TuiLmError

Write = Callable[[str], None]
"""Takes whole lines."""


def decoded(lines: Iterable[bytes]) -> Iterator[str]:
    """Lines without their ends and the file's byte order mark; bytes that are no UTF-8 are lone surrogates."""
    for number, line in enumerate(lines):
        text = line.rstrip(b"\r\n").decode("utf-8", "surrogateescape")
        yield text if number else text.removeprefix("\ufeff")


def encoded(text: str) -> bytes:
    """The bytes of a text, which may hold lone surrogates: those of `decoded` become what they were."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def json_line(value: Any) -> str:
    """A value as a line of JSON; lone surrogates, which no file may hold, are escapes."""
    import json

    return json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace").decode("utf-8") + "\n"


def lines_of(source: Path) -> Iterator[str]:
    """The lines of a file. Raises TuiLmError where it cannot be read."""
    try:
        with source.open("rb") as file:
            yield from decoded(file)
    except OSError as error:
        raise TuiLmError(f"{source} cannot be read: {error.strerror}", "check the path and its permissions") from error


@contextmanager
def writer(target: Path | None) -> Iterator[Write]:
    """Writes to stdout, every call at once; or to a file that takes its place when all is written, and not before.

    Raises TuiLmError where the file cannot be written.
    """
    if target is None:

        def write(lines: str) -> None:
            sys.stdout.buffer.write(encoded(lines))
            sys.stdout.buffer.flush()

        yield write
        return
    whole = not target.exists() or target.is_file()  # a pipe or a device is written as it is
    place = target.resolve()
    written = place.with_name(f".{place.name}.{os.getpid()}.new") if whole else place
    with _failing(target):
        file = written.open("wb")
    try:
        with file:

            def put(lines: str) -> None:
                with _failing(target):
                    file.write(encoded(lines))

            yield put
            with _failing(target):
                file.flush()
        if whole:
            with _failing(target):
                if place.exists():
                    shutil.copymode(place, written)
                written.replace(place)
    finally:
        if whole:
            written.unlink(missing_ok=True)


@contextmanager
def _failing(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise TuiLmError(
            f"{target} cannot be written: {error.strerror}", "choose another place, or free some space"
        ) from error
