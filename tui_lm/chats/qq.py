"""QQ for Windows, the message manager's export as text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from tui_lm.chats.dates import to_clock, to_date
from tui_lm.chats.document import Document
from tui_lm.chats.formats import NO_TIME, Notes
from tui_lm.chats.message import Kind, Message
from tui_lm.chats.text_rows import rows_of

_TITLE = "消息记录（此消息记录为文本格式"
_HEADER = re.compile(
    r"(\d{4})-(\d\d?)-(\d\d?) {1,4}((?:[上下]午)? ?\d{1,2}:\d\d:\d\d(?: ?[AP]M)?) {1,4}"
    r"((?:\S.{0,99}?)?)(?:\((\d{4,12})\)|<([^<>\s]{1,100}@[^<>\s]{1,100})>)?\s{0,4}$"
)
_LEVEL = re.compile(r"【[^【】]{1,20}】")  # of a member of a group
_RULE = "=" * 64
_SYSTEM = ("10000", "1000000")
_PLACEHOLDER = re.compile(r"\[(?:图片|表情|语音|视频|文件|动画表情|闪照|红包|转账|分享|位置|戳一戳|QQ红包)\]")
_INLINE = re.compile(r"\[(?:图片|表情)\]")
_RECALLED = re.compile(r"[^\n]{0,40}撤回了一条(?:成员)?消息[^\n]{0,20}")


def recognises(head: str, name: str) -> bool:
    return head.lstrip("\ufeff \t\n").startswith(_TITLE) or (
        "\n消息对象:" in head and any(map(_HEADER.match, head.split("\n", 40)))
    )


def read(document: Document, notes: Notes) -> Iterator[Message]:
    for header, lines in rows_of(document.lines(), _HEADER, after_blank=True):
        year, month, day, clock = header[1], header[2], header[3], to_clock(header[4])
        date = to_date((year, month, day), "ymd")
        if date is None or clock is None:
            notes.count(NO_TIME)
            continue
        body = lines[: lines.index(_RULE)] if _RULE in lines else lines  # the next conversation follows
        yield _message(header, "\n".join(body).strip("\n"), datetime.combine(date, clock))


def _message(header: re.Match[str], text: str, sent_at: datetime) -> Message:
    number = header[6] or ""
    author = _LEVEL.sub("", header[5], count=1).strip() or number or header[7] or "unknown"
    if number in _SYSTEM or author == "系统消息" or _RECALLED.fullmatch(text):
        return Message(None, text, sent_at, Kind.SYSTEM)
    if not _PLACEHOLDER.sub("", text).strip():
        return Message(author, "", sent_at, Kind.MEDIA)
    return Message(author, _INLINE.sub("", text), sent_at)
