"""KakaoTalk, "Export chat" as text: the layouts of the phone, in Korean and English, and of the desktop app."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time

from tui_lm.chats.dates import date_fields, named_date, to_clock, to_date
from tui_lm.chats.document import Document
from tui_lm.chats.formats import NO_TIME, Notes
from tui_lm.chats.message import Kind, Message
from tui_lm.chats.text_rows import first_lines

_NUMERIC_DAY = r"\d{4}년 \d{1,2}월 \d{1,2}일|\d{4}\. \d{1,2}\. \d{1,2}\."
_NAMED_DAY = r"[A-Z][a-z]{2,8} \d{1,2}, \d{4}"
_CLOCK = r"(?:오[전후] )?\d{1,2}:\d\d(?: [AP]M)?"
_PHONE = re.compile(
    rf"(?P<day>{_NUMERIC_DAY}|{_NAMED_DAY}),?(?: at)? (?P<clock>{_CLOCK})"
    r"(?:, (?:(?P<author>.+?) : (?P<text>.*)|(?P<notice>.+)))?$"
)
_COMPUTER = re.compile(rf"\[(?P<author>[^\]\n]+)\] \[(?P<clock>{_CLOCK})\] (?P<text>.*)")
_DAY_LINE = re.compile(rf"(?:-{{5,}} )?(?:\w+, )?(?P<day>{_NUMERIC_DAY}|{_NAMED_DAY})(?: \w+)?(?: -{{5,}})?$")
_NOTICE = re.compile(r".+(?:님이 들어왔습니다|님이 나갔습니다|님을 (?:초대|내보)\S+|님으로 변경\S+)\.?")
_TITLE = re.compile(r"(?:저장한 날짜|Date Saved) ?:")
_KINDS = {
    Kind.MEDIA: re.compile(
        r"(?:사진|동영상|이모티콘|음성메시지|Photo|Photos|Video|Emoticons?|Voice Note|Voice Message)(?: \d+장?)?"
        r"|(?:파일|File): .+"
    ),
    Kind.DELETED: re.compile(r"삭제된 메시지입니다\.?|(?:This message was deleted|Deleted message)\.?"),
    Kind.CALL: re.compile(r"(?:보이스톡|페이스톡|Voice Call|Video Call|Voicetalk|Facetalk).{0,20}"),
    Kind.LOCATION: re.compile(r"(?:지도|Map|Location): .+"),
    Kind.CONTACT: re.compile(r"(?:연락처|Contact): .+"),
}


def recognises(head: str, name: str) -> bool:
    lines = first_lines(head, 20)
    rows = any(_PHONE.match(line) or _COMPUTER.match(line) for line in lines)
    return rows and any(_TITLE.match(line) or _DAY_LINE.match(line) for line in lines)


def read(document: Document, notes: Notes) -> Iterator[Message]:
    day: date | None = None
    row: re.Match[str] | None = None
    body: list[str] = []
    for line in document.lines():
        found = _PHONE.match(line) or _COMPUTER.match(line)
        day_line = None if found else _DAY_LINE.match(line)
        if found is None and day_line is None and not _NOTICE.fullmatch(line):
            body.append(line)
            continue
        if row is not None:
            yield from _message(row, body, day, notes)
        row, body = found, []
        if day_line is not None:
            day = _day(day_line["day"])
        elif found is None and day is not None:
            yield Message(None, line, datetime.combine(day, time()), Kind.SYSTEM)
    if row is not None:
        yield from _message(row, body, day, notes)


def _message(row: re.Match[str], body: list[str], day: date | None, notes: Notes) -> Iterator[Message]:
    parts = row.groupdict()
    day, clock = _day(parts["day"]) if parts.get("day") else day, to_clock(parts["clock"])
    if day is None or clock is None:
        notes.count(NO_TIME)
        return
    sent_at = datetime.combine(day, clock)
    if parts["author"] is not None:
        text = "\n".join([parts["text"], *body]).rstrip("\n")
        yield Message(parts["author"], text, sent_at, kind_of(text))
    elif parts.get("notice"):
        yield Message(None, parts["notice"], sent_at, Kind.SYSTEM)


def kind_of(text: str) -> Kind:
    """What a text is: words, or what the app writes in place of a photo, a call and the like."""
    return next((kind for kind, pattern in _KINDS.items() if pattern.fullmatch(text)), Kind.TEXT)


def is_notice(text: str) -> bool:
    return _NOTICE.fullmatch(text) is not None


def _day(text: str) -> date | None:
    if text[0].isdigit():
        return to_date(date_fields(text), "ymd")
    month, day, year = text.replace(",", "").split()
    return named_date(month, day, year)
