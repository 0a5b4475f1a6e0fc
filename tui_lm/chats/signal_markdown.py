"""Signal, by signal-export: chat.md, with seconds, or without in older versions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from tui_lm.chats.dates import from_iso
from tui_lm.chats.document import Document
from tui_lm.chats.formats import NO_TIME, Notes
from tui_lm.chats.message import Kind, Message
from tui_lm.chats.text_rows import first_lines, rows_of

_HEADER = re.compile(r"\[(\d{4}-\d\d-\d\d),? (\d\d:\d\d(?::\d\d)?)\] ([^:\n]+): ?(.*)")
# Reactions come before a sticker and attachments, on the same line.
_REACTIONS = re.compile(r"\(- [^\n]{1,800}? -\)(?=$|!?\[|\(\w+ not exported\)|\(\( )")
_QUOTE = re.compile(r"\n\n(?:> .*\n)+\n?")
_ATTACHMENT = re.compile(r"!?\[[^\[\]\n]*\]\(\.{0,2}/?(?:media|exported_stickers|stickers)/[^)\n]*\)")
_MISSING = re.compile(r"\((?:image|audio|video|media|attachment) not exported\)")
_STICKER = re.compile(r"\(\( .{1,40} \)\)")
CALL = re.compile(
    r"(?:Incoming|Outgoing|Missed|Declined|Unanswered) (?:voice |video |audio |group )?call\b.*", re.IGNORECASE
)
_FEW = 500  # rows after which a name with a colon is known


def recognises(head: str, name: str) -> bool:
    headers = [found for line in first_lines(head, 50) if (found := _HEADER.match(line))]
    if not headers or "\u200e" in head:  # WhatsApp on Swedish phones writes the same header
        return False
    no_seconds = len(headers[0][2]) == 5
    spaced = sum(header[4].endswith("  ") for header in headers)
    return name.endswith(".md") or no_seconds or 2 * spaced > len(headers)


def read(document: Document, notes: Notes) -> Iterator[Message]:
    surnames = _surnames(header for header, _ in islice(rows_of(document.lines(), _HEADER), _FEW))
    for header, rest in rows_of(document.lines(), _HEADER):
        day, clock, author, start = header.groups()
        sent_at = from_iso(f"{day}T{clock}")
        if sent_at is None:
            notes.count(NO_TIME)
            continue
        surname = surnames.get(author)
        if surname is not None and start.startswith(f"{surname}: "):
            author, start = f"{author}: {surname}", start[len(surname) + 2 :]
        text, kind = _body([start, *rest])
        yield Message(author, text, sent_at, kind)


def _surnames(headers: Iterator[re.Match[str]]) -> dict[str, str]:
    """The second parts of names with a colon, such as "Work: Jim", which every row of the author has."""
    starts: dict[str, Counter[str]] = {}
    for header in headers:
        start, colon, _ = header[4].partition(": ")
        starts.setdefault(header[3], Counter())[start if colon else ""] += 1
    return {
        author: next(iter(found))
        for author, found in starts.items()
        if len(found) == 1 and found.total() >= 3 and len(next(iter(found))) in range(1, 40)
    }


def _body(lines: list[str]) -> tuple[str, Kind]:
    text = "\n".join(lines)
    text = (text[quote.end() :] if (quote := _QUOTE.match(text)) else text).rstrip()
    if "(" not in text and "[" not in text and "call" not in text:
        return text, Kind.TEXT if text else Kind.MEDIA  # no reaction, attachment or call
    has_media = False
    words = []
    for line in text.split("\n"):
        kept = _REACTIONS.sub(lambda found: "" if ": " in found[0] else found[0], line)
        without = _STICKER.sub("", _MISSING.sub("", _ATTACHMENT.sub("", kept)), count=1) if _by_exporter(kept) else kept
        has_media = has_media or without != kept
        if without.strip() or not line.strip():
            words.append(without if without == line else without.rstrip())
    joined = "\n".join(words).rstrip()
    if joined == "(This message was deleted)":
        return "", Kind.DELETED
    if CALL.fullmatch(joined):
        return joined, Kind.CALL
    return joined, Kind.TEXT if joined else Kind.MEDIA


def _by_exporter(line: str) -> bool:
    """Whether the exporter may have written this: "(( x ))" typed by a person is not alone on its line."""
    return bool(_ATTACHMENT.search(line) or _MISSING.search(line) or _STICKER.fullmatch(line.strip()))
