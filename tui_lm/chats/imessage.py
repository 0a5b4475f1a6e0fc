"""iMessage, by imessage-exporter, as text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from tui_lm.chats.dates import named_date, to_clock
from tui_lm.chats.document import Document
from tui_lm.chats.formats import NO_TIME, Notes
from tui_lm.chats.message import Kind, Message
from tui_lm.chats.text_rows import first_lines, rows_of

_TIME = r"([A-Z][a-z]{2}) +(\d{1,2}), (\d{4}) +(\d{1,2}:\d\d:\d\d [AP]M)"
_HEADER = re.compile(rf"{_TIME}(?: \((?:Read|Delivered|Edited)[^\n]*\))?(?: (?P<notice>[^(\s].*))?$")
_INNER = re.compile(rf"\s+{_TIME}")  # a reply, which is repeated at the time it was sent
_REACTIONS = re.compile(r"\s*(?:Tapbacks|Reactions):$")
_REACTION = re.compile(
    r"\s*(?:(?:Loved|Liked|Disliked|Laughed|Laughed at|Emphasized|Questioned|[^\w\s]+) by .+|.*Sticker from .+)$"
)
_REMARKS = re.compile(
    r"This message was deleted from the conversation!|This message responded to an earlier message\."
    r"|Sent with (?:Confetti|Echo|Fireworks|Balloons|Heart|Lasers|Shooting Star[t]?|Sparkles|Spotlight|Slam|Loud|Gentle"
    r"|Invisible Ink)|com\.apple\.MobileSMS\.expressivesend\.\S+|com\.apple\.messages\.effect\.\S+"
)
_FIRST_WORDING = re.compile(rf"{_TIME} (.*)")  # an edited text: the time and the earlier wording
_EDIT = re.compile(r"Edited (?:\d+ \w+(?:, )?)+ later: (.*)")
_UNSENT = re.compile(r".+ unsent this message part(?: .+ after sending)?!|(?:You|They|\S+) deleted a message\.")
# Lines that replace content that a text file cannot hold.
_PLACEHOLDER = re.compile(
    r"(?:~?/|[A-Za-z]:\\|(?:\./)?attachments/)\S.*\.\w{2,5}"
    r"|(?:\S+|(?:Photo|Video|Image|Scan|Screen ?shot|Audio|Document)\b[^/\\]*)"
    r"\.(?:jpe?g|png|gif|hei[cf]|webp|tiff?|mov|mp4|m4[av]|caf|amr|mp3|wav|pdf|vcf|pluginPayloadAttachment)"
    r"|Attachment missing!|Attachment missing name metadata!|Attachment has no filename\S*|Transcription: .*"
    r"|(?:\S+ )?Sticker from .+: .+|Unable to format (?:app message|announcement).*"
    r"|Handwritten messages are not yet supported!|Digital Touch Message: .*|Photo album: .*",
    re.IGNORECASE,
)
_LOCATION = re.compile(r"(?:Started sharing location|Stopped sharing location|Shared location)!")
# After these, the rest of the message is the card of an app.
_CARD = re.compile(r"SharePlay Message|.+ message:|.+ transaction: .+|Check In(?:: .*)?|Lyrics:")
_LINK = re.compile(r"https?://\S+")


# Without any of these a body is what somebody wrote; a cheap test, for most rows.
_SIGNS = re.compile(r"[:!/.\\]|Sent with|SharePlay|Check In|^\s", re.MULTILINE)


def recognises(head: str, name: str) -> bool:
    lines = first_lines(head, 1)
    return bool(lines) and _HEADER.match(lines[0]) is not None


def read(document: Document, notes: Notes) -> Iterator[Message]:
    for header, lines in rows_of(document.lines(), _HEADER, after_blank=True):
        month, day_of_month, year, time = header.groups()[:4]
        day, clock = named_date(month, day_of_month, year), to_clock(time)
        if day is None or clock is None:
            notes.count(NO_TIME)
            continue
        sent_at = datetime.combine(day, clock)
        if header["notice"]:
            yield Message(None, header["notice"], sent_at, Kind.SYSTEM)
        elif lines and lines[0].strip():
            yield _row(lines[0], lines[1:], sent_at)


def _row(author: str, lines: list[str], sent_at: datetime) -> Message:
    if not _SIGNS.search(whole := "\n".join(lines)):
        text = whole.strip("\n")
        return Message(author, text, sent_at, Kind.TEXT if text else Kind.MEDIA)
    end = next((index for index, line in enumerate(lines) if _INNER.match(line)), len(lines))
    lines = [line for line in _without_reactions(lines[:end]) if not _REMARKS.fullmatch(line)]
    lines, edited = _as_last_edited(lines)
    if lines and (_CARD.fullmatch(lines[0]) or _LOCATION.fullmatch(lines[0])):
        return Message(author, "", sent_at, Kind.LOCATION if _LOCATION.fullmatch(lines[0]) else Kind.MEDIA)
    if len(lines) > 1 and _LINK.fullmatch(lines[0]):
        lines = lines[:1]  # the rest is the preview of a web page
    words = [line for line in lines if not _PLACEHOLDER.fullmatch(line) and not _UNSENT.fullmatch(line)]
    text = "\n".join(words).strip("\n")
    if not text:
        unsent = any(map(_UNSENT.fullmatch, lines))
        return Message(author, "", sent_at, Kind.DELETED if unsent else Kind.MEDIA)
    return Message(author, text, sent_at, Kind.EDITED if edited else Kind.TEXT)


def _without_reactions(lines: list[str]) -> Iterator[str]:
    reacting = False
    for line in lines:
        if _REACTIONS.match(line):
            reacting = True
        elif not reacting or not (_REACTION.match(line) or not line.strip()):
            reacting = False
            yield line


def _as_last_edited(lines: list[str]) -> tuple[list[str], bool]:
    """The lines, with every edited part in its last wording."""
    kept: list[str] = []
    edited = False
    part = 0  # start of the edited part in the kept lines
    for line in lines:
        if first := _FIRST_WORDING.fullmatch(line):
            part = len(kept)
            kept.append(first[5])
            edited = True
        elif edited and (edit := _EDIT.fullmatch(line)):
            kept[part:] = [edit[1]]
        else:
            kept.append(line)
    return kept, edited
