"""A table of messages, CSV or TSV, whose header names columns of senders, texts and often times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

from tui_lm.chats.dates import DateOrder, from_epoch
from tui_lm.chats.document import Document
from tui_lm.chats.formats import NO_TIME, Notes
from tui_lm.chats.message import Kind, Message
from tui_lm.chats.message_columns import MessageColumns
from tui_lm.chats.tables import LOOK, Dialect, dialect_of
from tui_lm.chats.written_times import written_time

_EPOCHS = ((1e14, 1_000_000), (1e11, 1000), (1e8, 1))  # numbers from here on have this many units per second


def recognises(head: str, name: str) -> bool:
    lines = head.split("\n", LOOK)[:LOOK]
    dialect = dialect_of("\n".join(lines), name)
    if dialect is None:
        return False
    rows = list(islice(dialect.rows(lines), 2))
    labelled = any(cell.strip().casefold() == "label" for row in rows[:1] for cell in row)  # a data set of texts
    return len(rows) > 1 and not labelled and MessageColumns.of(rows[0]) is not None


def read(document: Document, notes: Notes) -> Iterator[Message]:
    dialect = dialect_of(document.head().text, document.name) or Dialect(",", quoted=True)
    header = next(dialect.rows(document.lines()), [])
    if notes.columns:
        columns = MessageColumns.named(notes.columns, header)
    else:
        columns = MessageColumns.of(header) or MessageColumns(0, 1, 2)
    if columns.time is None:
        return _rows(document, dialect, columns, notes, "ymd")
    cells = (columns.moment(row) for row in dialect.rows(document.lines()) if len(row) >= columns.width)
    times = (time for cell in cells if (time := written_time(cell)) is not None)
    first = next(times, None)
    if first is None or len(first.fields[0]) > 2:
        return _rows(document, dialect, columns, notes, "ymd")
    order = notes.decide(time.fields for time in (first, *islice(times, 100_000)))
    return _rows(document, dialect, columns, notes, order)


def _rows(
    document: Document, dialect: Dialect, columns: MessageColumns, notes: Notes, order: DateOrder
) -> Iterator[Message]:
    for number, row in enumerate(dialect.rows(document.lines())):
        if len(row) < columns.width or (number == 0 and _is_header(row, columns, notes)):
            continue
        sent_at = None if columns.time is None else _time(columns.moment(row), order)
        if columns.time is not None and sent_at is None:
            notes.count(NO_TIME)
            continue
        author, text = columns.author(row), row[columns.text]
        if not author:
            yield Message(None, text, sent_at, Kind.SYSTEM)
        else:
            yield Message(author, text, sent_at, Kind.TEXT if text.strip() else Kind.MEDIA)


def _is_header(row: Sequence[str], columns: MessageColumns, notes: Notes) -> bool:
    """Whether a first row names columns. A table whose columns are given by number may begin with a message."""
    if not notes.columns or not all(column.strip().isdecimal() for column in notes.columns):
        return True
    if columns.time is not None:
        moment = columns.moment(row)
        return written_time(moment) is None and _time(moment, "ymd") is None
    return columns.names(row)


def _time(cell: str, order: DateOrder) -> datetime | None:
    if (written := written_time(cell)) is not None:
        return written.at(order)
    try:
        number = float(cell)
    except ValueError:
        return None
    per_second = next((per_second for least, per_second in _EPOCHS if number >= least), None)
    return None if per_second is None else from_epoch(cell.strip(), per_second)
