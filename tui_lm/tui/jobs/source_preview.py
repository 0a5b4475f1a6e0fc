"""A preview of a source, read by `tui-lm read` in a child process, so that a huge export does not block the app."""

from __future__ import annotations

import asyncio
import json
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tui_lm.errors import DAMAGE
from tui_lm.tui.jobs.training_process import PROGRAM

EXAMPLES = 4  # messages shown
LONGEST_LINE = 1 << 20


@dataclass(frozen=True)
class Seen:
    """`format` is a chat format, "prose" or "pairs"; `error` and `hint` are set if the file could not be read."""

    format: str = ""
    messages: int = 0
    authors: Mapping[str, int] = field(default_factory=dict)
    first: str = ""
    last: str = ""
    left_out: int = 0
    warnings: Sequence[str] = ()
    examples: Sequence[tuple[str, str]] = ()
    error: str = ""
    hint: str = ""

    @property
    def is_chat(self) -> bool:
        return bool(self.authors)


async def read(path: Path, program: Sequence[str] = PROGRAM) -> Seen:
    """Read the file at `path`. Cancelled, it ends the child processes that it has started."""
    async with _child([*program, "read", str(path), "--json"]) as child:
        told, wrong = await child.communicate()
        if child.returncode != 0:
            return _failure(wrong.decode("utf-8", "replace"))
    try:
        found = json.loads(told)
        seen = _seen(found, ())
    except DAMAGE:
        return Seen(error="what was read could not be understood", hint="try `tui-lm read` in a shell")
    return _seen(found, await _examples(path, program)) if seen.is_chat else seen


async def _examples(path: Path, program: Sequence[str]) -> list[tuple[str, str]]:
    """The first messages. The process that prints all of them is ended after these."""
    found: list[tuple[str, str]] = []
    async with _child([*program, "read", str(path), "--messages"]) as child:
        assert child.stdout is not None
        with suppress(ValueError, KeyError, TypeError):  # a line that is too long or not JSON
            while len(found) < EXAMPLES and (line := await child.stdout.readline()):
                message = json.loads(line)
                found.append((str(message["author"] or ""), str(message["text"])))
    return found


@asynccontextmanager
async def _child(command: Sequence[str]) -> AsyncIterator[Process]:
    child = await asyncio.create_subprocess_exec(*command, stdin=DEVNULL, stdout=PIPE, stderr=PIPE, limit=LONGEST_LINE)
    try:
        yield child
    finally:
        if child.returncode is None:
            with suppress(ProcessLookupError):
                child.kill()
            with suppress(ValueError):
                await child.communicate()


def _seen(found: dict[str, Any], examples: Sequence[tuple[str, str]]) -> Seen:
    return Seen(
        format=str(found["format"]),
        messages=int(found["messages"]),
        authors={str(name): int(count) for name, count in found["authors"].items()},
        first=str(found["first"] or "")[:10],
        last=str(found["last"] or "")[:10],
        left_out=int(found["system"]) + int(found["media"]),
        warnings=[str(warning) for warning in found["warnings"]],
        examples=examples,
    )


def _failure(told: str) -> Seen:
    """Parse the two lines of an error."""
    lines = dict(line.split(": ", 1) for line in told.splitlines() if ": " in line)
    return Seen(error=lines.get("error", "this file cannot be read"), hint=lines.get("hint", ""))
