"""IRC logs of irssi: each line has a time of day, and lines of their own change the date."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime

from tui_lm.chats.dates import named_date, to_clock
from tui_lm.chats.document import Document
from tui_lm.chats.formats import NO_TIME, Notes
from tui_lm.chats.message import Kind, Message
from tui_lm.chats.text_rows import first_lines

_DAY = re.compile(r"--- (?:Log (?:opened|closed)|Day changed) \w{3} (\w{3}) +(\d{1,2}) (?:[\d:]+ )?(\d{4})$")
_ROW = re.compile(r"(\d\d:\d\d(?::\d\d)?) (?:<[ @+%&~]?(?P<nick>[^>\s]+)> (?P<text>.*)|(?P<rest>.*))")
_ACTION = re.compile(r" \* (\S+) (.*)")


def recognises(head: str, name: str) -> bool:
    return any(_DAY.match(line) for line in first_lines(head, 50))


def read(document: Document, notes: Notes) -> Iterator[Message]:
    day: date | None = None
    for line in document.lines():
        if found := _DAY.match(line):
            day = named_date(*found.groups())
        elif row := _ROW.match(line):
            clock = to_clock(row[1])
            if day is None or clock is None:
                notes.count(NO_TIME)
            else:
                yield _message(row, datetime.combine(day, clock))


def _message(row: re.Match[str], sent_at: datetime) -> Message:
    if row["nick"]:
        return Message(row["nick"], row["text"], sent_at)
    if action := _ACTION.fullmatch(row["rest"]):
        return Message(action[1], action[2], sent_at)
    return Message(None, row["rest"], sent_at, Kind.SYSTEM)
