"""Zoom, the chat of a meeting: saved by the app, or downloaded with a recording."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from tui_lm.chats.document import Document
from tui_lm.chats.formats import Notes
from tui_lm.chats.message import Kind, Message
from tui_lm.chats.text_rows import first_lines, rows_of

# "10:00:05 From Rosa to Everyone:", "00:10:05\t From  Rosa : text", "00:58:04\tRosa:\ttext"
_HEADER = re.compile(
    r"(\d\d):(\d\d):(\d\d)(?:"
    r"[\t ]{1,4}From[\t ]{1,4}(?P<name>\S.{0,99}?)(?:[\t ]{1,4}[Tt]o[\t ]{1,4}\S.{0,199}?)?[\t ]{0,4}:"
    r"(?:[\t ]+(?P<text>.*))?"
    r"|\t(?P<speaker>[^\t:]{1,100}):\t(?P<said>.*))$"
)
_REACTION = re.compile(r'(?:Reacted to "|Removed an? \S+ reaction from ")')
_REPLY = re.compile(r'Replying to "')
_LOCAL = re.compile(r"(\d{4})-(\d\d)-(\d\d) (\d\d)\.(\d\d)\.(\d\d)")  # the folder that the app makes
_RECORDED = re.compile(r"GMT(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)")  # the name of a recording's chat, in UTC
_NIGHT = timedelta(hours=12)


def recognises(head: str, name: str) -> bool:
    lines = first_lines(head, 2)
    return bool(lines) and _HEADER.match(lines[0]) is not None


def read(document: Document, notes: Notes) -> Iterator[Message]:
    """The times of a saved chat are those of the day, and the times of a recording count from its start."""
    start, day = _moment(_RECORDED, document.name), _moment(_LOCAL, document.name)
    last = timedelta()
    days = timedelta()
    for header, lines in rows_of(document.lines(), _HEADER):
        clock = timedelta(hours=int(header[1]), minutes=int(header[2]), seconds=int(header[3]))
        if clock + _NIGHT < last:
            days += timedelta(days=1)
        last = clock
        sent_at = None
        if start is not None:
            sent_at = start.replace(tzinfo=UTC) + clock
        elif day is not None:
            sent_at = day.replace(hour=0, minute=0, second=0) + days + clock
        yield _message(header, lines, sent_at)


def _moment(pattern: re.Pattern[str], name: str) -> datetime | None:
    if (found := pattern.search(name)) is None:
        return None
    year, month, day, hour, minute, second = map(int, found.groups())
    try:
        return datetime(year, month, day, hour, minute, second)
    except ValueError:
        return None


def _message(header: re.Match[str], lines: list[str], sent_at: datetime | None) -> Message:
    author = header["name"] or header["speaker"]
    body = [header["text"] or header["said"] or "", *(line.removeprefix("\t") for line in lines)]
    text = "\n".join(body).strip("\n")
    if _REPLY.match(text):
        text = text.partition("\n")[2].strip("\n")
    if _REACTION.match(text):
        return Message(None, text, sent_at, Kind.SYSTEM)
    return Message(author, text, sent_at, Kind.TEXT if text.strip() else Kind.MEDIA)
