"""Signal, by signal-export: data.json, one object per line."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tui_lm.chats.dates import from_iso
from tui_lm.chats.document import Document
from tui_lm.chats.formats import NO_TIME, Notes
from tui_lm.chats.json_export import Record, flag, string
from tui_lm.chats.message import Kind, Message
from tui_lm.chats.text_rows import first_lines


def recognises(head: str, name: str) -> bool:
    lines = first_lines(head, 1)
    return bool(lines) and {"date", "sender", "body"} <= _record(lines[0]).keys()


def read(document: Document, notes: Notes) -> Iterator[Message]:
    for line in document.lines():
        if not line.strip():
            continue
        record = _record(line)
        sent_at = from_iso(record.get("date"))
        if sent_at is None or not string(record, "sender"):
            notes.count(NO_TIME)
            continue
        text = string(record, "body").rstrip()
        yield Message(string(record, "sender"), text, sent_at, _kind(record, text))


def _record(line: str) -> Record:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


def _kind(record: Record, text: str) -> Kind:
    if flag(record, "deleted"):
        return Kind.DELETED
    if flag(record, "call") or flag(record, "missed"):
        return Kind.CALL
    return Kind.TEXT if text else Kind.MEDIA
