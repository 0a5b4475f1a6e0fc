"""Skype, the download of your data: messages.json with all conversations."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime

from tui_lm.chats.dates import from_iso
from tui_lm.chats.document import Document
from tui_lm.chats.formats import NO_TIME, Notes
from tui_lm.chats.json_export import Record, flag, in_time_order, records, string
from tui_lm.chats.message import Kind, Message

OWNER = "Me"
_OWNER_ID = re.compile(r'"userId"\s*:\s*"([^"\\]+)"')
_CONVERSATION = re.compile(r'"id"\s*:\s*"(\d+:[^"\\]+)"\s*,\s*"displayName"\s*:\s*("(?:[^"\\]|\\.){1,200}")')
_QUOTE = re.compile(r"<quote\b.*?</quote>", re.DOTALL)
_TAG = re.compile(r"</?[A-Za-z_][^<>]*>")
_WORDS = ("RichText", "Text")
_KINDS = (
    ("Event/Call", Kind.CALL),
    ("RichText/Location", Kind.LOCATION),
    ("RichText/Contacts", Kind.CONTACT),
    ("RichText/", Kind.MEDIA),
    ("PopCard", Kind.MEDIA),
    ("Poll", Kind.POLL),
    ("InviteFreeRelationshipChanged", Kind.SYSTEM),
)


def recognises(head: str, name: str) -> bool:
    return '"conversations"' in head and '"MessageList"' in head and '"userId"' in head


def read(document: Document, notes: Notes) -> Iterator[Message]:
    """Yields one conversation after the other, each from memory, because its newest message comes first."""
    owner = found[1] if (found := _OWNER_ID.search(document.head().text)) else ""
    names = {**_names(document), owner: OWNER}
    conversation, rows = "", list[Message]()
    for record in records(document, "MessageList", notes):
        if string(record, "conversationid") != conversation:
            yield from in_time_order(rows)
            conversation, rows = string(record, "conversationid"), []
        if (sent_at := from_iso(record.get("originalarrivaltime"))) is None:
            notes.count(NO_TIME)
        else:
            rows.append(_row(record, sent_at, names))
    yield from in_time_order(rows)


def _names(document: Document) -> dict[str, str]:
    """The names of conversations with one person, by the identifier of that person."""
    names: dict[str, str] = {}
    held = ""
    for block in document.blocks():
        text = held + block
        for found in _CONVERSATION.finditer(text):
            names[found[1]] = json.loads(found[2], strict=False)
        held = text[-500:]
    return names


def _row(record: Record, sent_at: datetime, names: Mapping[str, str]) -> Message:
    type = string(record, "messagetype")
    if type not in _WORDS:
        kind = next((kind for start, kind in _KINDS if type.startswith(start)), Kind.SYSTEM)
        return Message(None if kind is Kind.SYSTEM else _author(record, names), "", sent_at, kind)
    text = _plain(string(record, "content"))
    if not text:
        return Message(_author(record, names), "", sent_at, Kind.DELETED)
    edited = flag(record, "properties", "edittime") or "<e_m " in string(record, "content")
    return Message(_author(record, names), text, sent_at, Kind.EDITED if edited else Kind.TEXT)


def _author(record: Record, names: Mapping[str, str]) -> str:
    sender = string(record, "from")
    shown = string(record, "displayName") if sender not in names else ""
    return names.get(sender) or shown or sender.rpartition(":")[2] or "unknown"


def _plain(content: str) -> str:
    """The text of Skype's HTML, without quotes."""
    return html.unescape(_TAG.sub("", _QUOTE.sub("", content))).strip("\r\n")
