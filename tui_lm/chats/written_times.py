"""Parses dates and times of any locale, for all formats.

    "14. 2. 2025 18:45"   "2025. 2. 14. 오후 6:45"   "18:45 14/02/2025"   "Feb 14, 2025 6:45:00 p. m."
    "14 févr. 2025 à 18:45"   "Sat, 01 Mar 2025 10:00:00 -0400"   "12.01.2025 15:00:22 UTC+01:00"

`Notes.decide` decides once per file which number is the day; a named month leaves no choice.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

from tui_lm.chats.dates import EVENING, MORNING, DateOrder, Fields, from_iso, to_clock, to_date
from tui_lm.chats.weekdays import weekday_in

_LONGEST = 80  # characters
_MARKS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
_PLAIN = re.compile(r"(\d{4}|\d\d?)[./-](\d\d?)[./-](\d{4}|\d\d?),? (\d\d?:\d\d(?::\d\d)?)", re.ASCII)
_NUMERIC = re.compile(
    r"(?<!\d)(\d{4}|\d{1,2})\s?[./\-年년]\s?(\d{1,2}|\d{4})\s?[./\-月월]\s?(\d{4}|\d{1,2})(?!\d|:\d)\s?[.日일]?"
)
_CLOCK = re.compile(r"(?<!\d)(\d{1,2}[:.]\d\d(?:[:.]\d\d)?)(?:[.,]\d+)?(?!\d)")
_WORDED_CLOCK = re.compile(
    r"(?<!\d)(\d{1,2})\s?[時时시点點h]\s?(\d{1,2})(?:\s?(?:分|분|min|m)(?:\s?(\d{1,2})\s?[秒초s])?)?(?!\d)"
)
_OFFSET = re.compile(r"(?:(?<=:\d\d)|(?<=\s)|UTC|GMT)([+\-\u2212])(\d{1,2}):?(\d\d)?$|(?:Z|UTC|GMT)$")
_WORD = re.compile(r"[^\d\s.,:|/()\[\]\-]+")
_NUMBER = re.compile(r"(?<!\d)\d+(?!\d)")
_BEYOND = re.compile(r"[\d|]")  # what stands on the other side of a number says nothing about the time

# Words beside a time of day that do not say AM or PM.
_FILLERS = frozenset(
    (
        "at",
        "um",
        "à",
        "a",
        "om",
        "klo",
        "kl",
        "o",
        "v",
        "в",
        "г",
        "uhr",
        "h",
        "ч",
        "las",
        "alle",
        "alla",
        "ob",
        "u",
        "às",
        "la",
        "saat",
        "ore",
        "the",
        "de",
        "del",
        "y",
    )
)


@cache
def _months() -> dict[str, int]:
    """The number of each month by its name and short names in some ninety languages, in lower case without dots."""
    lists: list[str] = _locale_words()["months"]
    return {word: number for number, words in enumerate(lists, start=1) for word in words.split()}


@cache
def _halves() -> dict[str, str]:
    """ "am" or "pm" by the word for that half of the day, without spaces and dots."""
    words = _locale_words()
    morning, evening = (*MORNING, *words["morning"].split()), (*EVENING, *words["evening"].split())
    return {**dict.fromkeys(evening, "pm"), **dict.fromkeys(morning, "am")}


@cache
def _locale_words() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(files("tui_lm.chats").joinpath("locale_words.json").read_text("utf-8"))
    return loaded


class WrittenTime(NamedTuple):
    """A parsed text: the three numbers of a date, the time of day, and an offset.

    If the month is named, `fields` are year, month and day.
    """

    fields: Fields
    clock: time
    offset: timedelta | None = None

    def at(self, order: DateOrder) -> datetime | None:
        """The time: UTC if the text has an offset, else naive. None if there is no such day."""
        day = to_date(self.fields, order)
        if day is None:
            return None
        moment = datetime.combine(day, self.clock)
        if self.offset is None:
            return moment
        try:
            return moment.replace(tzinfo=timezone(self.offset)).astimezone(UTC)
        except (ValueError, OverflowError):
            return None


def month_by_name(word: str) -> int | None:
    """The number of a month from its name or usual abbreviation, in about 25 languages."""
    return _months().get(word.casefold().rstrip("."))


@lru_cache(maxsize=4096)
def written_time(text: str) -> WrittenTime | None:
    """The date and time of day that make up `text`. None for any other text, or with an unknown word."""
    if len(text) > _LONGEST:
        return None
    if (plain := _PLAIN.fullmatch(text)) is not None:  # the most frequent, and so the first
        clock = to_clock(plain[4])
        return None if clock is None else WrittenTime((plain[1], plain[2], plain[3]), clock)
    text = " ".join(_MARKS.sub("", text).replace("،", ",").split())
    if _ISO.match(text):
        return _of_iso(text)
    text, offset = _without_offset(text)
    if not _months_in(text) and (numeric := _NUMERIC.search(text)) is not None:
        fields: Fields | None = (numeric[1], numeric[2], numeric[3])
        rest = text[: numeric.start()] + " | " + text[numeric.end() :]
    else:
        fields, rest = None, text
    found = _WORDED_CLOCK.search(rest) or _CLOCK.search(rest)
    if found is None:
        return None
    before, after = rest[: found.start()], rest[found.end() :]
    if fields is None:
        fields = _named_fields(f"{before} {after}")
    half = _half_of(before, after)
    if half is None and int(_NUMBER.findall(found[0])[0]) > 12:
        half = ""  # a word that is not known, beside a time that needs none
    clock = to_clock(":".join(filter(None, found.groups())) + (half or ""))
    return None if fields is None or half is None or clock is None else WrittenTime(fields, clock, offset)


def _of_iso(text: str) -> WrittenTime | None:
    if (moment := from_iso(text)) is None:
        return None
    fields = (f"{moment.year:04}", str(moment.month), str(moment.day))
    clock = moment.time()
    return WrittenTime(fields, clock, timedelta() if moment.tzinfo else None)


def _without_offset(text: str) -> tuple[str, timedelta | None]:
    """The text before a final "+0100", "UTC+01:00", "GMT" or "Z", and the offset."""
    if (found := _OFFSET.search(text)) is None:
        return text, None
    start = text[: found.start()].rstrip()
    if found[1] is None:
        return start, timedelta()
    size = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    return start, size if found[1] == "+" else -size


def _named_fields(text: str) -> Fields | None:
    """Year, month and day of "Sat, 14. February 2025": one name of a month, a year of four digits, a day."""
    months = _months_in(text)
    numbers = _NUMBER.findall(text)
    years = [number for number in numbers if len(number) == 4]
    days = [number for number in numbers if len(number) <= 2]
    if not months or len(years) != 1 or len(days) != 1:
        return None
    return years[0], str(months[0]), days[0]


def _months_in(text: str) -> list[int]:
    """The months that a text names. Where a word may be a weekday too, as "mar", other words are preferred."""
    named = [(word, month) for word in _WORD.findall(text) if (month := month_by_name(word)) is not None]
    months = [month for word, month in named if weekday_in(word) is None]
    return months or [month for _, month in named[-1:]]


def _half_of(before: str, after: str) -> str | None:
    """The AM or PM word beside a time of day, "" if there is none, None for an unknown word."""
    words_before = [word.casefold() for word in _WORD.findall(_BEYOND.split(before)[-1])]
    words_after = [word.casefold() for word in _WORD.findall(_BEYOND.split(after)[0])]
    for words in (words_after[:2], words_after[:1], words_before[-2:], words_before[-1:]):  # "p. m." is two words
        if (half := _halves().get("".join(words))) is not None:
            return half
    known = not words_after or words_after[0] in _FILLERS or month_by_name(words_after[0]) is not None
    return "" if known else None


def to_day(text: str, order: DateOrder) -> date | None:
    """The date of a text without a time of day: "Sat, 03/01/2025", "2025年3月1日", "14 février 2025"."""
    text = _MARKS.sub("", text[:_LONGEST])
    numeric = _NUMERIC.search(text)
    fields = (numeric[1], numeric[2], numeric[3]) if numeric else _named_fields(text)
    return None if fields is None else to_date(fields, order)
