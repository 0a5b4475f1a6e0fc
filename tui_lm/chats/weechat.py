"""IRC logs of WeeChat: time, nick and text between tabs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tui_lm.chats.dates import from_iso
from tui_lm.chats.document import Document
from tui_lm.chats.formats import NO_TIME, Notes
from tui_lm.chats.message import Kind, Message
from tui_lm.chats.text_rows import first_lines

_ROW = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\t([^\t]*)\t(.*)")
_NOTICES = ("-->", "<--", "--", "=!=", "")


def recognises(head: str, name: str) -> bool:
    lines = first_lines(head, 20)
    return bool(lines) and all(map(_ROW.match, lines[:-1] or lines))


def read(document: Document, notes: Notes) -> Iterator[Message]:
    for line in document.lines():
        if not (row := _ROW.fullmatch(line)):
            continue
        if (sent_at := from_iso(row[1])) is None:
            notes.count(NO_TIME)
            continue
        nick, text = row[2].strip(), row[3]
        if nick == "*":
            nick, _, text = text.partition(" ")
        if nick in _NOTICES:
            yield Message(None, text, sent_at, Kind.SYSTEM)
        else:
            yield Message(nick.lstrip("@+%&~") or nick, text, sent_at)
