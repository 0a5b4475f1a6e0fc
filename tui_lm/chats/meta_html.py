"""Messenger and Instagram, "Download your information" as HTML, its default: message_1.html of a chat."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from tui_lm.chats.document import Document
from tui_lm.chats.formats import NO_TIME, Notes
from tui_lm.chats.html_rows import Element, rows
from tui_lm.chats.json_export import in_time_order
from tui_lm.chats.message import Kind, Message
from tui_lm.chats.meta_phrases import Placeholders, is_attachment, is_own_notice, is_reaction
from tui_lm.chats.written_times import WrittenTime, written_time

# The classes of rows, names, contents and times: since 2021, and before.
_ROWS = ("_a6-g", "_2lej")
_NAMES = ("_a6-h", "_2lek")
_CONTENTS = ("_a6-p", "_2let")
_TIMES = ("_a6-o", "_2lem")
_NAME = re.compile(r'class="[^"]{0,60}(?:_a6-h|_2lek)[^"]{0,20}"[^>]{0,80}>([^<]{1,200})<')
_PATH = re.compile(r"(?:^|/)messages?_\d+\.html?$|/(?:inbox|e2ee_cutover|archived_threads)/[^/]+/[^/]+\.html?$")
_MEDIA = ("img", "video", "audio", "a")
_REACTIONS = "ul"
_KOREAN_MONTH = re.compile(r"(\d{1,2})월 (\d{1,2}), (\d{4})")


def recognises(head: str, name: str) -> bool:
    """Posts have the same classes, but not the same few names again and again."""
    if not head.lstrip("\ufeff \t\n").startswith("<") or not any(mark in head for mark in _TIMES):
        return False
    names = _NAME.findall(head)
    repeated = len(names) > 3 and 2 * len(set(names)) <= len(names)
    return bool(names) and (repeated or _PATH.search(name) is not None)


class _Row(NamedTuple):
    author: str
    text: str
    time: WrittenTime
    has_media: bool


def read(document: Document, notes: Notes) -> Iterator[Message]:
    """Reads the file into memory, because the newest message comes first; Meta's files have at most 10,000 messages."""
    found = []
    for element in rows(document, _is_row):
        name, content, moment = (_part(element, classes) for classes in (_NAMES, _CONTENTS, _TIMES))
        if name is None or content is None or moment is None:
            continue  # the list of participants
        if (time := written_time(_KOREAN_MONTH.sub(r"\3-\1-\2", moment.text()))) is None:
            notes.count(NO_TIME)
        else:
            found.append(_Row(name.text() or "unknown", _words(content), time, _has_media(content)))
    if not found:
        return
    order = notes.decide(row.time.fields for row in reversed(found))
    placeholders = Placeholders.of((row.author, row.text) for row in found if row.has_media and row.text)
    messages = []
    for row in found:
        if (sent_at := row.time.at(order)) is None:
            notes.count(NO_TIME)
            continue
        kind = _kind(row, placeholders)
        messages.append(Message(None if kind is Kind.SYSTEM else row.author, row.text, sent_at, kind))
    yield from in_time_order(messages)


def _is_row(tag: str, attributes: Mapping[str, str]) -> bool:
    classes = attributes.get("class", "").split()
    return any(name in classes for name in _ROWS)


def _part(element: Element, names: tuple[str, ...]) -> Element | None:
    return next((found for name in names if (found := element.first(name)) is not None), None)


def _parts(content: Element) -> list[Element]:
    """The blocks of a content: an empty one, the text, then links, media and reactions. Empty without such blocks."""
    inner = [child for child in content.children if isinstance(child, Element)]
    blocks = [child for child in inner[0].children if isinstance(child, Element)] if len(inner) == 1 else []
    return blocks if len(blocks) > 1 and all(block.tag == "div" for block in blocks) else []


def _words(content: Element) -> str:
    blocks = _parts(content)
    return (blocks[1] if blocks else content).text(without=(_REACTIONS,))


def _has_media(content: Element) -> bool:
    """Whether there is a photo or the like, or a link beside the text."""
    return any(block.first(tag) is not None for block in _parts(content)[2:] or [content] for tag in _MEDIA)


def _kind(row: _Row, placeholders: Placeholders) -> Kind:
    if not row.text:
        return Kind.MEDIA if row.has_media else Kind.DELETED
    if is_attachment(row.text) or (row.has_media and placeholders.hold(row.author, row.text)):
        return Kind.MEDIA
    if row.text.startswith(f"{row.author} ") or is_own_notice(row.text) or is_reaction(row.text):
        return Kind.SYSTEM
    return Kind.TEXT
