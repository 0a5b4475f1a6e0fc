"""Facebook Messenger, "Download your information" as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from tui_lm.chats.dates import from_epoch
from tui_lm.chats.document import Document
from tui_lm.chats.formats import NO_TIME, Notes
from tui_lm.chats.json_export import Record, in_time_order, records, string
from tui_lm.chats.message import Kind, Message
from tui_lm.chats.meta_phrases import Placeholders, is_attachment, is_own_notice, is_reaction

_MEDIA = frozenset(("photos", "videos", "audio_files", "gifs", "sticker", "files", "share", "media"))


def recognises(head: str, name: str) -> bool:
    return is_export(head) and not is_instagram(head, name)


def is_export(head: str) -> bool:
    return all(f'"{key}"' in head for key in ("participants", "sender_name", "timestamp_ms"))


def is_instagram(head: str, name: str) -> bool:
    return "instagram" in name.lower() or "instagram.com" in head or '"Liked a message"' in head


def read(document: Document, notes: Notes) -> Iterator[Message]:
    """Reads the file into memory, because the newest message comes first; Meta's files have at most 10,000 messages."""
    found = []
    for record in records(document, "messages", notes):
        if (sent_at := from_epoch(record.get("timestamp_ms", record.get("timestamp")), 1000)) is None:
            notes.count(NO_TIME)
        else:
            found.append(_Record(_author(record), _text(record), sent_at, _has_media(record), record))
    placeholders = Placeholders.of((each.author, each.text) for each in found if each.has_media and each.text)
    yield from in_time_order([_row(each, placeholders) for each in found])


class _Record(NamedTuple):
    author: str
    text: str
    sent_at: datetime
    has_media: bool
    record: Record


def _author(record: Record) -> str:
    return repaired(string(record, "sender_name") or string(record, "senderName")) or "unknown"


def _text(record: Record) -> str:
    return repaired(string(record, "content") or string(record, "text"))


def _has_media(record: Record) -> bool:
    return not _MEDIA.isdisjoint(record) and any(record.get(key) for key in _MEDIA)


def _row(each: _Record, placeholders: Placeholders) -> Message:
    kind = _kind(each, placeholders)
    return Message(None if kind is Kind.SYSTEM else each.author, each.text, each.sent_at, kind)


def _kind(each: _Record, placeholders: Placeholders) -> Kind:
    record, text = each.record, each.text
    if record.get("is_unsent") or record.get("isUnsent"):
        return Kind.DELETED
    if not text:
        return Kind.MEDIA if each.has_media else Kind.DELETED
    if is_attachment(text) or (each.has_media and placeholders.hold(each.author, text)):
        return Kind.MEDIA
    by_app = text.startswith(f"{each.author} ") or is_own_notice(text) or "call_duration" in record
    if by_app or is_reaction(text) or record.get("type") in ("Subscribe", "Unsubscribe"):
        return Kind.SYSTEM
    return Kind.TEXT


def repaired(text: str) -> str:
    """Meta writes UTF-8 bytes as Latin-1 characters. This undoes it for each string that is valid UTF-8."""
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text
