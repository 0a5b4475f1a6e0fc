"""Google Chat, from Takeout: messages.json of a group or a direct message."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from tui_lm.chats.dates import from_iso, named_date, to_clock
from tui_lm.chats.document import Document
from tui_lm.chats.formats import NO_TIME, Notes
from tui_lm.chats.json_export import Record, flag, records, string
from tui_lm.chats.message import Kind, Message

# "Friday, May 29, 2026 at 3:00:29 AM UTC", with any kind of space
_DATE = re.compile(
    r"(?P<month>[^\W\d]+)\s(?P<day>\d{1,2}),\s(?P<year>\d{4})\D*(?P<clock>\d\d?:\d\d(?::\d\d)?(?:\s[AP]M)?)"
)


def recognises(head: str, name: str) -> bool:
    return '"creator"' in head and '"created_date"' in head and '"messages"' in head


def read(document: Document, notes: Notes) -> Iterator[Message]:
    for record in records(document, "messages", notes):
        if (sent_at := _time(string(record, "created_date"))) is None:
            notes.count(NO_TIME)
        else:
            yield _row(record, sent_at)


def _row(record: Record, sent_at: datetime) -> Message:
    author = string(record, "creator", "name") or string(record, "creator", "email")
    text = string(record, "text")
    if not author:
        return Message(None, text, sent_at, Kind.SYSTEM)
    if record.get("message_state") == "DELETED":
        return Message(author, "", sent_at, Kind.DELETED)
    if not text:
        return Message(author, "", sent_at, Kind.MEDIA)
    return Message(author, text, sent_at, Kind.EDITED if flag(record, "updated_date") else Kind.TEXT)


def _time(text: str) -> datetime | None:
    found = _DATE.search(text[:80]) if (iso := from_iso(text)) is None else None
    if found is None:
        return iso
    day, clock = named_date(found["month"], found["day"], found["year"]), to_clock(found["clock"])
    return None if day is None or clock is None else datetime.combine(day, clock, UTC)
