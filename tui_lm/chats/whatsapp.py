"""WhatsApp, "Export chat": the text file of Android and iOS, in any locale."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import lru_cache

from tui_lm.chats.dates import DateOrder, Fields, date_fields, to_clock, to_date
from tui_lm.chats.document import BLOCK, Document
from tui_lm.chats.formats import Notes
from tui_lm.chats.message import Kind, Message
from tui_lm.chats.whatsapp_header import find_pattern, to_plain
from tui_lm.chats.whatsapp_kinds import exact_bodies, kind_of
from tui_lm.chats.whatsapp_strings import MARK, strings, without_marks
from tui_lm.errors import TuiLmError

_GROUPS = 4  # of a split row: date, clock, author, body
_LONGEST_NAME = 100  # characters
_FEW_AUTHORS = 8  # in a channel of more, "name: " at the start of a message addresses somebody
_LONGEST_MESSAGE = 64 * BLOCK
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
    return _Rows(pattern, order, sample, notes, r"\[" in pattern.pattern).of(document)


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


@dataclass(slots=True)
class _Rows:
    """Turns blocks of text into messages. All loops over rows run inside the regex engine, maps and dicts."""

    pattern: re.Pattern[str]
    order: DateOrder
    sample: _Sample
    notes: Notes
    bracketed: bool
    days: dict[str, date] = field(default_factory=dict)
    clocks: dict[str, time] = field(default_factory=dict)
    names: dict[str | None, str | None] = field(default_factory=lambda: {None: None})

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
        parts = self.pattern.split(text)
        if not self._learn(parts[1::_GROUPS], parts[2::_GROUPS]):
            parts = self._split_at_real_headers(text)
        if first and parts[0].strip():
            self.notes.warn("the text before the first message was left out")
        dates, clocks, raw_authors, texts = (parts[group::_GROUPS] for group in range(1, _GROUPS + 1))
        for author in set(raw_authors) - self.names.keys():
            self.names[author] = self._usual_name(author)
        authors = [self.names[author] for author in raw_authors]
        kinds = [Kind.TEXT] * len(texts)
        for row in _to_look_at(text, authors, texts):
            authors[row], texts[row], kinds[row] = self._row(raw_authors[row], texts[row])
        days = map(self.days.__getitem__, dates)
        times = map(self.clocks.__getitem__, clocks)
        moments = map(datetime.combine, days, times)
        return map(Message._make, zip(authors, texts, moments, kinds, strict=True))

    def _learn(self, dates: list[str], clocks: list[str]) -> bool:
        """Parses the dates and times that were not seen before; False if one of them does not exist."""
        for date_text in set(dates) - self.days.keys():
            if (day := to_date(date_fields(date_text), self.order)) is None:
                return False
            self.days[date_text] = day
        for clock_text in set(clocks) - self.clocks.keys():
            if (clock := to_clock(clock_text)) is None:
                return False
            self.clocks[clock_text] = clock
        return True

    def _is_real(self, header: re.Match[str]) -> bool:
        return self._learn([header[1]], [header[2]])

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


def _to_look_at(text: str, authors: list[str | None], texts: list[str]) -> list[int]:
    """The rows that may be something other than words of their author, by signs that are cheap to see."""
    exact = exact_bodies()
    mark = MARK if MARK in text else "\0"
    maps = "maps.google." if "maps.google." in text else "\0"
    return [
        row
        for row, body in enumerate(texts)
        if authors[row] is None or body in exact or body[-1:] in ">)" or "\n" in body or mark in body or maps in body
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
