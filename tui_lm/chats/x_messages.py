"""X (Twitter), "Download an archive of your data": data/direct-messages.js and data/direct-messages-group.js."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from datetime import datetime

from tui_lm.chats.dates import from_iso
from tui_lm.chats.document import Document
from tui_lm.chats.formats import NO_TIME, Notes
from tui_lm.chats.json_export import Record, flag, in_time_order, records, string
from tui_lm.chats.message import Kind, Message

_START = re.compile(r"\s*window\.YTD\.direct_messages?(?:_group)?\.part\d+\s*=")
_LINK = re.compile(r"https?://t\.co/\w+")
NO_NAMES = "the archive holds numbers in place of names; --alias Rosa=12345 gives a name"


def recognises(head: str, name: str) -> bool:
    return _START.match(head.lstrip("\ufeff")) is not None


def read(document: Document, notes: Notes) -> Iterator[Message]:
    """Yields one conversation after the other. Each is held in memory, because the newest message comes first."""
    names = _owner(document)
    notes.warn(NO_NAMES)
    for conversation in records(document, None, notes):
        rows = []
        for wrapped in _events(conversation):
            for type, event in wrapped.items():
                if (sent_at := from_iso(string(event, "createdAt"))) is None:
                    notes.count(NO_TIME)
                else:
                    rows.append(_row(type, event, sent_at, names))
        yield from in_time_order(rows)


def _owner(document: Document) -> dict[str, str]:
    """The name of the archive's owner by the account's number, from account.js beside the messages."""
    account = document.beside("account.js")
    found = (record.get("account") for record in records(account, None)) if account is not None else iter(())
    names = {
        string(each, "accountId"): string(each, "accountDisplayName") or string(each, "username") for each in found
    }
    return {number: name for number, name in names.items() if number and name}


def _events(conversation: Record) -> Iterator[Record]:
    held = conversation.get("dmConversation")
    messages = held.get("messages") if isinstance(held, dict) else None
    yield from (each for each in (messages if isinstance(messages, list) else []) if isinstance(each, dict))


def _row(type: str, event: object, sent_at: datetime, names: Mapping[str, str]) -> Message:
    if type != "messageCreate":
        return Message(None, type, sent_at, Kind.SYSTEM)
    sender = string(event, "senderId")
    author = names.get(sender) or sender or "unknown"
    text = html.unescape(string(event, "text"))
    if flag(event, "mediaUrls"):  # the text ends with the link of the picture
        text = re.sub(rf"\s*{_LINK.pattern}\s*$", "", text)
    if not text.strip():
        return Message(author, "", sent_at, Kind.MEDIA)
    return Message(author, text, sent_at, Kind.EDITED if flag(event, "editHistory") else Kind.TEXT)
