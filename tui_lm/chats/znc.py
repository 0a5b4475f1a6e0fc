"""IRC logs of ZNC: one file per day, whose name is the only date."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime

from tui_lm.chats.dates import to_clock, to_date
from tui_lm.chats.document import Document
from tui_lm.chats.formats import NO_TIME, Notes
from tui_lm.chats.message import Kind, Message
from tui_lm.chats.text_rows import first_lines
from tui_lm.errors import TuiLmError

_DAY = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)\.log$")
_ROW = re.compile(
    r"\[(\d\d:\d\d:\d\d)\] (?:<(?P<nick>[^>\s]+)> (?P<text>.*)|\* (?P<actor>\S+) (?P<act>.*)|(?P<notice>.*))"
)


def recognises(head: str, name: str) -> bool:
    lines = first_lines(head, 5)
    return bool(lines) and _day(name) is not None and _ROW.match(lines[0]) is not None


def read(document: Document, notes: Notes) -> Iterator[Message]:
    day = _day(document.name)
    if day is None:
        raise TuiLmError(f"{document.name} has no date in its name", "name the file as ZNC does: 2020-01-31.log")
    return _rows(document, day, notes)


def _rows(document: Document, day: date, notes: Notes) -> Iterator[Message]:
    for line in document.lines():
        if not (row := _ROW.fullmatch(line)):
            continue
        if (clock := to_clock(row[1])) is None:
            notes.count(NO_TIME)
            continue
        sent_at = datetime.combine(day, clock)
        if author := row["nick"] or row["actor"]:
            yield Message(author, row["text"] or row["act"] or "", sent_at)
        else:
            yield Message(None, row["notice"] or "", sent_at, Kind.SYSTEM)


def _day(name: str) -> date | None:
    found = _DAY.search(name)
    return to_date((found[1], found[2], found[3]), "ymd") if found else None
