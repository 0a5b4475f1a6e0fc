"""WeChat, by WeFlow, as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from tui_lm.chats.dates import from_epoch
from tui_lm.chats.document import Document
from tui_lm.chats.formats import NO_TIME, Notes
from tui_lm.chats.json_export import Record, records, string
from tui_lm.chats.message import Kind, Message

# WeFlow's words for the type of a row; its type numbers are unreliable.
_KINDS = {
    "文本": Kind.TEXT,
    "引用": Kind.TEXT,
    "系统": Kind.SYSTEM,
    "通话": Kind.CALL,
    "位置": Kind.LOCATION,
    "名片": Kind.CONTACT,
    "撤回": Kind.DELETED,
}


def recognises(head: str, name: str) -> bool:
    return '"weflow"' in head and '"session"' in head


def read(document: Document, notes: Notes) -> Iterator[Message]:
    for record in records(document, "messages", notes):
        if (sent_at := from_epoch(record.get("createTime"))) is None:
            notes.count(NO_TIME)
        else:
            yield _row(record, sent_at)


def _row(record: Record, sent_at: datetime) -> Message:
    text = string(record, "content")
    author = string(record, "senderDisplayName") or string(record, "senderUsername")
    type = string(record, "type")
    kind = next((kind for word, kind in _KINDS.items() if word in type), Kind.MEDIA)
    if record.get("isSend") is None or not author:
        kind = Kind.SYSTEM
    return Message(None if kind is Kind.SYSTEM else author, text, sent_at, kind)
