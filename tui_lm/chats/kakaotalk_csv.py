"""KakaoTalk for Mac: a table of date, user and message."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tui_lm.chats.document import Document
from tui_lm.chats.formats import NO_TIME, Notes
from tui_lm.chats.kakaotalk import is_notice, kind_of
from tui_lm.chats.message import Kind, Message
from tui_lm.chats.tables import Dialect
from tui_lm.chats.written_times import written_time

_HEADER = "Date,User,Message"
_BY_NAME = re.compile(r" (?:invited [^\n]{1,300}|joined(?: this chatroom)?|left(?: this chatroom)?)\.")  # after a name
_TABLE = Dialect(",", quoted=True)


def recognises(head: str, name: str) -> bool:
    return head.partition("\n")[0].replace('"', "").strip() == _HEADER


def read(document: Document, notes: Notes) -> Iterator[Message]:
    for number, row in enumerate(_TABLE.rows(document.lines())):
        if number == 0 or len(row) < 3:
            continue
        written = written_time(row[0])
        sent_at = written.at("ymd") if written is not None else None
        if sent_at is None:
            notes.count(NO_TIME)
        elif not row[1] or is_notice(row[2]) or _BY_NAME.fullmatch(row[2].removeprefix(row[1])):
            yield Message(None, row[2], sent_at, Kind.SYSTEM)
        else:
            yield Message(row[1], row[2], sent_at, kind_of(row[2]))
