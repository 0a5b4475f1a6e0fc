"""WhatsApp, "Export chat": the text file of Android and iOS, in any locale."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from functools import lru_cache, partial
from itertools import islice, pairwise, repeat
from operator import gt
from typing import TypeVar, cast

from tui_lm.chats.dates import DateOrder, Fields, date_fields, to_clock, to_date
from tui_lm.chats.document import BLOCK, Document
from tui_lm.chats.formats import Notes
from tui_lm.chats.message import Kind, Message
from tui_lm.chats.whatsapp_header import Header, find_header, to_plain
from tui_lm.chats.whatsapp_kinds import exact_bodies, is_unmarked_notice, kind_of, long_notices
from tui_lm.chats.whatsapp_sample import Sample, sample_of
from tui_lm.chats.whatsapp_strings import MARK, strings, without_marks
from tui_lm.chats.whatsapp_styles import LATE, Style, Styles, looks_like_header
from tui_lm.errors import TuiLmError

AS_TEXT = "lines that look like the start of a message, but were taken as part of the one before"
BEFORE_THE_FIRST = "the text before the first message was left out"

_Written = TypeVar("_Written")
_Meant = TypeVar("_Meant")
_new_message = cast(Callable[[type[Message], tuple[object, ...]], Message], tuple.__new__)

_GROUPS = 4  # fields of a split row: date and time, or time and date; author; body
_LONGEST_NAME = 100  # characters
_NEAR = 50  # rows
_LONGEST_MESSAGE = 64 * BLOCK
_ENDS = frozenset((">", ")"))  # marks of <Media omitted>, <This message was edited>, IMG.jpg (file attached)
_SIGNS = re.compile(rf"{MARK}|[>)]\Z|\)\n|:\n|maps\.google\.")
_SECOND_NAME = re.compile(rf"([^\n:{MARK}]{{1,60}}): ?{MARK}(?!<)")
_MENTION = re.compile("@\u2068([^\u2068\u2069\n]*)\u2069")  # the app puts directional isolates around names
_QUOTES = (("“", "”"), ("«", "»"), ("„", "“"), ("「", "」"))


def recognises(head: str, name: str) -> bool:
    header = _header_of(head)
    if header is None:
        return False
    _, *rows = header.pattern.split("\n" + head)
    authors, bodies = rows[2::_GROUPS], rows[3::_GROUPS]
    notices = strings("notice_prefix")
    return any(authors) or any(without_marks(body).startswith(notices) for body in bodies)


def read(document: Document, notes: Notes) -> Iterator[Message]:
    """Looks ahead for the style of the headers and the order of day and month, then streams."""
    head = document.head().text
    header = _header_of(head)
    if header is None:
        raise TuiLmError(
            f"{document.name} has no line that starts like a WhatsApp message",
            "name another format, or let it be recognised",
            about="format",
        )
    forced = notes.date_order if notes.forced else None
    order = notes.decide(_dates(document, header), otherwise=lambda: _order_by_styles(head, header))
    _, *rows = header.pattern.split("\n" + head)
    sample = sample_of(rows[2::_GROUPS], rows[3::_GROUPS])
    return _Rows(Styles([Style(header, order)], forced), sample, notes).of(document)


def _order_by_styles(head: str, header: Header) -> DateOrder | None:
    """The order with which more lines in other styles continue the times of the file; None if both do alike."""
    orders: tuple[DateOrder, DateOrder] = ("dmy", "mdy")
    found = [
        len(Styles([Style(header, order)], None).rows("\n" + head, None, None, lambda _: False)[0]) for order in orders
    ]
    return None if found[0] == found[1] else orders[found.index(max(found))]


@lru_cache(maxsize=1)  # a file is first recognised, then read
def _header_of(head: str) -> Header | None:
    return find_header(head.split("\n"))


def _dates(document: Document, header: Header) -> Iterator[Fields]:
    """The dates of the headers that are complete in a block; the few others do not matter for the order."""
    for block in document.blocks():
        yield from map(date_fields, header.pattern.split("\n" + block)[header.date_group :: _GROUPS])


class _Impossible(Exception):
    """The day or time does not exist, so the line is text and not a header."""


class _Learned(dict[_Written, _Meant]):
    """The meaning of pieces of text, each computed once."""

    def __init__(self, meaning: Callable[[_Written], _Meant]) -> None:
        super().__init__()
        self._meaning = meaning

    def __missing__(self, text: _Written) -> _Meant:
        meant = self[text] = self._meaning(text)
        return meant


class _Rows:
    """Turns blocks of text into messages. The loops over rows run inside the regex engine, maps and dicts.

    Rows are examined one by one only if a block has doubtful headers, or times that go back.
    """

    def __init__(self, styles: Styles, sample: Sample, notes: Notes) -> None:
        (only,) = styles.accepted
        self.styles = styles
        self.header = only.header
        self.order: DateOrder = only.order
        self.sample = sample
        self.notes = notes
        self.latest: datetime | None = None
        self.ordered = True  # whether the times of the last block only increase
        self.days = _Learned(self._day)
        self.clocks = _Learned(_clock)
        self.names = {flag: _Learned(partial(self._usual_name, bracketed=flag)) for flag in (True, False)}

    def of(self, document: Document) -> Iterator[Message]:
        held = "\n"  # the search finds a header by the newline before it
        searched = 0
        first = True
        blocks = document.blocks()
        following = next(blocks, "")
        while following:
            text, following = held + following, next(blocks, "")
            if not following:  # the last block is not cut: all that tells pasted lines from rows is in it
                held = text
                break
            cut, upcoming = self._last_header(text, searched)
            if cut <= 0 and len(text) < 8 * BLOCK and self._changes_style(text):
                cut, upcoming = self._last_header(text, 1)
            if cut > 0:
                yield from self._messages(text[:cut], first, upcoming)
                first = False
            held = text[max(cut, 0) :]
            searched = max(0, len(held) - 200) if cut <= 0 else 1
            if len(held) > _LONGEST_MESSAGE:
                raise TuiLmError(
                    f"{document.name} has a message of more than {_LONGEST_MESSAGE >> 20} MB",
                    "is it a chat export?",
                )
        yield from self._messages(held.removesuffix("\n"), first, None)

    def _last_header(self, text: str, start: int) -> tuple[int, datetime | None]:
        """The start of a row near the end of the text, and its time; -1 if there is none. Text before it is complete.

        A row at which time goes back is not taken, because it may be a pasted line.
        """
        near: list[tuple[int, datetime]] = []
        end = len(text)
        while len(near) < _NEAR and (end := text.rfind("\n", start, end)) >= 0:
            for style in self.styles.accepted:
                found = style.header.pattern.match(text, end)
                if found and (moment := style.moment(found)):
                    near.append((end, moment))
        found_at, upcoming = near[0] if near else (-1, None)
        latest = self.latest
        for position, moment in reversed(near):
            if latest is None or moment >= latest:
                found_at, upcoming, latest = position, moment, moment
        return found_at, upcoming

    def _is_late(self, moment: datetime) -> bool:
        return self.latest is not None and moment < self.latest - LATE

    def _knows(self, author: str | None) -> bool:
        return author is None or any(author in names for names in self.names.values())

    def _changes_style(self, text: str) -> bool:
        """Whether a text with only one row in the known styles continues in another style."""
        before = len(self.styles.accepted)
        self.styles.rows(text, self.latest, None, self._knows)
        return len(self.styles.accepted) > before

    def _messages(self, text: str, first: bool, upcoming: datetime | None) -> Iterator[Message]:
        parts, moments, bracketed = self._parts(text, upcoming)
        if first and parts[0].strip():
            self.notes.warn(BEFORE_THE_FIRST)
        if not moments:
            return iter(())
        highest = moments[-1] if bracketed is None and self.ordered else max(moments)
        self.latest = highest if self.latest is None else max(self.latest, highest)
        raw_authors, texts = parts[3::_GROUPS], parts[4::_GROUPS]
        if bracketed is None:
            authors = list(map(self.names[self.header.style.bracketed].__getitem__, raw_authors))
        else:
            authors = [self.names[flag][author] for flag, author in zip(bracketed, raw_authors, strict=True)]
        if "@\u2068" in text:
            texts = [_MENTION.sub(r"@\1", body) if "\u2068" in body else body for body in texts]
        kinds = [Kind.TEXT] * len(texts)
        unmarked = self.header.style.bracketed and not self.sample.marked
        for row in _to_look_at(text, authors, texts, unmarked):
            flag = self.header.style.bracketed if bracketed is None else bracketed[row]
            authors[row], texts[row], kinds[row] = self._row(raw_authors[row], texts[row], flag)
        return map(_new_message, repeat(Message), zip(authors, texts, moments, kinds, strict=True))

    def _parts(self, text: str, upcoming: datetime | None) -> tuple[list[str], list[datetime], list[bool] | None]:
        """The text split at its headers, the times of the rows, and, if styles differ, which rows have brackets."""
        if len(self.styles.accepted) == 1:
            try:
                parts = self.header.pattern.split(text)
                moments = self._moments(parts)
                if not self._is_doubtful(parts, moments):
                    return parts, moments, None
            except _Impossible:
                pass
        rows, as_text = self.styles.rows(text, self.latest, upcoming, self._knows)
        if as_text:
            self.notes.count(AS_TEXT, as_text)
        ends = [*(row.found.start() for row in rows), len(text)]
        parts = [text[: ends[0]]]
        for row, end in zip(rows, ends[1:], strict=True):
            parts += [*row.found.groups(), text[row.found.end() : end]]
        return parts, [row.moment for row in rows], [row.style.header.style.bracketed for row in rows]

    def _is_doubtful(self, parts: list[str], moments: list[datetime]) -> bool:
        """Whether a line inside a text looks like a header, or time goes back at the row of an unknown author."""
        self.ordered = not any(map(gt, moments, islice(moments, 1, None)))
        if not self.ordered or (moments and self._is_late(moments[0])):
            authors = parts[3::_GROUPS]
            for (before, at), author in zip(pairwise([self.latest or moments[0], *moments]), authors, strict=True):
                if at < before - LATE and not self._knows(author):
                    return True
        return looks_like_header([body for body in parts[4::_GROUPS] if "\n" in body])

    def _moments(self, parts: list[str]) -> list[datetime]:
        group = self.header.date_group
        days = map(self.days.__getitem__, parts[group::_GROUPS])
        return list(map(datetime.combine, days, map(self.clocks.__getitem__, parts[3 - group :: _GROUPS])))

    def _day(self, text: str) -> date:
        if (day := to_date(date_fields(text), self.order)) is None:
            raise _Impossible
        return day

    def _usual_name(self, author: str | None, bracketed: bool) -> str | None:
        """The name for all rows of an author, or None if each row must be examined."""
        if author is None or author in self.sample.surnames or _is_notice(author, bracketed):
            return None
        return _clean(author)

    def _row(self, author: str | None, body: str, bracketed: bool) -> tuple[str | None, str, Kind]:
        if author is None:
            return None, without_marks(body), Kind.SYSTEM
        if _is_notice(author, bracketed):
            return None, f"{author}: {body}", Kind.SYSTEM
        name = _clean(author)
        surname = self.sample.surnames.get(author)
        if surname is not None and body.startswith(f"{surname}: "):
            name, body = f"{name}: {surname}", body[len(surname) + 2 :]
        if bracketed and (second := _SECOND_NAME.match(body)):  # a group's name with a colon, before a notice
            author, name, body = f"{author}: {second[1]}", f"{name}: {second[1]}", body[second.end() - 1 :]
        kind, text = kind_of(body, self.sample)
        if kind is Kind.TEXT and bracketed and body.startswith(MARK):
            # For a language without known strings: a notice names its actor, or comes from the group itself.
            text = without_marks(body)
            kind = Kind.SYSTEM if text.startswith(name) or author not in self.sample.writers else Kind.MEDIA
        elif kind is Kind.TEXT and bracketed and not self.sample.marked and is_unmarked_notice(name, text):
            kind = Kind.SYSTEM
        return (None if kind is Kind.SYSTEM else name), text, kind


def _clock(text: str) -> time:
    if (clock := to_clock(text)) is None:
        raise _Impossible
    return clock


def _to_look_at(text: str, authors: list[str | None], texts: list[str], unmarked: bool) -> list[int]:
    """The rows that may not be words of their author, found by cheap tests."""
    exact = exact_bodies()
    rows = enumerate(zip(authors, texts, strict=True))
    if MARK in text or "maps.google." in text:
        found = [row for row, (author, body) in rows if author is None or body in exact or _SIGNS.search(body)]
    else:
        found = [
            row
            for row, (author, body) in rows
            if author is None or body in exact or body[-1:] in _ENDS or ("\n" in body and _SIGNS.search(body))
        ]
    if unmarked:  # a notice starts with a name, or is one of a few long sentences
        notices = long_notices()
        pairs = enumerate(zip(authors, texts, strict=True))
        found += [row for row, (author, body) in pairs if author is not None and body.startswith((author, *notices))]
    return found


@lru_cache
def _is_notice(author: str, bracketed: bool) -> bool:
    """Whether a row is a notice with a colon, such as: Ann changed the subject to "Trip: Rome"."""
    if bracketed:  # such exports mark their notices
        return False
    unclosed = any(author.count(opening) > author.count(closing) for opening, closing in _QUOTES)
    return unclosed or author.count('"') % 2 == 1 or len(author) > _LONGEST_NAME


@lru_cache
def _clean(author: str) -> str:
    return " ".join(to_plain(author).split())
