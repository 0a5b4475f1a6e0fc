"""Discord, by DiscordChatExporter, as HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from tui_lm.chats.dates import DateOrder
from tui_lm.chats.document import Document
from tui_lm.chats.formats import NO_TIME, Notes
from tui_lm.chats.html_rows import Element, rows
from tui_lm.chats.message import Kind, Message
from tui_lm.chats.written_times import WrittenTime, written_time

_GROUP = "chatlog__message-group"  # messages of one author within seven minutes
_BLOCKS = ("div", "li", "h1", "h2", "h3", "blockquote")
_EMOJI = ("chatlog__emoji", "emoji")
_QUOTES = ("chatlog__markdown-quote", "quote")
_SHORT_YEAR = re.compile(r"(\d{1,2})-([^\W\d_]+)-(\d\d)(?!\d)")  # 01-Jun-24, in versions before 2021
_LOOK_AHEAD = 20_000  # groups


def recognises(head: str, name: str) -> bool:
    return head.lstrip("\ufeff \t\n").startswith("<") and "chatlog__" in head and "preamble" in head


def read(document: Document, notes: Notes) -> Iterator[Message]:
    groups = islice(rows(document, _GROUP), _LOOK_AHEAD)
    times = (_time(message) or _time(group) for group in groups for message in _messages(group))
    order = notes.decide(time.fields for time in times if time is not None)
    return _rows(document, notes, order)


def _rows(document: Document, notes: Notes, order: DateOrder) -> Iterator[Message]:
    for group in rows(document, _GROUP):
        author = _text_of(group, "chatlog__author", "chatlog__author-name") or "unknown"
        latest = _time(group)
        for message in _messages(group):
            latest = _time(message) or latest
            sent_at = latest.at(order) if latest is not None else None
            if sent_at is None:
                notes.count(NO_TIME)
            elif (notice := message.first("chatlog__system-notification-content")) is not None:
                yield Message(None, notice.text(), sent_at, Kind.SYSTEM)
            else:
                yield _message(message, author, sent_at)


def _messages(group: Element) -> Iterator[Element]:
    """The messages of a group. Those of versions before 2021 have no container of their own."""
    name = "chatlog__message-container" if group.first("chatlog__message-container") else "chatlog__message"
    waiting = group.children[::-1]
    while waiting:
        if isinstance(child := waiting.pop(), Element):
            if child.is_a(name):
                yield child
            else:
                waiting += child.children[::-1]


def _time(element: Element) -> WrittenTime | None:
    """The time in full, which a tooltip has, or as it is shown."""
    for name in ("chatlog__timestamp", "chatlog__short-timestamp", "chatlog__system-notification-timestamp"):
        if (found := element.first(name)) is not None:
            for text in (found.attributes.get("title", ""), found.text()):
                if (time := written_time(_SHORT_YEAR.sub(r"\1 \2 20\3", text[:100]))) is not None:
                    return time
    return None


def _text_of(element: Element, *names: str) -> str:
    found = next((each for name in names if (each := element.first(name)) is not None), None)
    return "" if found is None else found.text()


def _message(message: Element, author: str, sent_at: datetime) -> Message:
    content = message.first("chatlog__content")
    text = "" if content is None else _words(content)
    if text.strip():
        edited = message.first("chatlog__edited-timestamp") is not None
        return Message(author, text, sent_at, Kind.EDITED if edited else Kind.TEXT)
    forwarded = message.first("chatlog__forwarded") is not None
    return Message(author, "", sent_at, Kind.FORWARDED if forwarded else Kind.MEDIA)


def _words(content: Element) -> str:
    for name in ("chatlog__markdown-preserve", "preserve-whitespace"):
        if (words := content.first(name)) is not None:
            return "".join(_verbatim(words)).strip("\n")
    return content.text(without=("chatlog__edited-timestamp",))


def _verbatim(element: Element) -> Iterator[str]:
    """The pieces of a text with its line ends, which this exporter keeps as they were typed."""
    for child in element.children:
        if isinstance(child, str):
            yield child
        elif child.tag == "br":
            yield "\n"
        elif child.tag == "img":
            yield _emoji(child)
        elif any(map(child.is_a, _QUOTES)):
            quoted = "".join(_verbatim(child)).strip("\n")
            yield "> " + quoted.replace("\n", "\n> ") + "\n"
        else:
            yield from _verbatim(child)
            if child.tag in _BLOCKS:
                yield "\n"


def _emoji(image: Element) -> str:
    name = image.attributes.get("alt", "") if any(map(image.is_a, _EMOJI)) else ""
    return f":{name}:" if name.isascii() and name.replace("_", "").isalnum() else name
