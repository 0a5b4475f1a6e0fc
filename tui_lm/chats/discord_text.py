"""Discord, by DiscordChatExporter, as plain text. Dates have the format of the exporting computer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tui_lm.chats.dates import DateOrder
from tui_lm.chats.discord_notices import is_notice
from tui_lm.chats.document import Document
from tui_lm.chats.formats import NO_TIME, Notes
from tui_lm.chats.message import Kind, Message
from tui_lm.chats.text_rows import rows_of
from tui_lm.chats.written_times import written_time

_RULE = "=" * 62
_HEADER = re.compile(r"\[([^\[\]\n]{8,60})\] (.+?)(?: \(pinned\))?$")
_SECTION = re.compile(r"\{(?:Attachments|Embed|Stickers|Reactions|Forwarded Message)\}$")


def recognises(head: str, name: str) -> bool:
    return head.startswith(f"{_RULE}\nGuild: ") and "\nChannel: " in head


def read(document: Document, notes: Notes) -> Iterator[Message]:
    written = (written_time(header[1]) for header, _ in _headed(document))
    order = notes.decide(time.fields for time in written if time is not None)
    return _rows(document, notes, order)


def _headed(document: Document) -> Iterator[tuple[re.Match[str], list[str]]]:
    """Each header with its lines. A line like a header but without a valid time is a line of the message."""
    last: re.Match[str] | None = None
    body: list[str] = []
    for header, lines in rows_of(document.lines(), _HEADER, after_blank=True):
        if last is not None and written_time(header[1]) is None:
            body += [header[0], *lines]
            continue
        if last is not None:
            yield last, body
        last, body = header, lines
    if last is not None:
        yield last, body


def _rows(document: Document, notes: Notes, order: DateOrder) -> Iterator[Message]:
    for header, lines in _headed(document):
        written = written_time(header[1])
        sent_at = written.at(order) if written is not None else None
        if sent_at is None:
            notes.count(NO_TIME)
            continue
        sections = (index for index, line in enumerate(lines) if _SECTION.match(line) or line == _RULE)
        end = next(sections, len(lines))
        text = "\n".join(lines[:end]).strip("\n")
        if is_notice(text):
            yield Message(None, text, sent_at, Kind.SYSTEM)
        elif "{Forwarded Message}" in lines[end:]:
            yield Message(header[2], text, sent_at, Kind.TEXT if text else Kind.FORWARDED)
        else:
            yield Message(header[2], text, sent_at, Kind.TEXT if text else Kind.MEDIA)
