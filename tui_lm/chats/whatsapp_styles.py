"""Decides which lines that look like WhatsApp headers start a row.

A file can have several styles, if a phone changed its language or clock, or if a later export was appended. A line in
another style starts a row if its time continues that of the file. A pasted chat is older than the message that contains
it, and its authors do not write in the file: it stays part of its message.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice

from tui_lm.chats.dates import DateOrder, DateOrderEvidence, date_fields, to_clock, to_date
from tui_lm.chats.whatsapp_header import Header, HeaderStyle, style_of
from tui_lm.chats.whatsapp_strings import BIDI

LATE = timedelta(minutes=5)  # by which the row of an unknown author may be late
LONG_AGO = timedelta(days=1)
_LONGEST_RUN = 200  # lines of another style, of which the dates are looked at
_LONGEST_PASTE = 200  # minimum lines of a pasted chat in the file's own style
# A cheap search for possible headers; `style_of` decides.
_CANDIDATE = re.compile(
    rf"\n[ {BIDI}]{{0,8}}\[?[{BIDI}]{{0,3}}"
    r"(?:\d{1,4}[^\w\n]{1,5}\d{1,4}|\d{4}[年년]|[^\W\d]{1,4}\d{1,2}:\d\d)"
)

Known = Callable[[str], bool]  # whether this name, as written, has a row in the file


@dataclass(frozen=True, slots=True)
class Style:
    """A header style of the file, and the order of day and month of its dates."""

    header: Header
    order: DateOrder

    def moment(self, found: re.Match[str]) -> datetime | None:
        return moment_of(found, self.header, self.order)


@lru_cache
def _loose_header(style: HeaderStyle) -> Header:
    return Header.of(style, marks_inside=True)


def moment_of(found: re.Match[str], header: Header, order: DateOrder) -> datetime | None:
    """The time of a row, or None if there is no such day or time."""
    first, second = found[1], found[2]
    date, clock = (second, first) if header.date_group == 2 else (first, second)
    day, time = to_date(date_fields(date), order), to_clock(clock)
    return None if day is None or time is None else datetime.combine(day, time)


@dataclass(slots=True)
class _Line:
    """A line that looks like a header: with its time if it has a style of the file, or in another style."""

    found: re.Match[str]
    style: Style | None
    moment: datetime | None
    header: Header

    @property
    def author(self) -> str | None:
        return self.found[3]


@dataclass(frozen=True, slots=True)
class RowStart:
    """The start of a row of the file."""

    found: re.Match[str]
    style: Style
    moment: datetime


@dataclass(slots=True)
class Styles:
    """The styles of a file: one at first, more as they are found."""

    accepted: list[Style]
    forced_order: DateOrder | None  # chosen by the user
    current: Style = field(init=False)

    def __post_init__(self) -> None:
        self.current = self.accepted[0]

    def rows(
        self, text: str, latest: datetime | None, upcoming: datetime | None, known: Known
    ) -> tuple[list[RowStart], int]:
        """The starts of rows in a text, and the number of lines that only look like one.

        `latest` is the latest time before the text, `upcoming` that of the row after it.
        """
        lines = self._lines(text)
        regulars = _regulars(lines, latest)

        def is_known(author: str) -> bool:
            return author in regulars or known(author)  # grows with the rows of further styles

        rows: list[RowStart] = []
        as_text = index = 0
        while index < len(lines):
            line = lines[index]
            if line.style is None and self._accept(lines, index, latest, upcoming, is_known):
                self._recognise(lines, index)
            at_start = line.found.start() == 0 and line.moment is not None
            pasted = 0 if at_start else self._pasted(lines, index, rows, latest, upcoming, is_known)
            as_text += pasted
            index += max(pasted, 1)
            if pasted or line.style is None or line.moment is None:
                continue
            rows.append(RowStart(line.found, line.style, line.moment))
            self.current = line.style
            if latest is None or line.moment >= latest:
                regulars.add(line.author)
            latest = line.moment if latest is None else max(latest, line.moment)
        return rows, as_text

    def _lines(self, text: str) -> list[_Line]:
        lines = []
        for candidate in _CANDIDATE.finditer(text):
            line = self._line(text, candidate.start())
            if line is not None:
                lines.append(line)
        return lines

    def _line(self, text: str, position: int) -> _Line | None:
        for style in self.accepted:
            if found := style.header.pattern.match(text, position):
                return _Line(found, style, style.moment(found), style.header)
        end = text.find("\n", position + 1)
        described = style_of(text[position + 1 : end if end >= 0 else len(text)])
        if described is None:
            return None
        header = _loose_header(described[0])
        found = header.pattern.match(text, position)
        return None if found is None else _Line(found, None, None, header)

    def _accept(
        self, lines: list[_Line], index: int, latest: datetime | None, upcoming: datetime | None, known: Known
    ) -> bool:
        """Accepts the style of a line as one of the file if its times continue those of the file."""
        header = lines[index].header
        run: list[_Line] = []
        after = upcoming
        for line in islice(lines, index, None):
            if line.style is not None and line.moment is not None and (latest is None or line.moment >= latest):
                after = line.moment
                break
            if line.style is None and line.header.style == header.style:
                run.append(line)
                if len(run) == _LONGEST_RUN:
                    break
        author = run[0].author
        familiar = author is None or known(author)
        may_be_older = latest is not None and any(moment < latest for moment in self._possible_moments(run[0]))
        for order in self._orders(header.style, run, latest):
            moment = moment_of(run[0].found, header, order)
            if moment is None or (after is not None and moment > after):
                continue
            goes_on = latest is None or (moment > latest and (familiar or not may_be_older))
            same_minute = latest is not None and familiar and moment >= latest.replace(second=0, microsecond=0)
            if goes_on or same_minute:
                self.accepted.append(Style(header, order))
                return True
        return False

    def _possible_moments(self, line: _Line) -> list[datetime]:
        """The possible times of a line; with both orders of day and month if its style is not one of the file's."""
        if line.style is not None:
            return [] if line.moment is None else [line.moment]
        orders = self._orders(line.header.style, [line], None)
        moments = (moment_of(line.found, line.header, order) for order in orders)
        return [moment for moment in moments if moment is not None]

    def _orders(self, style: HeaderStyle, run: list[_Line], latest: datetime | None) -> list[DateOrder]:
        """The possible orders of the dates of a run, most probable first."""
        if style.year_digits[0]:
            return ["ymd"]
        if self.forced_order is not None:
            return [self.forced_order]
        evidence = DateOrderEvidence()
        group = run[0].header.date_group
        for line in run:
            evidence.add(date_fields(line.found[group]))
        if (verdict := evidence.verdict()) is not None:
            return [verdict]

        def gap(order: DateOrder) -> float:
            moment = moment_of(run[0].found, run[0].header, order)
            if moment is None:
                return float("inf")
            waited = 0.0 if latest is None else (moment - latest).total_seconds()
            return waited if waited >= -60 else float("inf")

        return sorted(("dmy", "mdy"), key=gap)

    def _recognise(self, lines: list[_Line], index: int) -> None:
        """Marks the lines from `index` on in the style accepted last as lines of the file."""
        style = self.accepted[-1]
        for line in islice(lines, index, None):
            if line.style is None and line.header.style == style.header.style:
                line.style = style
                line.moment = style.moment(line.found)

    def _pasted(
        self,
        lines: list[_Line],
        index: int,
        rows: list[RowStart],
        latest: datetime | None,
        upcoming: datetime | None,
        known: Known,
    ) -> int:
        """The number of lines from this one on that belong to the message before; 0 for a row of the file."""
        line = lines[index]
        if line.style is None or line.moment is None:
            return 1
        if latest is None or line.moment >= latest:
            return 0
        if line.style is not self.current:  # after a change of style, a line in an older time
            return 1 if line.moment < latest.replace(second=0, microsecond=0) else 0
        return self._length_of_paste(lines, index, rows, latest, upcoming, known)

    def _length_of_paste(
        self,
        lines: list[_Line],
        index: int,
        rows: list[RowStart],
        latest: datetime,
        upcoming: datetime | None,
        known: Known,
    ) -> int:
        """The number of lines of a chat pasted in the file's own style, after which the file continues; else 0."""
        if rows and rows[-1].found[3] is None:
            return 0
        run = 0
        for line in islice(lines, index, index + _LONGEST_PASTE + 1):
            if any(moment >= latest - LATE for moment in self._possible_moments(line)):
                return run
            author = line.author
            if line.style is not None and (author is None or known(author)):
                return 0
            run += 1
        if index + run < len(lines):
            return 0
        if upcoming is not None:
            return run if upcoming >= latest - LATE else 0
        first = lines[index].moment  # the file does not continue after it, so it must be much older
        return run if first is not None and first < latest - LONG_AGO else 0


def _regulars(lines: list[_Line], latest: datetime | None) -> set[str | None]:
    """The authors of rows at which time continues, who take part in the chat."""
    found: set[str | None] = set()
    for line in lines:
        if line.moment is not None and (latest is None or line.moment >= latest):
            found.add(line.author)
            latest = line.moment
    return found


def looks_like_header(bodies: Collection[str]) -> bool:
    """Whether a line inside one of these texts looks like a header."""
    return any(
        style_of(body[candidate.start() + 1 :][:120]) is not None
        for body in bodies
        for candidate in _CANDIDATE.finditer(body)
    )
