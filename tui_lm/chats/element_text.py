"""Matrix, "Export chat" of Element as plain text: the time in the browser's format, " - ", author and text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from tui_lm.chats.dates import DateOrder, DateOrderEvidence
from tui_lm.chats.document import Document
from tui_lm.chats.formats import NO_TIME, Notes
from tui_lm.chats.message import Kind, Message
from tui_lm.chats.text_rows import first_lines, rows_of
from tui_lm.chats.written_times import written_time

_HEADER = re.compile(r"(\d[^\n\[\]<>]{7,40}?) - (?:([^:\n]{1,100}): )?(.*)")
_SECONDS = re.compile(r"\d[:.]\d\d[:.]\d\d[^\d:]{0,12}$")
_HALF = re.compile(r"[AP]M$")
_SENT = re.compile(
    r"(?:(?P<sender>[^\n]{1,100}?) )?sent (?:an image|a video|an audio file|an audio|a file|a sticker)\.?"
    r"(?: \([^()]*\))?"
)
_ATTACHED = re.compile(r".* \((?:Media omitted|File Attached|Error fetching file)[^()]*\)")
_QUOTE = re.compile(r'<[^<>"\n]{1,100} "[^\n]{0,40}"> ')  # the author and text that a reply answers
_ANSWER = re.compile(r"<([^<>\n]{1,100})> ")  # the same for an answered message without text
_ACTION = re.compile(r"\* (\S[^\n]*)")


def recognises(head: str, name: str) -> bool:
    """Recognised by the seconds before the dash, which WhatsApp does not have."""
    headers = [found for line in first_lines(head, 3) if (found := _HEADER.match(line))]
    times = [found[1] for found in headers if written_time(found[1]) is not None]
    return bool(times) and all(map(_SECONDS.search, times))


def read(document: Document, notes: Notes) -> Iterator[Message]:
    order = notes.date_order or _order(document)
    notes.date_order = order
    order = notes.decide(iter(()))
    authors: set[str] = set()
    for header, lines in rows_of(document.lines(), _HEADER):
        written = written_time(header[1])
        sent_at = written.at(order) if written is not None else None
        text = "\n".join([header[3], *lines]).rstrip("\n")
        if sent_at is None:
            notes.count(NO_TIME)
        elif header[2] is not None:
            authors.add(header[2])
            yield _message(header[2], text, sent_at, authors)
        else:
            yield _without_colon(text, sent_at, authors)


def _message(author: str, text: str, sent_at: datetime, authors: set[str]) -> Message:
    words = _QUOTE.sub("", text, count=1)
    if (answer := _ANSWER.match(words)) and answer[1] in authors:
        words = words[answer.end() :]
    wordless = not words or _SENT.fullmatch(words) or _ATTACHED.fullmatch(words)
    return Message(author, words, sent_at, Kind.MEDIA if wordless else Kind.TEXT)


def _without_colon(text: str, sent_at: datetime, authors: set[str]) -> Message:
    """A notice, or what somebody sent or did: "Rosa sent an image.", "* Rosa waves"."""
    if (sent := _SENT.fullmatch(text)) and sent["sender"]:
        return Message(sent["sender"], "", sent_at, Kind.MEDIA)
    if action := _ACTION.fullmatch(text):
        actors = [author for author in authors if action[1].startswith(f"{author} ")]
        if actors:
            author = max(actors, key=len)
            return Message(author, action[1].removeprefix(f"{author} "), sent_at)
    return Message(None, text, sent_at, Kind.SYSTEM)


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
