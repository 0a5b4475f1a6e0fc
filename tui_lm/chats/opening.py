"""Opens files, folders and zips as a chat: recognises their format, or refuses them with a reason."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tui_lm.chats.chat import Chat, Export, damage_explained
from tui_lm.chats.dates import DATE_ORDERS, DateOrder
from tui_lm.chats.document import Document, Meter
from tui_lm.chats.formats import FORMATS, Format, Notes
from tui_lm.chats.sources import documents_of
from tui_lm.errors import TuiLmError

# What exporters put beside the chats, and readers look up there.
_COMPANIONS = frozenset(
    (
        *("users.json", "channels.json", "groups.json", "dms.json", "mpims.json", "integration_logs.json"),
        *("canvases.json", "lists.json", "org_users.json", "huddle_transcripts.json", "file_conversations.json"),
        *("group_info.json", "user_info.json", "export_results.html"),
    )
)


def detect(source: Path, encoding: str | None = None) -> str | None:
    """The name of the format of a file, folder or zip, or None if it is not a chat export.

    Raises TuiLmError if it is missing, or a zip that is refused.
    """
    with damage_explained():
        return format_of(documents_of(source, Meter(), encoding))


def format_of(documents: Sequence[Document]) -> str | None:
    """The name of the first format among these documents, or None if none is a chat export."""
    with damage_explained():
        formats = map(_recognise, documents)
        return next((format.name for format in formats if format is not None), None)


def require_text(source: Path) -> None:
    """Raises TuiLmError for a source that is missing, empty or binary, or a zip that is refused."""
    readable_documents(source)


def readable_documents(source: Path, encoding: str | None = None) -> list[Document]:
    """The files of a source that hold text of any kind.

    Raises TuiLmError for a source that is missing, empty or binary, or a zip that is refused.
    """
    with damage_explained():
        documents = documents_of(source, Meter(), encoding)
        readable = [document for document in documents if _is_text(document)]
        if not readable:
            raise _no_chat(source, documents)
        return readable


def guessed_encoding(name: str) -> str:
    """The warning about an encoding that nobody named."""
    shown = name.title() if "-" in name else name.upper()
    return f"the file is not UTF-8; it was read as {shown}; --encoding names another"


def _is_text(document: Document) -> bool:
    head = document.head()
    return head.is_text and bool(head.text.strip())


def parse_aliases(aliases: Sequence[str]) -> dict[str, str]:
    """Maps the name in the export to the new name, from "Mum=+44 7700 900123".

    Raises a TuiLmError of usage without "=".
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
    if not head.is_text or not head.text.strip() or PurePosixPath(document.name).name in _COMPANIONS:
        return None
    return next((format for format in FORMATS.values() if format.recognises(head.text, document.name)), None)


def open_chat(
    sources: Sequence[Path],
    *,
    format: str | None = None,
    date_order: str | None = None,
    encoding: str | None = None,
    columns: Sequence[str] = (),
    aliases: Mapping[str, str] | None = None,
    exclude: Collection[str] = (),
    only: Collection[str] = (),
    progress: Callable[[int, int], None] | None = None,
) -> Chat:
    """Opens files, folders and zips as one chat in time order, without duplicates.

    `encoding` is that of files that are not UTF-8, `columns` are those of a table: numbers from 1, or names in its
    header, of time, sender and text, or of sender and text. `aliases` maps names in the export to new names. Rows of
    authors in `exclude` are left out, and if `only` is not empty, only the rows of its authors are kept, both by the
    new names.
    `progress` is called with the bytes read so far and in total. Raises TuiLmError for a missing, empty or binary file,
    for a file that is not a chat, and for an unknown format or date order.
    """
    if format is not None and format not in FORMATS:
        raise TuiLmError(f"no chat format is called {format}", f"known formats: {', '.join(FORMATS)}")
    if date_order is not None and date_order not in DATE_ORDERS:
        raise TuiLmError(f"no date order is called {date_order}", f"choose one of {', '.join(DATE_ORDERS)}")
    order: DateOrder | None = next((known for known in DATE_ORDERS if known == date_order), None)
    meter = Meter()
    exports: list[Export] = []
    with damage_explained():
        for source in sources:
            exports += _exports_of(source, meter, FORMATS[format] if format else None, order, encoding, tuple(columns))
        for export in exports:
            export.rows()  # look ahead, so that the date order and warnings are known
    if progress is not None:
        meter.report = _Progress(progress, sum(export.document.size for export in exports)).add
    formats = dict.fromkeys(export.format.name for export in exports)
    orders = dict.fromkeys(export.notes.date_order for export in exports if export.notes.date_order)
    chat = Chat(
        ", ".join(formats),
        ", ".join(orders) or None,
        [],
        exports,
        dict(aliases or {}),
        frozenset(exclude),
        frozenset(only),
    )
    chat.collect_warnings()
    return chat


def _exports_of(
    source: Path,
    meter: Meter,
    forced: Format | None,
    order: DateOrder | None,
    encoding: str | None,
    columns: tuple[str, ...],
) -> list[Export]:
    documents = documents_of(source, meter, encoding)
    exports = []
    for document in documents:
        format = forced or _recognise(document)
        if format is not None:
            notes = Notes(order, forced=order is not None, columns=columns)
            if (head := document.head()).guessed and not format.decodes:
                notes.warn(guessed_encoding(head.encoding))
            exports.append(Export(document, format, notes))
    if not exports:
        raise _no_chat(source, documents)
    if unread := _unread(documents, exports):
        exports[0].notes.warn(f"files left out, because they are no chats: {listed(unread)}")
    return exports


def _unread(documents: list[Document], exports: list[Export]) -> list[str]:
    """The files like the exports beside them that are none, but for those that belong to an export."""
    read = {export.document.name for export in exports}
    suffixes = {PurePosixPath(name).suffix for name in read}
    others = [PurePosixPath(document.name) for document in documents if document.name not in read]
    return [str(name) for name in others if name.suffix in suffixes and name.name not in _COMPANIONS]


def listed(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    return ", ".join(names[:3]) + (f" and {len(names) - 3:,} more" if len(names) > 3 else "")


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
    return TuiLmError(f"{source.name} is not a known chat export", "if it is one, name its format", about="format")


@dataclass(slots=True)
class _Progress:
    report: Callable[[int, int], None]
    total: int
    done: int = 0

    def add(self, size: int) -> None:
        self.done = min(self.total, self.done + size)
        self.report(self.done, self.total)
