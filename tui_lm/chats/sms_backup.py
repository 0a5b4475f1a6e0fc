"""SMS Backup & Restore on Android: sms-*.xml, SMS and MMS of all conversations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tui_lm.chats.dates import from_epoch
from tui_lm.chats.document import Document
from tui_lm.chats.formats import NO_TIME, Notes
from tui_lm.chats.html_rows import Element, rows
from tui_lm.chats.json_export import in_time_order
from tui_lm.chats.message import Kind, Message

OWNER = "Me"
_UNSENT = "messages left out, because they are drafts or were not sent"
_ROWS = ("sms", "mms", "call")
_RECEIVED, _SENT = "1", "2"
_SENDER = "137"  # type of the sender among the addresses of an MMS
_NOTHING = ("", "null")


def recognises(head: str, name: str) -> bool:
    return head.lstrip("\ufeff \n").startswith("<") and ("<smses " in head or "<calls " in head)


def read(document: Document, notes: Notes) -> Iterator[Message]:
    """Reads the rows into memory, because MMS come after all SMS; pictures are skipped."""
    found = []
    names: dict[str, str] = {}  # by number, for the senders of a group's MMS
    for row in rows(document, _is_row, xml=True):
        box = row.attributes.get("msg_box", row.attributes.get("type"))
        sent_at = from_epoch(row.attributes.get("date"), 1000)
        if sent_at is None:
            notes.count(NO_TIME)
        elif row.tag == "call":
            found.append(Message(_contact(row.attributes), "", sent_at, Kind.CALL))
        elif box not in (_RECEIVED, _SENT):
            notes.count(_UNSENT)
        else:
            text = _text(row)
            author = OWNER if box == _SENT else _sender(row, names)
            found.append(Message(author, text, sent_at, Kind.TEXT if text else Kind.MEDIA))
    yield from in_time_order(found)


def _is_row(tag: str, attributes: Mapping[str, str]) -> bool:
    return tag in _ROWS


def _contact(attributes: Mapping[str, str]) -> str:
    name = attributes.get("contact_name", "")
    return name if name not in (*_NOTHING, "(Unknown)") else attributes.get("address") or attributes.get("number", "")


def _sender(row: Element, names: dict[str, str]) -> str:
    """The contact; or, in a group's MMS, whose contact is the whole group, the name that the sender's number had."""
    address, contact = row.attributes.get("address", ""), _contact(row.attributes)
    if "~" not in address and contact:
        names[_digits(address)] = contact
        return contact
    numbers = (
        each.attributes.get("address", "") for each in row.each("addr") if each.attributes.get("type") == _SENDER
    )
    number = next(numbers, "")
    return (names.get(_digits(number)) or number) if number else contact or "unknown"


def _digits(address: str) -> str:
    """The last digits of a number, which are the same with and without the code of the country."""
    return "".join(filter(str.isdecimal, address))[-9:] or address


def _text(row: Element) -> str:
    if row.tag == "sms":
        body = row.attributes.get("body", "")
        return "" if body in _NOTHING else body
    parts = (each.attributes for each in row.each("part") if each.attributes.get("ct") == "text/plain")
    return "\n".join(text for part in parts if (text := part.get("text", "")) not in _NOTHING)
