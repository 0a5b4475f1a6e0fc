"""Matrix, "Export chat" of Element, as JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime

from tui_lm.chats.dates import from_epoch
from tui_lm.chats.document import Document
from tui_lm.chats.formats import NO_TIME, Notes
from tui_lm.chats.json_export import Record, flag, records, string
from tui_lm.chats.message import Kind, Message

_NO_ROW = ("m.reaction", "m.room.redaction")  # relations to another event
_POLLS = ("m.poll.start", "org.matrix.msc3381.poll.start")
_WORDS = ("m.text", "m.emote", "m.notice")
_QUOTE = re.compile(r"(?:> .*\n)+\n")  # a quote of the answered message, for clients that show no replies


def recognises(head: str, name: str) -> bool:
    return ('"room_name"' in head and '"messages"' in head) or ('"origin_server_ts"' in head and '"event_id"' in head)


def read(document: Document, notes: Notes) -> Iterator[Message]:
    """Reads the file twice: each message is yielded in its last edited form, and edits come much later in the file."""
    edits: dict[str, str] = {}
    for record in records(document, "messages", notes):
        if _replaced(record):
            edits[_replaced(record)] = string(record, "content", "m.new_content", "body")
    for record in records(document, "messages", notes):
        if _replaced(record) or record.get("type") in _NO_ROW:
            continue
        if (sent_at := from_epoch(record.get("origin_server_ts"), 1000)) is None:
            notes.count(NO_TIME)
        else:
            yield _row(record, sent_at, edits)


def _replaced(record: Record) -> str:
    """The id of the event that this one edits, or ""."""
    relation = record.get("content", {})
    if string(relation, "m.relates_to", "rel_type") != "m.replace":
        return ""
    return string(relation, "m.relates_to", "event_id")


def _row(record: Record, sent_at: datetime, edits: Mapping[str, str]) -> Message:
    author, type = string(record, "sender"), string(record, "type")
    if type in _POLLS:
        return Message(author, "", sent_at, Kind.POLL)
    if type.startswith("m.call."):
        return Message(author, "", sent_at, Kind.CALL)
    if type == "m.sticker":
        return Message(author, "", sent_at, Kind.MEDIA)
    if type not in ("m.room.message", "m.room.encrypted"):
        return Message(None, "", sent_at, Kind.SYSTEM)
    kind_of_content = string(record, "content", "msgtype")
    if not kind_of_content or flag(record, "unsigned", "redacted_because"):
        return Message(author, "", sent_at, Kind.DELETED)
    if kind_of_content not in _WORDS:
        kind = Kind.LOCATION if kind_of_content == "m.location" else Kind.MEDIA
        return Message(author, "", sent_at, kind)
    if (edited := edits.get(string(record, "event_id"))) is not None:
        return Message(author, edited, sent_at, Kind.EDITED)
    text = string(record, "content", "body")
    if flag(record, "content", "m.relates_to", "m.in_reply_to"):
        text = text[quote.end() :] if (quote := _QUOTE.match(text)) else text
    return Message(author, text, sent_at)
