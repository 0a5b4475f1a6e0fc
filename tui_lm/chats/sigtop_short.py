"""Signal, by sigtop, as short text (`-f text-short`): the time, who wrote it, details in brackets, the text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tui_lm.chats.dates import from_iso
from tui_lm.chats.document import Document
from tui_lm.chats.formats import NO_TIME, Notes
from tui_lm.chats.message import Kind, Message
from tui_lm.chats.text_rows import first_lines, rows_of

_HEADER = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d) ([^:\n]{1,100}):(?: (.*))?$")
_NOTICE = re.compile(r"\[([\w-]+) message\]$")
_DETAIL = r"(?:reply to [^\[\]\n]{1,100} on \d{4}-\d\d-\d\d \d\d:\d\d|edited|\d+ attachments?)"
_DETAILS = re.compile(rf"\[{_DETAIL}(?:, {_DETAIL}){{0,2}}\](?: |$)", re.MULTILINE)


def recognises(head: str, name: str) -> bool:
    lines = first_lines(head, 3)
    return bool(lines) and _HEADER.match(lines[0]) is not None and sum(map(bool, map(_HEADER.match, lines))) > 1


def read(document: Document, notes: Notes) -> Iterator[Message]:
    for header, lines in rows_of(document.lines(), _HEADER):
        if (sent_at := from_iso(header[1])) is None:
            notes.count(NO_TIME)
            continue
        text = "\n".join([header[3] or "", *lines]).rstrip("\n")
        if notice := _NOTICE.match(text):
            yield Message(None, notice[1], sent_at, Kind.SYSTEM)
            continue
        details = _DETAILS.match(text)
        edited = details is not None and "edited" in details[0]
        text = text if details is None else text[details.end() :]
        kind = Kind.EDITED if edited else Kind.TEXT
        yield Message(header[2], text, sent_at, kind if text.strip() else Kind.MEDIA)
