"""Discord, by DiscordChatExporter, as CSV."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import datetime
from itertools import chain

from tui_lm.chats.dates import DateOrder, date_fields, from_iso, to_clock, to_date
from tui_lm.chats.document import Document
from tui_lm.chats.formats import NO_TIME, Notes
from tui_lm.chats.message import Kind, Message
from tui_lm.errors import TuiLmError

_COLUMNS = ("AuthorID", "Author", "Date", "Content")
_NUMERIC = re.compile(r"(\d+[./-]\d+[./-]\d+),? (\d{1,2}[:.]\d\d(?::\d\d)?(?:\s[AaPp]\.?[Mm]\.?)?)$")


def recognises(head: str, name: str) -> bool:
    return head.partition("\n")[0].replace('"', "").startswith(",".join(_COLUMNS))


def read(document: Document, notes: Notes) -> Iterator[Message]:
    numeric = (found for _, date, _ in _cells(document) if (found := _NUMERIC.match(date)))
    first = next(numeric, None)  # newer versions write ISO times, which leave no choice
    order = notes.decide(date_fields(found[1]) for found in chain([first], numeric)) if first else "dmy"
    return _rows(document, notes, order)


def _cells(document: Document) -> Iterator[tuple[str, str, str]]:
    """Author, date and content of each row."""
    table = csv.reader((line + "\n" for line in document.lines()), strict=False)
    try:
        for cells in table:
            if len(cells) >= len(_COLUMNS) and cells[2] != "Date":
                yield cells[1], cells[2], cells[3]
    except csv.Error as error:
        raise TuiLmError(f"{document.name} is a broken CSV file", "export the chat again") from error


def _rows(document: Document, notes: Notes, order: DateOrder) -> Iterator[Message]:
    for author, date, text in _cells(document):
        if (sent_at := _time(date, order)) is None:
            notes.count(NO_TIME)
        else:
            yield Message(author, text, sent_at, Kind.TEXT if text else Kind.MEDIA)


def _time(text: str, order: DateOrder) -> datetime | None:
    if (found := _NUMERIC.match(text)) is None:
        return from_iso(text)
    day, clock = to_date(date_fields(found[1]), order), to_clock(found[2])
    return None if day is None or clock is None else datetime.combine(day, clock)
