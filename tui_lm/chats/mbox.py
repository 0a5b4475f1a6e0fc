"""E-mail that one has sent: an mbox of Gmail's Takeout, Thunderbird or Apple Mail, or files of one mail each (.eml)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message as Mail
from email.parser import BytesParser
from email.utils import parseaddr, parsedate_to_datetime

from tui_lm.chats.document import BLOCK, Document
from tui_lm.chats.formats import NO_TIME, Notes
from tui_lm.chats.mail_text import own_words
from tui_lm.chats.message import Kind, Message
from tui_lm.errors import TuiLmError

BY_OTHERS = "mails left out, because somebody else sent them"
DRAFTS = "mails left out, because they are drafts or deleted"
BROKEN = "mails left out, because they cannot be read"
_START = re.compile(rb"From \S{1,320} .{0,40}\d\d:\d\d|From - ")
_FIRST_LINE = re.compile(r"From (?:\S{1,320} [^\n]{0,40}\d\d:\d\d|- )[^\n]{0,60}\n[>\w-]{2,60}:")
_FIELD = re.compile(r"[A-Za-z][\w-]{0,60}:")
_ADDRESS = re.compile(r"[\w.+'-]{1,64}@[\w.-]{1,255}")
_RECIPIENTS = ("To", "Cc", "Bcc", "Delivered-To", "X-Original-To")
_SENT = (
    *("sent", "gesendet", "envoyés", "messages envoyés", "enviados", "enviadas", "posta inviata", "inviati"),
    *("verzonden", "отправленные", "wysłane", "gönderilenler", "gönderilmiş postalar", "送信済み", "已发送"),
    *("已发邮件", "寄件備份", "보낸편지함", "skickat", "sendt", "lähetetyt", "odeslané", "odoslané", "enviats"),
)
_DRAFTS = (
    *("drafts", "entwürfe", "brouillons", "borradores", "rascunhos", "bozze", "concepten", "черновики", "robocze"),
    *("taslaklar", "下書き", "草稿", "임시보관함", "utkast", "kladder", "luonnokset", "koncepty"),
)
_LARGEST = 2 << 20  # bytes of a mail that are read; its words come before its attachments
_MOST_MAILS = 50_000  # that are looked at to find the owner
# What the standard library's parser raises for fields that no mail should have, and the reader of HTML.
_ERRORS = (MessageError, ValueError, LookupError, TypeError, AttributeError, OverflowError, TuiLmError)


def recognises(head: str, name: str) -> bool:
    head = head.lstrip("\ufeff\n")
    if _FIRST_LINE.match(head):
        return True
    lines = head.split("\n", 40)
    fields = {line.partition(":")[0].lower() for line in lines if _FIELD.match(line)}
    return name.lower().endswith(".eml") and {"from", "date"} <= fields


def read(document: Document, notes: Notes) -> Iterator[Message]:
    """Yields the mails of the mailbox's owner. The mails of others are counted."""
    owner = _owner(document)
    for data in _mails(document, _LARGEST):
        try:
            row = _row(data, owner, notes)
        except _ERRORS:
            notes.count(BROKEN)
            continue
        if row is not None:
            yield row


def _mails(document: Document, largest: int) -> Iterator[bytes]:
    """Each mail, up to a size. It starts after a blank line, with a line that no mail may contain unescaped."""
    mail: list[bytes] = []
    size = 0
    blank = True
    for line in _lines(document):
        if blank and line.startswith(b"From ") and _START.match(line):
            if mail:
                yield b"".join(mail)
            mail, size = [], 0
        elif size < largest:
            mail.append(line[1:] if line.startswith(b">From ") else line)
            size += len(line)
        blank = line in (b"\n", b"\r\n")
    if mail:
        yield b"".join(mail)


def _lines(document: Document) -> Iterator[bytes]:
    """The lines as bytes, since each mail has an encoding of its own."""
    with document.open() as stream:
        held = b""
        while block := stream.read(BLOCK):
            *lines, held = (held + block).split(b"\n")
            yield from (line + b"\n" for line in lines)
            if len(held) > BLOCK:
                yield held
                held = b""
        if held:
            yield held


@dataclass(slots=True)
class _Owner:
    addresses: set[str] = field(default_factory=set)
    name: str = ""


def _owner(document: Document) -> _Owner:
    """Whose mailbox it is: who sent the mails that are marked as sent, or were never transported."""
    senders, taking_part, received = Counter[str](), Counter[str](), Counter[tuple[str, str]]()
    sent, delivered, names = Counter[str](), Counter[str](), Counter[tuple[str, str]]()
    for number, data in enumerate(_mails(document, 1 << 16)):
        try:
            mail = BytesParser().parsebytes(data, headersonly=True)
            name, sender = _sender(mail)
            recipients = {found.lower() for key in _RECIPIENTS for found in _ADDRESS.findall(_field(mail, key))}
            delivered.update(found.lower() for found in _ADDRESS.findall(_field(mail, "Delivered-To")))
            is_sent = mail["Received"] is None or not _labels(mail).isdisjoint(_SENT)
        except _ERRORS:
            continue
        senders[sender] += 1
        names[sender, name] += 1
        sent[sender] += is_sent
        taking_part.update(recipients | {sender})
        received.update((sender, recipient) for recipient in recipients)
        if number >= _MOST_MAILS:
            break
    if not senders:
        return _Owner()
    telling = (
        sent if sent.total() < senders.total() else Counter[str]()
    )  # none, if no mail says that it was transported
    most = max(taking_part, key=lambda each: (delivered[each], telling[each], taking_part[each], senders[each]))
    own = {each for each, count in sent.items() if count and 2 * received[each, most] <= senders[each]} | {most}
    called = Counter({name: count for (sender, name), count in names.items() if name and sender in own})
    return _Owner(own, called.most_common(1)[0][0] if called else most)


def _sender(mail: Mail) -> tuple[str, str]:
    """The name and the address of a mail's sender."""
    name, address = parseaddr(_field(mail, "From")[:1000])
    return " ".join(name.split()), address.lower()


def _field(mail: Mail, name: str) -> str:
    value = mail[name]
    return "" if value is None else str(make_header(decode_header(str(value)[:10_000])))


def _labels(mail: Mail) -> set[str]:
    return {label.strip().strip('"').casefold() for label in _field(mail, "X-Gmail-Labels").split(",")}


def _row(data: bytes, owner: _Owner, notes: Notes) -> Message | None:
    fields = BytesParser().parsebytes(data, headersonly=True)
    if _sender(fields)[1] not in owner.addresses:
        notes.count(BY_OTHERS)
        return None
    if not _labels(fields).isdisjoint(_DRAFTS) or _is_expunged(fields):
        notes.count(DRAFTS)
        return None
    if (sent_at := _time(fields)) is None:
        notes.count(NO_TIME)
        return None
    text = own_words(BytesParser().parsebytes(data))
    if fields["Auto-Submitted"] not in (None, "no"):
        return Message(None, text, sent_at, Kind.SYSTEM)
    return Message(owner.name, text, sent_at, Kind.TEXT if text.strip() else Kind.MEDIA)


def _is_expunged(mail: Mail) -> bool:
    """Whether Thunderbird has deleted a mail and left it in the file."""
    return bool(int(mail.get("X-Mozilla-Status", "0")[:8], 16) & 8)


def _time(mail: Mail) -> datetime | None:
    try:
        moment = parsedate_to_datetime(str(mail["Date"]))
    except (ValueError, TypeError, IndexError):
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment
