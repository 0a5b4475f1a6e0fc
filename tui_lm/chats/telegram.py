"""Telegram Desktop, "Export chat history" or the export of all data, as JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from tui_lm.chats.dates import from_epoch, from_iso
from tui_lm.chats.document import Document
from tui_lm.chats.formats import NO_TIME, Notes
from tui_lm.chats.json_export import Record, flag, records, string
from tui_lm.chats.message import Kind, Message

_ALL_DATA = re.compile(r'"(?:personal_information|chats|left_chats)"\s*:\s*\{')
_ONE_CHAT = re.compile(r'"messages"\s*:\s*\[')
_ROW = re.compile(r'"type"\s*:\s*"(?:message|service)"')
# A forward has another value in the first field than in the second.
_FORWARDED = (("forwarded_from", "from"), ("forwarded_from_id", "from_id"), ("saved_from", "from"))
_SOURCES = frozenset(key for key, _ in _FORWARDED)
UNSUPPORTED = "messages left out, because Telegram Desktop could not export them"
_WORDLESS = {
    "location_information": Kind.LOCATION,
    "contact_information": Kind.CONTACT,
    "poll": Kind.POLL,
}


def recognises(head: str, name: str) -> bool:
    if not head.lstrip().startswith("{"):
        return False
    whole = '"personal_information"' in head and _ALL_DATA.search(head) is not None
    marks = ('"from"' in head or '"actor"' in head) and '"date' in head
    return whole or (marks and _ROW.search(head) is not None and (_ONE_CHAT.search(head) is not None))


def read(document: Document, notes: Notes) -> Iterator[Message]:
    """Yields the messages of a single chat, or of all chats one after the other."""
    for record in records(document, "messages", notes):
        if record.get("type") == "unsupported":
            notes.count(UNSUPPORTED)
        elif (sent_at := _time(record)) is None:
            notes.count(NO_TIME)
        else:
            yield _row(record, sent_at)


def _time(record: Record) -> datetime | None:
    """The time in UTC if the export has it; older exports have local time only."""
    return from_epoch(record.get("date_unixtime")) or from_iso(record.get("date"))


def _row(record: Record, sent_at: datetime) -> Message:
    if record.get("type") != "message":
        return Message(None, string(record, "action"), sent_at, Kind.SYSTEM)
    author = string(record, "from") or string(record, "from_id") or "deleted account"
    text = _text(record)
    return Message(author, text, sent_at, _kind(record, text))


def _text(record: Record) -> str:
    """The text of a string, or of a list of strings and objects that mark links, bold text and so on."""
    parts = record.get("text")
    if not isinstance(parts, list):
        return string(record, "text")
    return "".join(string(part if isinstance(part, dict) else {"text": part}, "text") for part in parts)


def _kind(record: Record, text: str) -> Kind:
    if not text:
        return next((kind for key, kind in _WORDLESS.items() if flag(record, key)), Kind.MEDIA)
    if not _SOURCES.isdisjoint(record) and any(
        flag(record, key) and record[key] != record.get(own) for key, own in _FORWARDED
    ):
        return Kind.FORWARDED
    return Kind.EDITED if flag(record, "edited") else Kind.TEXT
