"""Google Voice, from Takeout: an HTML file per conversation, call or voicemail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tui_lm.chats.dates import from_iso
from tui_lm.chats.document import Document
from tui_lm.chats.formats import NO_TIME, Notes
from tui_lm.chats.html_rows import Element, rows
from tui_lm.chats.message import Kind, Message

_PICTURE = ("MMS Sent", "MMS Received")  # what stands where a picture has no words


def recognises(head: str, name: str) -> bool:
    is_call = 'class="haudio"' in head and "google.com/voice" in head
    return head.lstrip("\ufeff \t\n").startswith("<") and ('class="hChatLog' in head or is_call)


def read(document: Document, notes: Notes) -> Iterator[Message]:
    names: dict[str, str] = {}  # by telephone number; a later row may have no name
    for row in rows(document, _is_row):
        time = row.first("dt") or row.first("published")
        if (sent_at := from_iso(time.attributes.get("title") if time else None)) is None:
            notes.count(NO_TIME)
        elif row.is_a("haudio"):
            kind = Kind.CALL if row.first("audio") is None else Kind.MEDIA  # a voicemail
            yield Message(_author(row.first("contributor"), names), "", sent_at, kind)
        else:
            quoted = row.first("q")
            text = "" if quoted is None else quoted.text()
            kind = Kind.MEDIA if text in ("", *_PICTURE) else Kind.TEXT
            yield Message(_author(row.first("sender"), names), "" if kind is Kind.MEDIA else text, sent_at, kind)


def _is_row(tag: str, attributes: Mapping[str, str]) -> bool:
    return tag == "div" and attributes.get("class") in ("message", "haudio")


def _author(card: Element | None, names: dict[str, str]) -> str:
    """The name on a card, else the one that its telephone number had before, else the number."""
    if card is None:
        return "unknown"
    name, link = card.first("fn"), card.first("tel")
    shown = "" if name is None else " ".join(name.text().split())
    number = "" if link is None else link.attributes.get("href", "").removeprefix("tel:")
    if shown:
        names[number] = shown
    return names.get(number) or number or "unknown"
