"""Discord, by DiscordChatExporter, as plain text. Its dates are written as the exporting computer writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from tui_lm.chats.dates import DateOrder, date_fields, to_clock, to_date
from tui_lm.chats.document import Document
from tui_lm.chats.formats import NO_TIME, Notes
from tui_lm.chats.message import Kind, Message
from tui_lm.chats.text_rows import rows_of

_RULE = "=" * 62
_HEADER = re.compile(r"\[(\d+[./-]\d+[./-]\d+),? (\d{1,2}[:.]\d\d(?:\s[AaPp]\.?[Mm]\.?)?)\] (.+?)(?: \(pinned\))?$")
_SECTION = re.compile(r"\{(?:Attachments|Embed|Stickers|Reactions|Forwarded Message)\}$")


def recognises(head: str, name: str) -> bool:
    return head.startswith(f"{_RULE}\nGuild: ") and "\nChannel: " in head


def read(document: Document, notes: Notes) -> Iterator[Message]:
    order = notes.decide(date_fields(header[1]) for header, _ in rows_of(document.lines(), _HEADER))
    return _rows(document, notes, order)


def _rows(document: Document, notes: Notes, order: DateOrder) -> Iterator[Message]:
    for header, lines in rows_of(document.lines(), _HEADER):
        day, clock = to_date(date_fields(header[1]), order), to_clock(header[2])
        if day is None or clock is None:
            notes.count(NO_TIME)
            continue
        end = next((index for index, line in enumerate(lines) if _SECTION.match(line) or line == _RULE), len(lines))
        text = "\n".join(lines[:end]).strip("\n")
        yield Message(header[3], text, datetime.combine(day, clock), Kind.TEXT if text else Kind.MEDIA)
