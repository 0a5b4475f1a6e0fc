"""Telegram Desktop, "Export chat history" as HTML, its default format: messages.html and its further parts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from tui_lm.chats.document import Document
from tui_lm.chats.formats import NO_TIME, Notes
from tui_lm.chats.html_rows import Element, rows
from tui_lm.chats.message import Kind, Message
from tui_lm.chats.written_times import written_time

_VIA = re.compile(r" via @\w+$")  # a bot
_WORDLESS = {
    "media_call": Kind.CALL,
    "media_location": Kind.LOCATION,
    "media_live_location": Kind.LOCATION,
    "media_venue": Kind.LOCATION,
    "media_contact": Kind.CONTACT,
    "media_poll": Kind.POLL,
}


def recognises(head: str, name: str) -> bool:
    is_page = head.lstrip().startswith("<") and 'class="message ' in head
    return is_page and ('class="history"' in head or "chat_page" in head)


def read(document: Document, notes: Notes) -> Iterator[Message]:
    """The rows. A message by the author of the one before has no name, and neither have its forwards."""
    author = "deleted account"
    sent_at: datetime | None = None
    for row in rows(document, "message"):
        if row.is_a("service"):
            if sent_at is not None and not row.attributes.get("id", "").startswith("message-"):  # those are dates
                yield Message(None, row.text(), sent_at, Kind.SYSTEM)
            continue
        if (moment := _time(row)) is None:
            notes.count(NO_TIME)
            continue
        sent_at = moment
        body = row.first("body")
        forwarded = row.first("forwarded")
        if body is not None and (own := _own_name(body)):
            author = own
        yield _message(row, author, sent_at, forwarded is not None)


def _own_name(body: Element) -> str:
    """The name in a message's body, without its forwarded part."""
    named = next((each for each in body.children if isinstance(each, Element) and each.is_a("from_name")), None)
    return "" if named is None else _VIA.sub("", named.text(without=("details",)))


def _time(row: Element) -> datetime | None:
    date = row.first("date")
    written = written_time(date.attributes.get("title", "")) if date is not None else None
    return written.at("dmy") if written is not None else None


def _message(row: Element, author: str, sent_at: datetime, forwarded: bool) -> Message:
    words = row.first("text")
    text = "" if words is None else words.text()
    if not text:
        kinds = (kind for name, kind in _WORDLESS.items() if row.first(name) is not None)
        return Message(author, "", sent_at, next(kinds, Kind.MEDIA))
    return Message(author, text, sent_at, Kind.FORWARDED if forwarded else Kind.TEXT)
