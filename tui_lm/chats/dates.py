"""Numeric dates: which field is the day, decided once a file, and fields to dates."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Literal, get_args

DateOrder = Literal["dmy", "mdy", "ymd"]
DATE_ORDERS: tuple[DateOrder, ...] = get_args(DateOrder)
GUESSED = "the order of day and month is a guess (day first): no date in the file tells; --date-order decides"

Fields = tuple[str, str, str]  # of a date, as written


def to_date(fields: Fields, order: DateOrder) -> date | None:
    """The date, or None where there is no such day. A year of four digits is the year wherever it stands."""
    first, second, third = fields
    if len(first) > 2:
        year, month, day = int(first), int(second), int(third)
    elif len(second) > 2:
        year, rest = int(second), (int(first), int(third))
        day, month = rest if order == "dmy" else rest[::-1]
    elif order == "ymd":
        year, month, day = int(first), int(second), int(third)
    else:
        year, rest = int(third), (int(first), int(second))
        day, month = rest if order == "dmy" else rest[::-1]
    if year < 100:
        year += 2000
    elif year > 2400:  # the Buddhist calendar, as phones in Thailand write it
        year -= 543
    try:
        return date(year, month, day)
    except ValueError:
        return None


class DateOrderEvidence:
    """Collects the dates of a file, in its order, until they tell which field is the day.

    A year of four digits in front is conclusive, then a value over 12. Where all values are small, the order
    in which time runs backwards less often wins; `verdict` is None where even that is a draw.
    """

    def __init__(self) -> None:
        self._votes: dict[DateOrder, int] = {"dmy": 0, "mdy": 0, "ymd": 0}
        self._previous: Fields | None = None
        self._backwards: dict[DateOrder, int] = {"dmy": 0, "mdy": 0}
        self._last: dict[DateOrder, date] = {}

    @property
    def conclusive(self) -> bool:
        return any(self._votes.values())

    def add(self, dates: Iterable[Fields]) -> None:
        for fields in dates:
            if fields == self._previous:
                continue
            self._previous = fields
            if len(fields[0]) > 2:
                self._votes["ymd"] += 1
                continue
            day_or_month = (fields[0], fields[2]) if len(fields[1]) > 2 else fields[:2]
            first, second = map(int, day_or_month)
            if first > 12 >= second:
                self._votes["dmy"] += 1
            elif second > 12 >= first:
                self._votes["mdy"] += 1
            elif first <= 12 and second <= 12:
                self._run_on(fields)

    def _run_on(self, fields: Fields) -> None:
        for order in self._backwards:
            day = to_date(fields, order)
            if day is None:
                continue
            self._backwards[order] += order in self._last and day < self._last[order]
            self._last[order] = day

    def verdict(self) -> DateOrder | None:
        if self.conclusive:
            return max(self._votes, key=lambda order: self._votes[order])
        day_first, month_first = self._backwards["dmy"], self._backwards["mdy"]
        if day_first == month_first:
            return None
        return "dmy" if day_first < month_first else "mdy"
