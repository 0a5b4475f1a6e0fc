"""One chat from one or more exports: opened once, streamed any number of times."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain

from tui_lm.chats.document import Document
from tui_lm.chats.formats import Format, Notes
from tui_lm.chats.merge import merged
from tui_lm.chats.message import Kind, Message
from tui_lm.errors import TuiLmError

_WORDS = (Kind.TEXT, Kind.EDITED)


@dataclass(slots=True)
class Export:
    """A document and the format that reads it."""

    document: Document
    format: Format
    notes: Notes

    def rows(self) -> Iterator[Message]:
        self.notes.counted.clear()
        return self.format.reader.read(self.document, self.notes)


@dataclass(slots=True)
class Chat:
    """Streams every row, including notices and media: in the order of the file, or of time if there are several files.

    `format` is the name of the format, `date_order` "dmy", "mdy" or "ymd" if the format leaves a choice. Streaming may
    add warnings. It raises TuiLmError if a file is broken, or was recognised but has no rows.
    """

    format: str
    date_order: str | None
    warnings: list[str]
    _exports: list[Export] = field(repr=False)
    _aliases: Mapping[str, str] = field(repr=False)
    _exclude: frozenset[str] = field(repr=False)
    _only: frozenset[str] = field(repr=False)

    def __iter__(self) -> Iterator[Message]:
        with damage_explained():
            rows = merged(self._streams())
            first = next(rows, None)
            if first is None:
                self.collect_warnings()
                raise self._no_row()
            rows = chain((first,), rows)
            if self._aliases:
                rows = _renamed(rows, self._aliases)
            if self._exclude:
                rows = (row for row in rows if row.author not in self._exclude)
            if self._only:
                rows = (row for row in rows if row.author is None or row.author in self._only)
            yield from rows
        self.collect_warnings()

    def _no_row(self) -> TuiLmError:
        reason = f"; {self.warnings[0]}" if self.warnings else ""
        return TuiLmError(
            f"this looks like an export of {self.format}, but none of its rows can be read{reason}",
            "export the chat again, or name another format",
            about="format",
        )

    def messages(self) -> Iterator[Message]:
        """Only rows with written words: text and edited text that is not blank."""
        return (row for row in self if row.kind in _WORDS and not row.text.isspace() and row.text)

    def _streams(self) -> list[Callable[[], Iterator[Message]]]:
        """One stream per conversation, with its parts one after the other."""
        conversations: dict[tuple[str, str], list[Export]] = {}
        for export in self._exports:
            part_of = export.document.folder if export.format.in_parts else export.document.name
            source = str(id(export.document.shelf))
            conversations.setdefault((source, part_of), []).append(export)
        return [_Conversation(parts).rows for parts in conversations.values()]

    def collect_warnings(self) -> None:
        """Collects the warnings of all exports, with the numbers of the latest reading."""
        notes = [export.notes for export in self._exports]
        counted = sum((each.counted for each in notes), Counter[str]())
        told = dict.fromkeys(warning for each in notes for warning in each.warnings)
        self.warnings[:] = [*told, *(f"{what}: {times:,}" for what, times in counted.items())]


@dataclass(slots=True)
class _Conversation:
    parts: list[Export]

    def rows(self) -> Iterator[Message]:
        return chain.from_iterable(part.rows() for part in _in_time_order(self.parts))


def _in_time_order(parts: list[Export]) -> list[Export]:
    """The parts in the order of their first rows; their names may count backwards."""
    if len(parts) == 1:
        return parts
    from tui_lm.chats.merge import moment

    starts = {id(part): next(iter(part.rows()), None) for part in parts}
    present = [part for part in parts if starts[id(part)] is not None]
    return sorted(present, key=lambda part: (moment(row) if (row := starts[id(part)]) else None) or 0.0)


@contextmanager
def damage_explained() -> Iterator[None]:
    """Turns the exceptions of a damaged file into one error that does not quote the chat."""
    from zipfile import BadZipFile

    try:
        yield
    except (OSError, BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        reason = type(error).__name__
        raise TuiLmError(f"the export cannot be read to its end: {reason}", "export the chat again") from error


def _renamed(rows: Iterator[Message], aliases: Mapping[str, str]) -> Iterator[Message]:
    for row in rows:
        if row.author is not None and row.author in aliases:
            yield Message(aliases[row.author], row.text, row.sent_at, row.kind)
        else:
            yield row
