"""Matrix, "Export chat" of Element as plain text: the time in the browser's format, " - ", author and text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tui_lm.chats.dates import DateOrder, DateOrderEvidence
from tui_lm.chats.document import Document
from tui_lm.chats.formats import NO_TIME, Notes
from tui_lm.chats.message import Kind, Message
from tui_lm.chats.text_rows import first_lines, rows_of
from tui_lm.chats.written_times import written_time

_HEADER = re.compile(r"(\d[^\n\[\]<>]{7,40}?) - (?:([^:\n]{1,100}): )?(.*)")
_SECONDS = re.compile(r"\d[:.]\d\d[:.]\d\d[^\d:]{0,12}$")
_HALF = re.compile(r"[AP]M$")
_MEDIA = re.compile(
    r"sent (?:an image|a video|an audio|a file|a sticker)\.?|.* \((?:Media omitted|File Attached)[^()]*\)"
)
_QUOTE = re.compile(r'<[^<>"\n]{1,100} "[^\n]{0,40}"> ')  # the author and text that a reply answers


def recognises(head: str, name: str) -> bool:
    """Recognised by the seconds before the dash, which WhatsApp does not have."""
    headers = [found for line in first_lines(head, 3) if (found := _HEADER.match(line))]
    times = [found[1] for found in headers if written_time(found[1]) is not None]
    return bool(times) and all(map(_SECONDS.search, times))


def read(document: Document, notes: Notes) -> Iterator[Message]:
    order = notes.date_order or _order(document)
    notes.date_order = order
    order = notes.decide(iter(()))
    for header, lines in rows_of(document.lines(), _HEADER):
        written = written_time(header[1])
        sent_at = written.at(order) if written is not None else None
        text = _QUOTE.sub("", "\n".join([header[3], *lines]).rstrip("\n"), count=1)
        if sent_at is None:
            notes.count(NO_TIME)
        elif header[2] is None:
            yield Message(None, text, sent_at, Kind.SYSTEM)
        else:
            yield Message(header[2], text, sent_at, Kind.MEDIA if not text or _MEDIA.fullmatch(text) else Kind.TEXT)


def _order(document: Document) -> DateOrder | None:
    """The order that the dates show, else the American one if times have AM and PM in capitals."""
    evidence, american = DateOrderEvidence(), False
    for header, _ in rows_of(document.lines(), _HEADER):
        if (written := written_time(header[1])) is not None:
            american = american or ("/" in header[1] and _HALF.search(header[1]) is not None)
            evidence.add(written.fields)
            if evidence.conclusive:
                break
    return evidence.verdict() or ("mdy" if american else None)
