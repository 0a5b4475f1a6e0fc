"""iMessage, by imessage-exporter, as text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from tui_lm.chats.dates import named_date, to_clock
from tui_lm.chats.document import Document
from tui_lm.chats.formats import NO_TIME, Notes
from tui_lm.chats.message import Kind, Message
from tui_lm.chats.text_rows import first_lines, rows_of

_TIME = r"([A-Z][a-z]{2}) +(\d{1,2}), (\d{4}) +(\d{1,2}:\d\d:\d\d [AP]M)"
_HEADER = re.compile(rf"{_TIME}(?: \((?:Read|Delivered|Edited)[^\n]*\))?(?: (?P<notice>[^(\s].*))?$")
_INNER = re.compile(rf"\s+{_TIME}|Tapbacks:$")  # a reply, which stands again where it was sent, or reactions
_REMARKS = ("This message was deleted from the conversation!", "This message responded to an earlier message.")
_ATTACHMENT = re.compile(r"(?:~?/|[A-Za-z]:\\|attachments/)\S.*\.\w{2,5}")


def recognises(head: str, name: str) -> bool:
    lines = first_lines(head, 1)
    return bool(lines) and _HEADER.match(lines[0]) is not None


def read(document: Document, notes: Notes) -> Iterator[Message]:
    for header, lines in rows_of(document.lines(), _HEADER):
        month, day_of_month, year, time = header.groups()[:4]
        day, clock = named_date(month, day_of_month, year), to_clock(time)
        if day is None or clock is None:
            notes.count(NO_TIME)
            continue
        sent_at = datetime.combine(day, clock)
        if header["notice"]:
            yield Message(None, header["notice"], sent_at, Kind.SYSTEM)
        elif lines and lines[0].strip():
            yield _row(lines[0], lines[1:], sent_at)


def _row(author: str, lines: list[str], sent_at: datetime) -> Message:
    end = next((index for index, line in enumerate(lines) if _INNER.match(line)), len(lines))
    lines = [line for line in lines[:end] if line not in _REMARKS]
    words = [line for line in lines if not _ATTACHMENT.fullmatch(line)]
    text = "\n".join(words).strip("\n")
    return Message(author, text, sent_at, Kind.TEXT if text else Kind.MEDIA)
