"""Signal, by sigtop, as text: fields, a blank line, the text; quotes are indented with ">", edits with "|"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from tui_lm.chats.document import Document
from tui_lm.chats.formats import NO_TIME, Notes
from tui_lm.chats.message import Kind, Message
from tui_lm.chats.text_rows import first_lines
from tui_lm.chats.written_times import written_time

_FIELD = re.compile(r"(From|Type|Sent|Received|Attachment|Reaction|Edited|Conversation): (.*)")
_VERSION = re.compile(r"Version: \d+")
_ID = re.compile(r" \([^()]*\)$")
_BY_PEOPLE = ("incoming", "outgoing")


def recognises(head: str, name: str) -> bool:
    fields = [found[1] for line in first_lines(head, 8) if (found := _FIELD.match(line))]
    return "Type" in fields and "Sent" in fields and fields[0] in ("From", "Conversation", "Type")


def read(document: Document, notes: Notes) -> Iterator[Message]:
    for fields, body in _blocks(document.lines()):
        written = written_time(fields.get("Sent", fields.get("Received", "")))
        sent_at = written.at("dmy") if written is not None else None
        if sent_at is None:
            notes.count(NO_TIME)
        else:
            yield _row(fields, body, sent_at)


def _blocks(lines: Iterator[str]) -> Iterator[tuple[dict[str, str], list[str]]]:
    """Yields the fields and the body of each message, which starts after a blank line with a field and its type."""
    fields: dict[str, str] = {}
    body: list[str] = []
    in_fields = False
    held: str | None = None  # a "From" that is a field only if the next line is one
    blank = True
    for line in lines:
        starts = line.startswith("Type: ") and (held is not None or (blank and "Type" not in fields) or blank)
        if starts:
            if "Type" in fields:
                yield fields, body
            fields, body, in_fields = {"Type": line[6:]}, [], True
            if held is not None:
                fields["From"] = held[6:]
            held, blank = None, False
            continue
        if held is not None:
            body.append(held)
            held = None
        if blank and line.startswith("From: "):
            held, blank = line, False
            continue
        if in_fields and (field := _FIELD.match(line)):
            fields.setdefault(field[1], field[2])
        else:
            in_fields = False
            body.append(line)
        blank = not line.strip()
    if "Type" in fields:
        yield fields, body if held is None else [*body, held]


def _row(fields: dict[str, str], body: list[str], sent_at: datetime) -> Message:
    author = _ID.sub("", fields.get("From", "")) or None
    if fields["Type"] not in _BY_PEOPLE or author is None:
        if fields["Type"].startswith("call") and author is not None:
            return Message(author, "", sent_at, Kind.CALL)
        return Message(None, fields["Type"], sent_at, Kind.SYSTEM)
    lines = _latest_version(body) if "Edited" in fields else body
    text = "\n".join(_without_quote(lines)).strip("\n")
    if not text:
        return Message(author, "", sent_at, Kind.MEDIA if "Attachment" in fields else Kind.DELETED)
    return Message(author, text, sent_at, Kind.EDITED if "Edited" in fields else Kind.TEXT)


def _latest_version(body: list[str]) -> list[str]:
    """The text of the first version, which is the newest one, with what it quotes."""
    lines = [line[1:].removeprefix(" ") for line in body if line.startswith("|")]
    versions = [number for number, line in enumerate(lines) if _VERSION.fullmatch(line)]
    newest = lines[versions[0] + 1 : versions[1] if len(versions) > 1 else None] if versions else lines
    fields = next((number for number, line in enumerate(newest) if not _FIELD.match(line)), len(newest))
    return newest[fields:]


def _without_quote(lines: list[str]) -> list[str]:
    start = next((number for number, line in enumerate(lines) if line.strip()), len(lines))
    if start < len(lines) and lines[start].startswith("> From: "):
        while start < len(lines) and lines[start].startswith(">"):
            start += 1
    return lines[start:]
