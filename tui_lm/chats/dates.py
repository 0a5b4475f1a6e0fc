"""Parses the dates and times of exports, and decides once per file which field is the day."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal, get_args

from tui_lm.chats.calendars import to_gregorian

DateOrder = Literal["dmy", "mdy", "ymd"]
DATE_ORDERS: tuple[DateOrder, ...] = get_args(DateOrder)
GUESSED = "the order of day and month is a guess (day first): no date in the file shows it"

Fields = tuple[str, str, str]  # the three numbers of a date, as written

# Case-folded, without dots and spaces.
MORNING = (
    "am",
    "上午",
    "午前",
    "凌晨",
    "早上",
    "清晨",
    "오전",
    "ص",
    "قظ",
    "पूर्वाह्न",
    "sa",
    "πμ",
    "öö",
    "de",
    "dop",
    "fm",
    "pg",
    "pd",
    "قبلازظهر",
    "قبل‌ازظهر",
    "ก่อนเที่ยง",
    "পূর্বাহ্ণ",
    "முற்பகல்",
    "ಪೂರ್ವಾಹ್ನ",
    "मपू",
)
EVENING = (
    "pm",
    "下午",
    "晚上",
    "中午",
    "傍晚",
    "午後",
    "오후",
    "م",
    "بظ",
    "अपराह्न",
    "ch",
    "μμ",
    "ös",
    "du",
    "odp",
    "em",
    "ptg",
    "md",
    "بعدازظهر",
    "หลังเที่ยง",
    "অপরাহ্ণ",
    "பிற்பகல்",
    "ಅಪರಾಹ್ನ",
    "मउ",
    "夜晚",
)
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_ENOUGH = 5  # dates of one form, each on another day than the one before
_NUMBER = re.compile(r"\d+")
_NO_WORD = re.compile(r"[\d\s.:\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def date_fields(text: str) -> Fields:
    """The three numbers of a numeric date."""
    first, second, third = _NUMBER.findall(text)
    return first, second, third


@lru_cache(maxsize=4096)
def to_clock(text: str) -> time | None:
    """The time of day of "9:29 p. m.", "下午9:29", "21.29:01"; or None if it is no time of day."""
    try:
        hour, minute, second = (*map(int, _NUMBER.findall(text)), 0, 0, 0)[:3]
        word = _NO_WORD.sub("", text).casefold()
        if word and 1 <= hour <= 12:
            hour = hour % 12 + 12 * (word in EVENING)
        return time(0 if hour == 24 else hour, minute, second)
    except (ValueError, OverflowError):
        return None


def month_of(word: str) -> int | None:
    """The number of a month from its English name or an abbreviation."""
    start = word[:3].casefold()
    return MONTHS.index(start) + 1 if start in MONTHS else None


def from_epoch(value: object, per_second: int = 1) -> datetime | None:
    """UTC from the time since 1970, in units of 1 / `per_second` s, as a number or a string of digits; else None."""
    try:
        whole, _, fraction = str(value).partition(".")
        seconds, rest = divmod(int(whole), per_second)
        micro = rest * 1_000_000 // per_second + int(fraction[:6].ljust(6, "0"))
        return datetime.fromtimestamp(seconds, UTC) + timedelta(microseconds=micro)
    except (ValueError, OverflowError, OSError):
        return None


def from_iso(value: object) -> datetime | None:
    """An ISO time: UTC if it has an offset, else naive. None for any other text."""
    try:
        moment = datetime.fromisoformat(str(value))
        return moment.astimezone(UTC) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        return None


def to_date(fields: Fields, order: DateOrder) -> date | None:
    """The date, or None if there is no such day. A field of four digits is the year in any position."""
    try:
        first, second, third = map(int, fields)
        if len(fields[0]) > 2:
            year, month, day = first, second, third
        elif len(fields[1]) > 2:
            year, (day, month) = second, (first, third) if order == "dmy" else (third, first)
        elif order == "ymd":
            year, month, day = first, second, third
        else:
            year, (day, month) = third, (first, second) if order == "dmy" else (second, first)
        if year < 100:
            year += 2000
        if year > 2400 or 1300 <= year <= 1500:
            return to_gregorian(year, month, day)
        return date(year, month, day)
    except (ValueError, OverflowError):
        return None


def named_date(month: str, day: str, year: str) -> date | None:
    """The date of "May", "17" and "2022", or None if there is no such day."""
    number = month_of(month)
    try:
        return date(int(year), number, int(day)) if number else None
    except (ValueError, OverflowError):
        return None


class DateOrderEvidence:
    """Collects the dates of a file, in their order, until they show which field is the day.

    A leading year of four digits shows it, or a value over 12. The majority of several such dates decides, because a
    pasted text may have another form. If all values are small, the order in which time runs backwards less often wins;
    `verdict` is None if that is a draw too.
    """

    def __init__(self) -> None:
        self._votes: dict[DateOrder, int] = {"dmy": 0, "mdy": 0, "ymd": 0}
        self._backwards: dict[DateOrder, int] = {"dmy": 0, "mdy": 0}
        self._previous: Fields | None = None
        self._last: dict[DateOrder, date] = {}

    @property
    def conclusive(self) -> bool:
        return max(self._votes.values()) >= _ENOUGH

    def add(self, fields: Fields) -> None:
        if fields == self._previous:
            return
        self._previous = fields
        if len(fields[0]) > 2:
            self._votes["ymd"] += 1
            return
        first, second = int(fields[0]), int(fields[2] if len(fields[1]) > 2 else fields[1])
        if first > 12 >= second:
            self._votes["dmy"] += 1
        elif second > 12 >= first:
            self._votes["mdy"] += 1
        elif first <= 12 and second <= 12:
            self._run_on(fields)

    def _run_on(self, fields: Fields) -> None:
        for order in self._backwards:
            if (day := to_date(fields, order)) is not None:
                self._backwards[order] += order in self._last and day < self._last[order]
                self._last[order] = day

    def verdict(self) -> DateOrder | None:
        if any(self._votes.values()):
            return max(self._votes, key=lambda order: self._votes[order])
        day_first, month_first = self._backwards["dmy"], self._backwards["mdy"]
        if day_first == month_first:
            return None
        return "dmy" if day_first < month_first else "mdy"
