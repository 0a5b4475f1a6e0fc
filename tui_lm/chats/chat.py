"""One chat out of one or several exports: opened once, streamed as often as needed."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from tui_lm.chats.dates import DATE_ORDERS, DateOrder
from tui_lm.chats.document import Document, Meter
from tui_lm.chats.formats import FORMATS, Format, Notes
from tui_lm.chats.merge import merged
from tui_lm.chats.message import Kind, Message
from tui_lm.chats.sources import documents_of
from tui_lm.errors import TuiLmError

_WORDS = (Kind.TEXT, Kind.EDITED)


@dataclass(slots=True)
class _Export:
    """A document with the format that reads it."""

    document: Document
    format: Format
    notes: Notes

    def rows(self) -> Iterator[Message]:
        return self.format.reader.read(self.document, self.notes)


@dataclass(slots=True)
class Chat:
    """Streams every row, notices and media too, in the file's order or, of several files, in time order.

    `format` is the name of the format, `date_order` "dmy", "mdy" or "ymd" where the format leaves a choice.
    Warnings may be added while streaming. Streaming raises TuiLmError where a file turns out to be broken.
    """

    format: str
    date_order: str | None
    warnings: list[str]
    _exports: list[_Export] = field(repr=False)
    _aliases: Mapping[str, str] = field(repr=False)
    _exclude: frozenset[str] = field(repr=False)

    def __iter__(self) -> Iterator[Message]:
        rows = merged(self._streams())
        if self._aliases:
            rows = _renamed(rows, self._aliases)
        if self._exclude:
            rows = (row for row in rows if row.author not in self._exclude)
        with _damage_explained():
            yield from rows
        self._collect_warnings()

    def messages(self) -> Iterator[Message]:
        """Only what somebody wrote: text and edited text that is not blank."""
        return (row for row in self if row.kind in _WORDS and not row.text.isspace() and row.text)

    def _streams(self) -> list[Callable[[], Iterator[Message]]]:
        """One stream a conversation; the parts of one follow each other."""
        conversations: dict[tuple[str, str], list[_Export]] = {}
        for export in self._exports:
            part_of = export.document.folder if export.format.in_parts else export.document.name
            source = str(id(export.document.shelf))
            conversations.setdefault((source, part_of), []).append(export)
        return [_Conversation(parts).rows for parts in conversations.values()]

    def _collect_warnings(self) -> None:
        for export in self._exports:
            self.warnings.extend(warning for warning in export.notes.warnings if warning not in self.warnings)


@dataclass(slots=True)
class _Conversation:
    parts: list[_Export]

    def rows(self) -> Iterator[Message]:
        return chain.from_iterable(part.rows() for part in _in_time_order(self.parts))


def _in_time_order(parts: list[_Export]) -> list[_Export]:
    """The parts by their first row; their names may count backwards."""
    if len(parts) == 1:
        return parts
    from tui_lm.chats.merge import moment

    starts = {id(part): next(iter(part.rows()), None) for part in parts}
    present = [part for part in parts if starts[id(part)] is not None]
    return sorted(present, key=lambda part: moment(row) if (row := starts[id(part)]) else 0.0)


@contextmanager
def _damage_explained() -> Iterator[None]:
    """Turns what a damaged file throws into one error that names no text of the chat."""
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


def detect(source: Path) -> str | None:
    """The name of the format of a file, folder or zip, or None for what is no chat export.

    Raises TuiLmError if it is missing, or a zip that is refused.
    """
    with _damage_explained():
        formats = map(_recognise, documents_of(source, Meter()))
        return next((format.name for format in formats if format is not None), None)


def require_text(source: Path) -> None:
    """Raises TuiLmError for a source that is missing, empty or binary, or a zip that is refused."""
    with _damage_explained():
        documents = documents_of(source, Meter())
        if not any(map(_is_text, documents)):
            raise _no_chat(source, documents)


def _is_text(document: Document) -> bool:
    head = document.head()
    return head.is_text and bool(head.text.strip())


def parse_aliases(aliases: Sequence[str]) -> dict[str, str]:
    """From "Mum=+44 7700 900123" to the name in the export and the one that it shall have.

    Raises TuiLmError, as a mistake in usage, where there is no "=".
    """
    names = {}
    for alias in aliases:
        name, equals, written = alias.partition("=")
        if not (name.strip() and equals and written.strip()):
            raise TuiLmError('an alias has the form "name=name in the export"', 'for example "Mum=+44 7700"', 2)
        names[written.strip()] = name.strip()
    return names


def _recognise(document: Document) -> Format | None:
    head = document.head()
    if not head.is_text or not head.text.strip():
        return None
    return next((format for format in FORMATS.values() if format.reader.recognises(head.text, document.name)), None)


def open_chat(
    sources: Sequence[Path],
    *,
    format: str | None = None,
    date_order: str | None = None,
    aliases: Mapping[str, str] | None = None,
    exclude: Collection[str] = (),
    progress: Callable[[int, int], None] | None = None,
) -> Chat:
    """Opens files, folders and zips as one chat, in time order, with what several of them hold kept once.

    `aliases` maps a name in the export to the name it shall have, `exclude` holds names (after renaming)
    whose rows are left out, `progress` is told the bytes read so far and in all. Raises TuiLmError for a
    missing, empty or binary file, for what is no chat, and for a format or date order that does not exist.
    """
    if format is not None and format not in FORMATS:
        raise TuiLmError(f"no chat format is called {format}", f"there are: {', '.join(FORMATS)}")
    if date_order is not None and date_order not in DATE_ORDERS:
        raise TuiLmError(f"no date order is called {date_order}", f"there are: {', '.join(DATE_ORDERS)}")
    order: DateOrder | None = next((known for known in DATE_ORDERS if known == date_order), None)
    meter = Meter()
    exports: list[_Export] = []
    with _damage_explained():
        for source in sources:
            exports += _exports_of(source, meter, FORMATS[format] if format else None, order)
        for export in exports:
            export.rows()  # the look-ahead, so that the date order and warnings are known
    if progress is not None:
        meter.report = _Progress(progress, sum(export.document.size for export in exports)).add
    formats = dict.fromkeys(export.format.name for export in exports)
    orders = dict.fromkeys(export.notes.date_order for export in exports if export.notes.date_order)
    chat = Chat(", ".join(formats), ", ".join(orders) or None, [], exports, dict(aliases or {}), frozenset(exclude))
    chat._collect_warnings()
    return chat


def _exports_of(source: Path, meter: Meter, forced: Format | None, order: DateOrder | None) -> list[_Export]:
    documents = documents_of(source, meter)
    exports = []
    for document in documents:
        format = forced or _recognise(document)
        if format is not None:
            notes = Notes(order)
            if document.head().encoding == "windows-1252":
                notes.warn("the file is not UTF-8; it was read as Windows-1252")
            exports.append(_Export(document, format, notes))
    if exports:
        return exports
    raise _no_chat(source, documents)


def _no_chat(source: Path, documents: list[Document]) -> TuiLmError:
    if not documents:
        return TuiLmError(f"{source.name} holds no file that could be a chat", "give the exported file itself")
    if all(document.size == 0 for document in documents):
        return TuiLmError(f"{source.name} is empty", "export the chat again")
    heads = [document.head() for document in documents]
    if not any(head.is_text for head in heads):
        return TuiLmError(f"{source.name} is a binary file, not a chat", "give the text, JSON or zip file of an export")
    if not any(head.text.strip() for head in heads):
        return TuiLmError(f"{source.name} is empty", "export the chat again")
    return TuiLmError(f"{source.name} is not a chat export that is known here", "if it is one, name it with --format")


@dataclass(slots=True)
class _Progress:
    report: Callable[[int, int], None]
    total: int
    done: int = 0

    def add(self, size: int) -> None:
        self.done = min(self.total, self.done + size)
        self.report(self.done, self.total)
