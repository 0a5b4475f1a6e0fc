"""LINE, "Export chat history" as text, in any language of the app."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple

from tui_lm.chats.dates import DateOrder, date_fields, to_clock, to_date
from tui_lm.chats.document import Document
from tui_lm.chats.formats import NO_TIME, Notes
from tui_lm.chats.message import Kind, Message
from tui_lm.chats.text_rows import first_lines
from tui_lm.chats.weekdays import weekday_in

# "2024/1/2（週二）", "2024.01.02 Tuesday", "Tue, 1/2/2024", "2024. 1. 2. (화)"
_DAY = re.compile(
    r"(?:\w{1,12}\.?,? ?)?(\d{4}[./年-] ?\d{1,2}[./月-] ?\d{1,2}|\d{1,2}[./-]\d{1,2}[./-]\d{4})[.日]?"
    r"(?: ?[(（][^()（）\d\t\n]{1,12}[)）]| [^\s\d]{2,14})?$"
)
_HALF = r"(?:午[前後]|[上下]午|오[전후]|[AaPp]\.?[Mm]\.?|ก่อนเที่ยง|หลังเที่ยง)"
_CLOCK = rf"(?:{_HALF} ?)?\d{{1,2}}:\d\d(?: ?{_HALF})?"
_ROW = re.compile(rf"({_CLOCK})\t([^\t]*)(?:\t(.*))?$")
_SPACED_ROW = re.compile(rf"({_CLOCK}) (\S.*)")
_MEDIA = re.compile(
    r"\[(?:Photo|Photos|Video|Videos|Voice message|Audio|Sticker|Stickers|Emoji|File|Album|Gift|Note"
    r"|照片|圖片|图片|影片|视频|貼圖|贴图|語音訊息|语音消息|檔案|文件|相簿|相册|記事本"
    r"|写真|画像|動画|スタンプ|ボイスメッセージ|ファイル|アルバム|ノート|사진|동영상|스티커|음성 메시지|파일|앨범"
    r"|รูป|ภาพ|รูปภาพ|วิดีโอ|สติกเกอร์|สติ๊กเกอร์|ข้อความเสียง|ไฟล์|อัลบั้ม"
    r"|Foto|Stiker|Pesan suara|Berkas|Hình ảnh|Nhãn dán)\](?: .{0,200})?"
)
_LOCATION = re.compile(r"\[(?:Location|位置訊息|位置信息|位置情報|위치|ตำแหน่ง|Lokasi)\].*", re.DOTALL)
_CONTACT = re.compile(r"\[(?:Contact|聯絡資訊|联系人|連絡先|연락처|รายชื่อติดต่อ|Kontak)\].*")
_CALL = re.compile(r"☎ ?.*")
_DELETED = re.compile(
    r"(?:.+ unsent a message\.|.+已收回(?:訊息|消息)|.+がメッセージの送信を取り消しました"
    r"|.+님이 메시지 전송을 취소했습니다\.?|.+ยกเลิกข้อความ)"
)


_LONGEST_NAME = 4  # words
_ENOUGH = 3  # rows that all begin with the same words


def recognises(head: str, name: str) -> bool:
    if head.startswith("[LINE]"):
        return True
    lines = first_lines(head, 10)
    days = [number for number, line in enumerate(lines) if _DAY.match(line)]
    return any(_ROW.match(line) for line in lines[days[0] + 1 :]) if days else False


def read(document: Document, notes: Notes) -> Iterator[Message]:
    head = document.head().text
    tabs = any(map(_ROW.match, head.split("\n")))
    notes.date_order = notes.date_order or _order_by_weekday(document)
    order = notes.decide(date_fields(day[1]) for line in document.lines() if (day := _DAY.match(line)))
    return _rows(document, notes, order, None if tabs else _names(head))


def _order_by_weekday(document: Document) -> DateOrder | None:
    """The order of day and month that agrees with the weekdays beside the dates, or None if they do not show it."""
    right: dict[DateOrder, int] = {"dmy": 0, "mdy": 0, "ymd": 0}
    unnamed = 0
    for line in document.lines():
        if (found := _DAY.match(line)) is None:
            continue
        if found[1][:4].isdecimal():
            return None  # the year stands in front, which leaves no choice
        if (weekday := weekday_in(line.replace(found[1], " "))) is None:
            unnamed += 1
            if unnamed > _ENOUGH and not any(right.values()):
                break  # this language of the app writes no weekdays
            continue
        for order in right:
            if (day := to_date(date_fields(found[1]), order)) is not None and day.weekday() == weekday:
                right[order] += 1
        first, second, *_ = sorted(right.values(), reverse=True)
        if first >= second + 3:
            break
    best = max(right, key=lambda order: right[order])
    return best if list(right.values()).count(right[best]) == 1 else None


def _names(head: str) -> frozenset[str]:
    """The names of several words in a file with spaces in place of tabs: in its title, or always of the same words."""
    title = head.partition("\n")[0]
    rows = [found[2].split(" ") for line in head.split("\n") if (found := _SPACED_ROW.match(line))]
    names = set()
    for count in range(2, _LONGEST_NAME + 1):
        starts = Counter(" ".join(words[:count]) for words in rows if len(words) > count)
        shorter = Counter(" ".join(words[: count - 1]) for words in rows)
        for name, times in starts.items():
            always = times >= _ENOUGH and times == shorter[name.rpartition(" ")[0]]
            if name in title or (always and (count == 2 or name.rpartition(" ")[0] in names)):
                names.add(name)
    return frozenset(names)


def _rows(document: Document, notes: Notes, order: DateOrder, names: frozenset[str] | None) -> Iterator[Message]:
    """The rows. `names` of several words are given if the file has spaces in place of tabs."""
    day: date | None = None
    row: _Row | None = None
    body: list[str] = []
    for line in document.lines():
        found_row = _tabbed(line) if names is None else _spaced(line, names)
        # A date inside a quoted text of several lines has no blank line before it.
        inside = row is not None and row.text is not None and row.text.startswith('"') and bool(body) and bool(body[-1])
        found_day = None if found_row or inside else _DAY.match(line)
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


class _Row(NamedTuple):
    clock: str
    author: str
    text: str | None


def _tabbed(line: str) -> _Row | None:
    found = _ROW.match(line)
    return _Row(found[1], found[2], found[3]) if found else None


def _spaced(line: str, names: frozenset[str]) -> _Row | None:
    """The name at the start of a row: the longest known one, else one word."""
    found = _SPACED_ROW.match(line)
    if found is None:
        return None
    words = found[2].split(" ")
    counts = range(min(len(words) - 1, _LONGEST_NAME), 1, -1)
    count = next((count for count in counts if " ".join(words[:count]) in names), 1)
    return _Row(found[1], " ".join(words[:count]), " ".join(words[count:]) if len(words) > count else None)


def _message(row: _Row, body: list[str], day: date | None, notes: Notes) -> Iterator[Message]:
    clock = to_clock(row.clock)
    if day is None or clock is None:
        notes.count(NO_TIME)
        return
    sent_at = datetime.combine(day, clock)
    text = "\n".join([row.text or "", *body]).rstrip("\n")
    if row.text is None or not row.author:
        yield Message(None, row.author or text, sent_at, Kind.SYSTEM)
        return
    if "\n" in text and text.startswith('"') and text.endswith('"'):  # quotes surround messages of several lines
        text = text[1:-1]
    yield Message(row.author, text, sent_at, _kind(text))


def _kind(text: str) -> Kind:
    kinds = ((_MEDIA, Kind.MEDIA), (_LOCATION, Kind.LOCATION), (_CONTACT, Kind.CONTACT), (_CALL, Kind.CALL))
    found = next((kind for pattern, kind in kinds if pattern.fullmatch(text)), Kind.TEXT)
    return Kind.DELETED if found is Kind.TEXT and _DELETED.fullmatch(text) else found
