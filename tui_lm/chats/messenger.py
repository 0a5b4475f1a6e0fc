"""Facebook Messenger, "Download your information" as JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from tui_lm.chats.dates import from_epoch
from tui_lm.chats.document import Document
from tui_lm.chats.formats import NO_TIME, Notes
from tui_lm.chats.json_export import Record, flag, in_time_order, records, string
from tui_lm.chats.message import Kind, Message

_MEDIA = ("photos", "videos", "audio_files", "gifs", "sticker", "files", "share", "media")
_ATTACHED = re.compile(r"(?:.+|You) sent (?:an attachment|a photo|a video|a voice message|a sticker|a GIF)\.?")
_REACTION = re.compile(r"Liked a message|Reacted \S+ to your message ?")
_BY_READER = re.compile(
    r"You (?:named|set|changed|created|added|removed|missed|joined|left|called|started|ended|pinned|unsent|are now)\b"
)


def recognises(head: str, name: str) -> bool:
    return is_export(head) and not is_instagram(head, name)


def is_export(head: str) -> bool:
    return all(f'"{key}"' in head for key in ("participants", "sender_name", "timestamp_ms"))


def is_instagram(head: str, name: str) -> bool:
    return "instagram" in name.lower() or "instagram.com" in head or '"Liked a message"' in head


def read(document: Document, notes: Notes) -> Iterator[Message]:
    """In memory, since the newest message stands first; Meta cuts its files at 10,000 messages."""
    rows = []
    for record in records(document, "messages", notes):
        if (sent_at := from_epoch(record.get("timestamp_ms", record.get("timestamp")), 1000)) is None:
            notes.count(NO_TIME)
        else:
            rows.append(_row(record, sent_at))
    yield from in_time_order(rows)


def _row(record: Record, sent_at: datetime) -> Message:
    author = repaired(string(record, "sender_name") or string(record, "senderName")) or "unknown"
    text = repaired(string(record, "content") or string(record, "text"))
    kind = _kind(record, author, text)
    return Message(None if kind is Kind.SYSTEM else author, text, sent_at, kind)


def _kind(record: Record, author: str, text: str) -> Kind:
    if flag(record, "is_unsent") or flag(record, "isUnsent"):
        return Kind.DELETED
    has_media = any(flag(record, key) for key in _MEDIA)
    if _ATTACHED.fullmatch(text) or not text:
        return Kind.MEDIA if has_media or text else Kind.DELETED
    by_app = text.startswith(f"{author} ") or _BY_READER.match(text) or "call_duration" in record
    if by_app or _REACTION.fullmatch(text) or record.get("type") in ("Subscribe", "Unsubscribe"):
        return Kind.SYSTEM
    return Kind.TEXT


def repaired(text: str) -> str:
    """Meta writes UTF-8 bytes as if they were Latin-1; undone where that gives UTF-8 again, string by string."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text
