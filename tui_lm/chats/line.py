"""LINE, "Export chat history" as text, in any language of the app."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime

from tui_lm.chats.dates import DateOrder, date_fields, to_clock, to_date
from tui_lm.chats.document import Document
from tui_lm.chats.formats import NO_TIME, Notes
from tui_lm.chats.message import Kind, Message
from tui_lm.chats.text_rows import first_lines

# "2024/1/2（週二）", "2024.01.02 Tuesday", "Tue, 1/2/2024"
_DAY = re.compile(r"(?:\w{2,9}, ?)?(\d{1,4}[./]\d{1,2}[./]\d{1,4})(?: ?[(（]\w{1,9}[)）]| \w{2,9})?$")
_ROW = re.compile(r"((?:午[前後]|[上下]午|오[전후]|[AP]M)? ?\d{1,2}:\d\d(?: ?[AP]M)?)\t([^\t]*)(?:\t(.*))?$")
_MEDIA = re.compile(
    r"\[(?:Photo|Video|Voice message|Sticker|File|Album|照片|圖片|影片|貼圖|語音訊息|檔案|相簿|写真|動画|スタンプ"
    r"|ボイスメッセージ|ファイル|アルバム|사진|동영상|스티커|음성 메시지|파일)\]"
)
_LOCATION = re.compile(r"\[(?:Location|位置訊息|位置情報|위치)\]")
_CONTACT = re.compile(r"\[(?:Contact|聯絡資訊|連絡先|연락처)\]")
_CALL = re.compile(r"☎ ?.*")
_DELETED = re.compile(r"(?:.+ unsent a message\.|.+已收回訊息|.+がメッセージの送信を取り消しました)")


def recognises(head: str, name: str) -> bool:
    if head.startswith("[LINE]"):
        return True
    lines = first_lines(head, 10)
    days = [number for number, line in enumerate(lines) if _DAY.match(line)]
    return any(_ROW.match(line) for line in lines[days[0] + 1 :]) if days else False


def read(document: Document, notes: Notes) -> Iterator[Message]:
    order = notes.decide(date_fields(day[1]) for line in document.lines() if (day := _DAY.match(line)))
    return _rows(document, notes, order)


def _rows(document: Document, notes: Notes, order: DateOrder) -> Iterator[Message]:
    day: date | None = None
    row: re.Match[str] | None = None
    body: list[str] = []
    for line in document.lines():
        found_row, found_day = _ROW.match(line), _DAY.match(line)
        if found_row is None and found_day is None:
            body.append(line)
            continue
        if row is not None:
            yield from _message(row, body, day, notes)
        row, body = found_row, []
        if found_day is not None:
            day = to_date(date_fields(found_day[1]), order)
    if row is not None:
        yield from _message(row, body, day, notes)


def _message(row: re.Match[str], body: list[str], day: date | None, notes: Notes) -> Iterator[Message]:
    clock = to_clock(row[1])
    if day is None or clock is None:
        notes.count(NO_TIME)
        return
    sent_at = datetime.combine(day, clock)
    author, first = row[2], row[3]
    text = "\n".join([first or "", *body]).rstrip("\n")
    if first is None or not author:
        yield Message(None, author or text, sent_at, Kind.SYSTEM)
        return
    if body and text.startswith('"') and text.endswith('"'):  # so are messages of several lines written
        text = text[1:-1]
    yield Message(author, text, sent_at, _kind(text))


def _kind(text: str) -> Kind:
    kinds = ((_MEDIA, Kind.MEDIA), (_LOCATION, Kind.LOCATION), (_CONTACT, Kind.CONTACT), (_CALL, Kind.CALL))
    found = next((kind for pattern, kind in kinds if pattern.fullmatch(text)), Kind.TEXT)
    return Kind.DELETED if found is Kind.TEXT and _DELETED.fullmatch(text) else found
