"""Discord, by DiscordChatExporter, as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import chain

from tui_lm.chats.dates import DateOrder, from_iso
from tui_lm.chats.discord_notices import is_notice
from tui_lm.chats.document import Document
from tui_lm.chats.formats import NO_TIME, Notes
from tui_lm.chats.message import Kind, Message
from tui_lm.chats.written_times import written_time
from tui_lm.errors import TuiLmError

_COLUMNS = ("AuthorID", "Author", "Date", "Content")


def recognises(head: str, name: str) -> bool:
    return head.partition("\n")[0].replace('"', "").startswith(",".join(_COLUMNS))


def read(document: Document, notes: Notes) -> Iterator[Message]:
    times = (time for _, date, _ in _cells(document) if (time := written_time(date)) is not None)
    first = next(times, None)
    ambiguous = first is not None and first.offset is None  # newer versions write ISO times, which are unambiguous
    order = notes.decide(time.fields for time in chain([first], times) if time) if ambiguous else "ymd"
    return _rows(document, notes, order)


def _cells(document: Document) -> Iterator[tuple[str, str, str]]:
    """Author, date and text of each row."""
    table = csv.reader((line + "\n" for line in document.lines()), strict=False)
    try:
        for cells in table:
            if len(cells) >= len(_COLUMNS) and cells[2] != "Date":
                yield cells[1], cells[2], cells[3]
    except csv.Error as error:
        raise TuiLmError(f"{document.name} is a broken CSV file", "export the chat again") from error


def _rows(document: Document, notes: Notes, order: DateOrder) -> Iterator[Message]:
    for author, date, text in _cells(document):
        sent_at = from_iso(date) if "T" in date else None
        if sent_at is None and (written := written_time(date)) is not None:
            sent_at = written.at(order)
        if sent_at is None:
            notes.count(NO_TIME)
        elif is_notice(text):
            yield Message(None, text, sent_at, Kind.SYSTEM)
        else:
            yield Message(author, text, sent_at, Kind.TEXT if text else Kind.MEDIA)
