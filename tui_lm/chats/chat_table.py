"""A table of messages, CSV or TSV, whose header names columns of senders, texts and often times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from tui_lm.chats.dates import DateOrder, from_epoch
from tui_lm.chats.document import Document
from tui_lm.chats.formats import NO_TIME, Notes
from tui_lm.chats.message import Kind, Message
from tui_lm.chats.tables import LOOK, Dialect, dialect_of
from tui_lm.chats.written_times import written_time
from tui_lm.errors import TuiLmError

# In lower case, most probable first.
_TIMES = (
    *("datetime", "timestamp", "sent_at", "sent at", "date_sent", "created_at", "created at", "date time", "date/time"),
    *(
        "message date",
        "time sent",
        "when",
        "date",
        "time",
        "sent",
        "ts",
        "datum",
        "fecha",
        "data",
        "дата",
        "日期",
        "时间",
    ),
)
_SENDERS = (
    *("sender", "sender name", "sender_name", "from", "author", "username", "user", "speaker", "nick", "nickname"),
    *("contact", "name", "who", "participant", "sent by", "sent_by", "absender", "von", "autor", "remitente", "de"),
    *("expéditeur", "mittente", "verzender", "отправитель", "имя", "发送者", "发送人", "送信者", "보낸사람", "사용자"),
)
_TEXTS = (
    *("text", "message", "body", "content", "msg", "message text", "message_text", "message body", "utterance"),
    *("nachricht", "inhalt", "mensaje", "texto", "mensagem", "messaggio", "bericht", "сообщение", "текст", "内容"),
    *("消息", "メッセージ", "메시지"),
)
_EPOCHS = ((1e14, 1_000_000), (1e11, 1000), (1e8, 1))  # numbers from here on have this many units per second


@dataclass(frozen=True, slots=True)
class _Columns:
    time: int | None
    sender: int
    text: int

    @classmethod
    def of(cls, header: Sequence[str]) -> _Columns | None:
        names = [cell.strip().casefold() for cell in header]

        def column(known: Sequence[str]) -> int | None:
            return next((names.index(name) for name in known if name in names), None)

        sender, text = column(_SENDERS), column(_TEXTS)
        return None if sender is None or text is None or sender == text else cls(column(_TIMES), sender, text)

    @classmethod
    def named(cls, columns: Sequence[str], header: Sequence[str]) -> _Columns:
        """The columns that the user named: time, sender and text, or sender and text. Raises TuiLmError for others."""
        names = [cell.strip().casefold() for cell in header]
        found = []
        for column in columns:
            name = column.strip().casefold()
            if name.isdecimal() and 0 < int(name) <= len(names):
                found.append(int(name) - 1)
            elif name in names:
                found.append(names.index(name))
            else:
                raise TuiLmError(
                    f"the table has no column {column.strip()}",
                    f"name columns from 1 to {len(names)}, or by their names in the first row",
                    about="columns",
                )
        time = found[0] if len(found) > 2 else None
        return cls(time, found[-2], found[-1])


def recognises(head: str, name: str) -> bool:
    lines = head.split("\n", LOOK)[:LOOK]
    dialect = dialect_of("\n".join(lines), name)
    if dialect is None:
        return False
    rows = list(islice(dialect.rows(lines), 2))
    labelled = any(cell.strip().casefold() == "label" for row in rows[:1] for cell in row)  # a data set of texts
    return len(rows) > 1 and not labelled and _Columns.of(rows[0]) is not None


def read(document: Document, notes: Notes) -> Iterator[Message]:
    dialect = dialect_of(document.head().text, document.name) or Dialect(",", quoted=True)
    header = next(dialect.rows(document.lines()), [])
    columns = _Columns.named(notes.columns, header) if notes.columns else _Columns.of(header) or _Columns(0, 1, 2)
    if columns.time is None:
        return _rows(document, dialect, columns, notes, "ymd")
    cells = (row[columns.time] for row in dialect.rows(document.lines()) if len(row) > columns.time)
    times = (time for cell in cells if (time := written_time(cell)) is not None)
    first = next(times, None)
    if first is None or len(first.fields[0]) > 2:
        return _rows(document, dialect, columns, notes, "ymd")
    order = notes.decide(time.fields for time in (first, *islice(times, 100_000)))
    return _rows(document, dialect, columns, notes, order)


def _rows(document: Document, dialect: Dialect, columns: _Columns, notes: Notes, order: DateOrder) -> Iterator[Message]:
    width = max(columns.sender, columns.text, columns.time or 0)
    for number, row in enumerate(dialect.rows(document.lines())):
        if len(row) <= width or (number == 0 and _is_header(row, columns, notes)):
            continue
        sent_at = None if columns.time is None else _time(row[columns.time], order)
        if columns.time is not None and sent_at is None:
            notes.count(NO_TIME)
            continue
        author, text = row[columns.sender].strip(), row[columns.text]
        if not author:
            yield Message(None, text, sent_at, Kind.SYSTEM)
        else:
            yield Message(author, text, sent_at, Kind.TEXT if text.strip() else Kind.MEDIA)


def _is_header(row: Sequence[str], columns: _Columns, notes: Notes) -> bool:
    """Whether a first row names columns. A table whose columns are given by number may begin with a message."""
    if not notes.columns or not all(column.strip().isdecimal() for column in notes.columns):
        return True
    if columns.time is not None:
        return _time(row[columns.time], "ymd") is None
    return row[columns.sender].strip().casefold() in _SENDERS or row[columns.text].strip().casefold() in _TEXTS


def _time(cell: str, order: DateOrder) -> datetime | None:
    if (written := written_time(cell)) is not None:
        return written.at(order)
    try:
        number = float(cell)
    except ValueError:
        return None
    per_second = next((per_second for least, per_second in _EPOCHS if number >= least), None)
    return None if per_second is None else from_epoch(cell.strip(), per_second)
