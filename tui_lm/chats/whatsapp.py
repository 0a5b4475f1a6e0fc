"""WhatsApp, "Export chat": the text file of Android and iOS, in any locale."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import lru_cache
from itertools import repeat
from typing import TypeVar, cast

from tui_lm.chats.dates import DateOrder, Fields, date_fields, to_clock, to_date
from tui_lm.chats.document import BLOCK, Document
from tui_lm.chats.formats import Notes
from tui_lm.chats.message import Kind, Message
from tui_lm.chats.whatsapp_header import find_pattern, to_plain
from tui_lm.chats.whatsapp_kinds import exact_bodies, kind_of
from tui_lm.chats.whatsapp_strings import MARK, strings, without_marks
from tui_lm.errors import TuiLmError

_Written = TypeVar("_Written")
_Meant = TypeVar("_Meant")
_new_message = cast(Callable[[type[Message], tuple[object, ...]], Message], tuple.__new__)

_GROUPS = 4  # of a split row: date, clock, author, body
_LONGEST_NAME = 100  # characters
_FEW_AUTHORS = 8  # in a channel of more, "name: " at the start of a message addresses somebody
_LONGEST_MESSAGE = 64 * BLOCK
_ENDS = frozenset((">", ")"))  # of <Media omitted>, <This message was edited>, IMG.jpg (file attached)
_SIGNS = re.compile(rf"{MARK}|[>)]\Z|\)\n|:\n|maps\.google\.")
_QUOTES = (("“", "”"), ("«", "»"), ("„", "“"), ("「", "」"))


def recognises(head: str, name: str) -> bool:
    pattern = find_pattern(head.split("\n"))
    if pattern is None:
        return False
    _, *rows = pattern.split("\n" + head)
    authors, bodies = rows[2::_GROUPS], rows[3::_GROUPS]
    notices = strings("notice_prefix")
    return any(authors) or any(without_marks(body).startswith(notices) for body in bodies)


def read(document: Document, notes: Notes) -> Iterator[Message]:
    """Looks ahead at once, for the style of the headers and the order of day and month; then streams."""
    head = document.head().text
    pattern = find_pattern(head.split("\n"))
    if pattern is None:
        raise TuiLmError(f"{document.name} has no line that starts like a WhatsApp message", "try without --format")
    order = notes.decide(_dates(document, pattern))
    _, *rows = pattern.split("\n" + head)
    sample = _sample(rows[2::_GROUPS], rows[3::_GROUPS])
    return _Rows(pattern, order, sample, notes).of(document)


@dataclass(slots=True)
class _Sample:
    """What the first rows tell about authors."""

    writers: set[str] = field(default_factory=set)  # who wrote anything that WhatsApp did not mark as its own
    surnames: dict[str, str] = field(default_factory=dict)  # "Dr. K" -> "home", for one who is called "Dr. K: home"


def _dates(document: Document, pattern: re.Pattern[str]) -> Iterator[Fields]:
    """Of the headers that lie whole in a block; which field is the day does not hang on the few others."""
    for block in document.blocks():
        yield from map(date_fields, pattern.split("\n" + block)[1::_GROUPS])


def _sample(authors: list[str | None], bodies: list[str]) -> _Sample:
    sample = _Sample()
    starts: dict[str, set[str]] = {}
    counts: dict[str, int] = {}
    for author, body in zip(authors, bodies, strict=True):
        if author is None:
            continue
        if not body.startswith(MARK):
            sample.writers.add(author)
        counts[author] = counts.get(author, 0) + 1
        start, colon, _ = body.partition("\n")[0].partition(": ")
        starts.setdefault(author, set()).add(start if colon else "")
    if len(starts) > _FEW_AUTHORS:
        return sample
    for author, found in starts.items():
        if len(found) == 1 and counts[author] >= 3 and (start := found.pop()):
            sample.surnames[author] = start
    return sample


class _Impossible(Exception):
    """There is no such day or time, so what looks like a header is text."""


class _Learned(dict[_Written, _Meant]):
    """What a piece of text means, worked out when it is seen for the first time."""

    def __init__(self, meaning: Callable[[_Written], _Meant]) -> None:
        super().__init__()
        self._meaning = meaning

    def __missing__(self, text: _Written) -> _Meant:
        meant = self[text] = self._meaning(text)
        return meant


class _Rows:
    """Turns blocks of text into messages. The loops over rows run inside the regex engine, maps and dicts."""

    def __init__(self, pattern: re.Pattern[str], order: DateOrder, sample: _Sample, notes: Notes) -> None:
        self.pattern = pattern
        self.order = order
        self.sample = sample
        self.notes = notes
        self.bracketed = r"\[" in pattern.pattern
        self.days = _Learned(self._day)
        self.clocks = _Learned(_clock)
        self.names = _Learned(self._usual_name)

    def of(self, document: Document) -> Iterator[Message]:
        held = "\n"  # every header is found by the newline before it
        searched = 0
        first = True
        for block in document.blocks():
            text = held + block
            cut = self._last_header(text, searched)
            if cut > 0:
                yield from self._messages(text[:cut], first)
                first = False
            held = text[max(cut, 0) :]
            searched = max(0, len(held) - 200) if cut <= 0 else 1
            if len(held) > _LONGEST_MESSAGE:
                raise TuiLmError(
                    f"{document.name} has a message of more than {_LONGEST_MESSAGE >> 20} MB",
                    "is it a chat export?",
                )
        yield from self._messages(held.removesuffix("\n"), first)

    def _last_header(self, text: str, start: int) -> int:
        """Where the last row of the text starts: what stands before it is complete. -1 without one."""
        end = len(text)
        while (end := text.rfind("\n", start, end)) >= 0:
            if (found := self.pattern.match(text, end)) and self._is_real(found):
                return end
        return -1

    def _messages(self, text: str, first: bool) -> Iterator[Message]:
        try:
            parts = self.pattern.split(text)
            moments = self._moments(parts)
        except _Impossible:
            parts = self._split_at_real_headers(text)
            moments = self._moments(parts)
        if first and parts[0].strip():
            self.notes.warn("the text before the first message was left out")
        raw_authors, texts = parts[3::_GROUPS], parts[4::_GROUPS]
        authors = list(map(self.names.__getitem__, raw_authors))
        kinds = [Kind.TEXT] * len(texts)
        for row in _to_look_at(text, authors, texts):
            authors[row], texts[row], kinds[row] = self._row(raw_authors[row], texts[row])
        return map(_new_message, repeat(Message), zip(authors, texts, moments, kinds, strict=True))

    def _moments(self, parts: list[str]) -> list[datetime]:
        days = map(self.days.__getitem__, parts[1::_GROUPS])
        return list(map(datetime.combine, days, map(self.clocks.__getitem__, parts[2::_GROUPS])))

    def _day(self, text: str) -> date:
        if (day := to_date(date_fields(text), self.order)) is None:
            raise _Impossible
        return day

    def _is_real(self, header: re.Match[str]) -> bool:
        try:
            return bool(self._moments(["", header[1], header[2]]))
        except _Impossible:
            return False

    def _split_at_real_headers(self, text: str) -> list[str]:
        """Like `pattern.split`, but a header with an impossible date is part of the message before."""
        headers = [header for header in self.pattern.finditer(text) if self._is_real(header)]
        ends = [*(header.start() for header in headers), len(text)]
        parts = [text[: ends[0]]]
        for header, end in zip(headers, ends[1:], strict=True):
            parts += [*header.groups(), text[header.end() : end]]
        return parts

    def _usual_name(self, author: str | None) -> str | None:
        """The name for the rows of an author, or None where each row has to be looked at."""
        if author is None or author in self.sample.surnames or _is_notice(author, self.bracketed):
            return None
        return _clean(author)

    def _row(self, author: str | None, body: str) -> tuple[str | None, str, Kind]:
        if author is None:
            return None, without_marks(body), Kind.SYSTEM
        if _is_notice(author, self.bracketed):
            return None, f"{author}: {body}", Kind.SYSTEM
        name = _clean(author)
        surname = self.sample.surnames.get(author)
        if surname is not None and body.startswith(f"{surname}: "):
            name, body = f"{name}: {surname}", body[len(surname) + 2 :]
        kind, text = kind_of(body)
        if kind is Kind.TEXT and self.bracketed and body.startswith(MARK):
            # In a language without strings here. A notice names its actor, or comes from the group itself.
            text = without_marks(body)
            kind = Kind.SYSTEM if text.startswith(name) or author not in self.sample.writers else Kind.MEDIA
        return (None if kind is Kind.SYSTEM else name), text, kind


def _clock(text: str) -> time:
    if (clock := to_clock(text)) is None:
        raise _Impossible
    return clock


def _to_look_at(text: str, authors: list[str | None], texts: list[str]) -> list[int]:
    """The rows that may be something other than words of their author, by signs that are cheap to see."""
    exact = exact_bodies()
    rows = enumerate(zip(authors, texts, strict=True))
    if MARK in text or "maps.google." in text:
        return [row for row, (author, body) in rows if author is None or body in exact or _SIGNS.search(body)]
    return [
        row
        for row, (author, body) in rows
        if author is None or body in exact or body[-1:] in _ENDS or ("\n" in body and _SIGNS.search(body))
    ]


@lru_cache
def _is_notice(author: str, bracketed: bool) -> bool:
    """A notice with a colon in it, as in: Ann changed the subject to "Trip: Rome"."""
    if bracketed:  # such exports mark their notices
        return False
    unclosed = any(author.count(opening) > author.count(closing) for opening, closing in _QUOTES)
    return unclosed or author.count('"') % 2 == 1 or len(author) > _LONGEST_NAME


@lru_cache
def _clean(author: str) -> str:
    return " ".join(to_plain(author).split())
