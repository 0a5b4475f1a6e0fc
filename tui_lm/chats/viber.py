"""Viber, the messages of a chat as text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tui_lm.chats.document import Document
from tui_lm.chats.formats import NO_TIME, Notes
from tui_lm.chats.message import Kind, Message
from tui_lm.chats.text_rows import first_lines, rows_of
from tui_lm.chats.written_times import written_time

_HEADER = re.compile(r"\[ ([^\[\]\n]{8,40}?) \],? ?(?:([^:\n]{1,100}): ?)?(.*)")
_MEDIA = re.compile(
    r"(?:Photo|Video|Sticker|GIF|Voice|Audio|File|Instant video)(?: message)?(?: \(.*\))?|\[(?:Photo|Video|Sticker)\]",
    re.IGNORECASE,
)


def recognises(head: str, name: str) -> bool:
    lines = first_lines(head, 5)
    return bool(lines) and (found := _HEADER.match(lines[0])) is not None and written_time(found[1]) is not None


def read(document: Document, notes: Notes) -> Iterator[Message]:
    times = (written_time(header[1]) for header, _ in rows_of(document.lines(), _HEADER))
    order = notes.decide(time.fields for time in times if time is not None)
    for header, lines in rows_of(document.lines(), _HEADER):
        written = written_time(header[1])
        sent_at = written.at(order) if written is not None else None
        text = "\n".join([header[3], *lines]).rstrip("\n")
        if sent_at is None:
            notes.count(NO_TIME)
        elif header[2] is None:
            yield Message(None, text, sent_at, Kind.SYSTEM)
        else:
            yield Message(header[2], text, sent_at, Kind.MEDIA if not text or _MEDIA.fullmatch(text) else Kind.TEXT)
