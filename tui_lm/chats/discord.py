"""Discord, by DiscordChatExporter, as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from tui_lm.chats.dates import from_iso
from tui_lm.chats.document import Document
from tui_lm.chats.formats import NO_TIME, Notes
from tui_lm.chats.json_export import Record, flag, records, string
from tui_lm.chats.message import Kind, Message

_BY_PEOPLE = ("Default", "Reply", "ChatInputCommand", "ApplicationCommand", "ContextMenuCommand")


def recognises(head: str, name: str) -> bool:
    return all(f'"{key}"' in head for key in ("guild", "channel", "messages")) and head.lstrip().startswith("{")


def read(document: Document, notes: Notes) -> Iterator[Message]:
    for record in records(document, "messages", notes):
        if (sent_at := from_iso(record.get("timestamp"))) is None:
            notes.count(NO_TIME)
        else:
            yield _row(record, sent_at)


def _row(record: Record, sent_at: datetime) -> Message:
    text = string(record, "content")
    if not flag(record, "reference"):  # a forward refers to the forwarded message
        text = text or string(record, "forwardedMessage", "content")
    if record.get("type") not in _BY_PEOPLE:
        return Message(None, text, sent_at, Kind.SYSTEM)
    author = string(record, "author", "nickname") or string(record, "author", "name") or "unknown"
    return Message(author, text, sent_at, _kind(record, text))


def _kind(record: Record, text: str) -> Kind:
    if text:
        return Kind.EDITED if flag(record, "timestampEdited") else Kind.TEXT
    if flag(record, "forwardedMessage") or string(record, "reference", "type") == "Forward":
        return Kind.FORWARDED
    return Kind.POLL if flag(record, "poll") else Kind.MEDIA
