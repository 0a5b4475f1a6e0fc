"""QQ, by QQChatExporter (versions 4 to 6), as JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from tui_lm.chats.dates import from_epoch, from_iso
from tui_lm.chats.document import Document
from tui_lm.chats.formats import NO_TIME, Notes
from tui_lm.chats.json_export import Record, flag, records, string
from tui_lm.chats.message import Kind, Message

_REPLY = re.compile(r"\[回复[^\[\]\n]{0,200}\]\s*")
_PLACEHOLDER = re.compile(
    r"\[(?:图片|动画表情|表情|语音|视频|文件|位置|链接|分享|红包|转账|小程序|合并转发)(?:[:\uff1a][^\[\]\n]{0,200})?\]"
)
_WORDS = ("text", "at")  # elements of a message that are words
_FORWARDS = ("forward", "type_11")


def recognises(head: str, name: str) -> bool:
    return head.lstrip("\ufeff \t\n").startswith("{") and '"QQChatExporter' in head[:2000] and '"chatInfo"' in head


def read(document: Document, notes: Notes) -> Iterator[Message]:
    for record in records(document, "messages", notes):
        if (sent_at := _time(record)) is None:
            notes.count(NO_TIME)
        else:
            yield _row(record, sent_at)


def _time(record: Record) -> datetime | None:
    """The time in UTC: an ISO text until version 4, milliseconds since then."""
    moment = from_epoch(record.get("timestamp"), 1000) or from_iso(record.get("timestamp"))
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment


def _row(record: Record, sent_at: datetime) -> Message:
    text = _text(record)
    type = string(record, "type")
    if flag(record, "isSystemMessage") or flag(record, "system") or type == "system":
        return Message(None, text, sent_at, Kind.SYSTEM)
    member = string(record, "rawMessage", "sendMemberName") or string(record, "sender", "groupCard")
    author = member or string(record, "sender", "name") or string(record, "sender", "uin") or "unknown"
    if flag(record, "isRecalled") or flag(record, "recalled"):
        return Message(author, "", sent_at, Kind.DELETED)
    if type in _FORWARDS:
        return Message(author, "", sent_at, Kind.FORWARDED)
    return Message(author, text, sent_at, Kind.TEXT if text.strip() else Kind.MEDIA)


def _text(record: Record) -> str:
    """The words of a message. Newer versions give its elements, older ones write placeholders between the words."""
    content = record.get("content")
    elements = content.get("elements") if isinstance(content, dict) else None
    if isinstance(elements, list) and any(string(each, "data", "text") for each in elements):
        words = (each for each in elements if string(each, "type") in _WORDS)
        return "".join(string(each, "data", "text") or "@" + string(each, "data", "name") for each in words)
    return _PLACEHOLDER.sub("", _REPLY.sub("", string(record, "content", "text"), count=1))
