"""Signal, by signal-export: chat.md, with seconds or, of older versions, without."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tui_lm.chats.dates import from_iso
from tui_lm.chats.document import Document
from tui_lm.chats.formats import NO_TIME, Notes
from tui_lm.chats.message import Kind, Message
from tui_lm.chats.text_rows import first_lines, rows_of

_HEADER = re.compile(r"\[(\d{4}-\d\d-\d\d),? (\d\d:\d\d(?::\d\d)?)\] ([^:\n]+): ?(.*)")
_REACTIONS = re.compile(r"\(- .+: .+ -\)")
_QUOTE = re.compile(r"\n\n(?:> .*\n)+\n?")
_ATTACHMENT = re.compile(r"!?\[[^\[\]\n]*\]\(\.?/?media/[^)\n]*\)")
CALL = re.compile(r"(?:Incoming|Outgoing|Missed|Declined|Unanswered) (?:voice |video |group )?call\b.*", re.IGNORECASE)


def recognises(head: str, name: str) -> bool:
    headers = [found for line in first_lines(head, 50) if (found := _HEADER.match(line))]
    if not headers or "\u200e" in head:  # WhatsApp's phones for Sweden write the same header
        return False
    no_seconds = len(headers[0][2]) == 5
    spaced = sum(header[4].endswith("  ") for header in headers)
    return name.endswith(".md") or no_seconds or 2 * spaced > len(headers)


def read(document: Document, notes: Notes) -> Iterator[Message]:
    for header, rest in rows_of(document.lines(), _HEADER):
        day, clock, author, start = header.groups()
        sent_at = from_iso(f"{day}T{clock}")
        if sent_at is None:
            notes.count(NO_TIME)
            continue
        lines = [line for line in (start, *rest) if not _REACTIONS.fullmatch(line)]
        text, kind = _body("\n".join(lines))
        yield Message(author, text, sent_at, kind)


def _body(text: str) -> tuple[str, Kind]:
    text = (text[quote.end() :] if (quote := _QUOTE.match(text)) else text).rstrip()
    words = _ATTACHMENT.sub("", text).rstrip()
    if words == "(This message was deleted)":
        return "", Kind.DELETED
    if CALL.fullmatch(words):
        return words, Kind.CALL
    return words, Kind.MEDIA if text and not words else Kind.TEXT
