"""Snapchat, "My Data" as JSON: chat_history.json."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator
from datetime import datetime

from tui_lm.chats.dates import from_epoch, from_iso
from tui_lm.chats.document import Document
from tui_lm.chats.formats import NO_TIME, Notes
from tui_lm.chats.json_export import Record, in_time_order, records, string
from tui_lm.chats.merge import moment
from tui_lm.chats.message import Kind, Message

OWNER = "Me"
_OLD = "Received Saved Chat History"
_DELETED = "STATUSERASED"
_CALL = "STATUSCALL"
_NOTICES = ("STATUS", "NONPARTICIPANTBOTRESPONSE", "MAPREACTION")


def recognises(head: str, name: str) -> bool:
    is_list = '"Media Type"' in head and '"Created"' in head
    return head.lstrip("\ufeff \t\n").startswith("{") and is_list and ('"IsSender"' in head or f'"{_OLD}"' in head)


def read(document: Document, notes: Notes) -> Iterator[Message]:
    """Yields one conversation after the other; before 2023 there are only two lists, of received and sent messages."""
    rows = _rows(document, notes)
    yield from in_time_order(list(rows)) if f'"{_OLD}"' in document.head().text else _oldest_first(rows)


def _rows(document: Document, notes: Notes) -> Iterator[Message]:
    for record in records(document, None, notes):
        if (sent_at := _time(record)) is None:
            notes.count(NO_TIME)
        else:
            yield _row(record, sent_at)


def _oldest_first(rows: Iterable[Message]) -> Iterator[Message]:
    """Reverses each conversation. It starts where the time rises, because its newest message comes first."""
    conversation: list[Message] = []
    for row in rows:
        if conversation and (moment(row) or 0.0) > (moment(conversation[-1]) or 0.0):
            yield from reversed(conversation)
            conversation = []
        conversation.append(row)
    yield from reversed(conversation)


def _time(record: Record) -> datetime | None:
    """The time in UTC. The field in microseconds holds milliseconds."""
    precise = from_epoch(record.get("Created(microseconds)"), 1000)
    return precise or from_iso(string(record, "Created").replace(" UTC", "+00:00"))


def _row(record: Record, sent_at: datetime) -> Message:
    type = string(record, "Media Type")
    author = string(record, "From") or OWNER  # only the old list of sent messages names nobody
    if type == "TEXT":
        text = html.unescape(string(record, "Content") or string(record, "Text"))
        return Message(author, text, sent_at, Kind.TEXT if text.strip() else Kind.DELETED)
    if type.startswith(_DELETED):
        return Message(author, "", sent_at, Kind.DELETED)
    if type.startswith(_CALL):
        return Message(author, "", sent_at, Kind.CALL)
    if type.startswith(_NOTICES):
        return Message(None, type, sent_at, Kind.SYSTEM)
    return Message(author, "", sent_at, Kind.LOCATION if type == "LOCATION" else Kind.MEDIA)
