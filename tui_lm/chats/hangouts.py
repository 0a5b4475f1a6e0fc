"""Google Hangouts, from Takeout: Hangouts.json with all conversations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from tui_lm.chats.dates import from_epoch
from tui_lm.chats.document import Document
from tui_lm.chats.formats import NO_TIME, Notes
from tui_lm.chats.json_export import Record, flag, in_time_order, records, string
from tui_lm.chats.message import Kind, Message

_WORDS = ("REGULAR_CHAT_MESSAGE", "SMS", "MMS")
_KINDS = {"HANGOUT_EVENT": Kind.CALL, "PHONE_CALL": Kind.CALL, "VOICEMAIL": Kind.MEDIA}


def recognises(head: str, name: str) -> bool:
    is_hangouts = '"conversations"' in head or '"conversation_state"' in head
    return head.lstrip("\ufeff \t\n").startswith("{") and is_hangouts and '"participant_data"' in head


def read(document: Document, notes: Notes) -> Iterator[Message]:
    """Yields one conversation after the other. Each is held in memory, because it is not always in order of time."""
    names = {}
    for person in records(document, "participant_data"):
        if name := string(person, "fallback_name"):
            names[_identifier(person, "id")] = name
    key = "event" if '"conversation_state"' in document.head().text else "events"  # before 2017, and since then
    conversation, rows = "", list[Message]()
    for record in records(document, key, notes):
        if (current := string(record, "conversation_id", "id")) != conversation:
            yield from in_time_order(rows)
            conversation, rows = current, []
        if (sent_at := from_epoch(record.get("timestamp"), 1_000_000)) is None:
            notes.count(NO_TIME)
        else:
            rows.append(_row(record, sent_at, names))
    yield from in_time_order(rows)


def _identifier(record: Record, key: str) -> str:
    return string(record, key, "gaia_id") or string(record, key, "chat_id")


def _row(record: Record, sent_at: datetime, names: Mapping[str, str]) -> Message:
    type = string(record, "event_type")
    sender = _identifier(record, "sender_id")
    author = names.get(sender) or sender or "unknown"
    if type in _WORDS or (not type and flag(record, "chat_message")):
        text = _text(record)
        return Message(author, text, sent_at, Kind.TEXT if text.strip() else Kind.MEDIA)
    kind = _KINDS.get(type, Kind.SYSTEM)
    return Message(None if kind is Kind.SYSTEM else author, "", sent_at, kind)


def _text(record: Record) -> str:
    content = record.get("chat_message")
    message = content.get("message_content") if isinstance(content, dict) else None
    segments = message.get("segment") if isinstance(message, dict) else None
    pieces = segments if isinstance(segments, list) else []
    return "".join("\n" if string(piece, "type") == "LINE_BREAK" else string(piece, "text") for piece in pieces)
