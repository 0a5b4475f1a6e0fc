"""The header of a WhatsApp row: date, time and punctuation, in the style of one phone.

Phones write it in the form of their locale. A general pattern finds the style of the first rows, from which a strict
pattern is built. whatsapp_styles.py decides whether a line in another style starts a row or was pasted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import islice

from tui_lm.chats.dates import EVENING, MORNING
from tui_lm.chats.whatsapp_strings import BIDI, without_marks

_SPACES = {ord(space): " " for space in "\u00a0\u2007\u2009\u200a\u202f\u3000"}
_SPACE = "[ \u00a0\u2007\u2009\u200a\u202f\u3000]"
_MARKS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_LONGEST = 90  # maximum length of a header in characters
_NUMBER = re.compile(r"\d+")
# "Ann: ", or "Ann:" for an empty message. A row without it is a system notice.
_AUTHOR = r"(?:([^:\n]+):(?:\ |(?=\n)|\Z))?"


def to_plain(text: str) -> str:
    """A header with plain spaces and commas and without invisible marks. Not for message texts."""
    return without_marks(text).translate(_SPACES).replace("،", ",")


@cache
def _half_day() -> str:
    """A pattern for "pm", "p. m.", "下午" and similar words, in plain text."""
    words = sorted({*MORNING, *EVENING}, key=len, reverse=True)
    return "(?i:" + "|".join(r"\.?\ ?".join(map(re.escape, word)) + r"\.?" for word in words) + ")"


@cache
def _general(*, time_first: bool) -> re.Pattern[str]:
    """The pattern of a header with the date first or, as in Vietnam, with the time first."""
    date = (
        r"(?P<date>\d{1,4}(?P<point>\ ?[./-]\ ?)\d{1,4}(?P=point)\d{1,4}|\d{4}[年년]\ ?\d{1,2}[月월]\ ?\d{1,2}[日일])"
    )
    clock = rf"""
        (?P<before>{_half_day()}\ ?)?
        (?P<clock>\d{{1,2}}(?P<colon>[:.])\d\d(?P<seconds>(?P=colon)\d\d)?)
        (?P<after>\ ?{_half_day()})?
        """
    gap = rf"(?P<gap>\.?,?\ (?:(?!{_half_day()}\ ?\d)[^\W\d_]{{1,5}}\.?,?\ )?|,)"
    close = r"(?P<close>\]\ ?|\ [-–—]\ |:\ )"
    form = rf"{clock}(?P<gap>,?\ ){date}" if time_first else f"{date}{gap}{clock}"
    return re.compile(rf"(?P<open>\[)?{form}{close}", re.VERBOSE)


@dataclass(frozen=True, slots=True)
class HeaderStyle:
    """The form in which one phone writes headers, the same for all rows of an export."""

    bracketed: bool
    date_points: tuple[str, str, str]  # the text after the first, second and third number
    year_digits: tuple[bool, bool, bool]  # the field of the date that has four digits
    gap: str
    half_day_before: bool
    clock_point: str
    seconds: bool
    half_day_after: bool
    close: str
    time_first: bool = False

    def pattern(self, marks_inside: bool) -> re.Pattern[str]:
        """Groups: date, clock, author; with `time_first` clock, date, author.

        It starts with the newline, so that the search can skip lines.
        """
        mark = f"[{BIDI}]{{0,3}}" if marks_inside else ""
        space = mark + _SPACE + mark
        half_day = _half_day().replace(r"\ ", _SPACE)
        points = (mark + _loosely(point, space) + mark if point else "" for point in self.date_points)
        numbers = (r"\d{4}" if full else r"\d{1,2}" for full in self.year_digits)
        date = "".join(number + point for number, point in zip(numbers, points, strict=True))
        clock = rf"\d{{1,2}}{mark}{re.escape(self.clock_point)}{mark}\d\d"
        if self.seconds:
            clock += rf"{mark}{re.escape(self.clock_point)}{mark}\d\d"
        if self.half_day_before:
            clock = f"{mark}{half_day}{mark}{_SPACE}?{mark}{clock}"
        if self.half_day_after:
            clock = f"{clock}{mark}{_SPACE}?{mark}{half_day}"
        # Mail programs insert blanks before the bracket.
        start = rf"\n[{BIDI}]*" + (rf"{_SPACE}{{0,3}}[{BIDI}]*\[" if self.bracketed else "") + mark
        gap = mark + _loosely(self.gap, space) + mark
        close = mark + _loosely(self.close, space)
        first, second = (clock, date) if self.time_first else (date, clock)
        return re.compile(f"{start}({first}){gap}({second}){close}[{BIDI}]*{_AUTHOR}")


def _loosely(literal: str, space: str) -> str:
    forms = {" ": space, ",": "[,،]"}
    return "".join(forms.get(character) or re.escape(character) for character in literal)


def style_of(line: str) -> tuple[HeaderStyle, bool] | None:
    """The style of a row's first line, and whether it has invisible marks; None for any other line."""
    raw = line[:_LONGEST].lstrip("\ufeff").lstrip(_MARKS)
    if raw[:1].isspace() and (bracket := raw.lstrip().lstrip(_MARKS)).startswith("["):
        raw = bracket
    plain = to_plain(raw)
    found = _general(time_first=False).match(plain)
    if found is None and plain.lstrip("[")[:1].isdigit():
        found = _general(time_first=True).match(plain)
    if found is None or bool(found["open"]) != found["close"].startswith("]"):
        return None
    lengths = [len(number) for number in _NUMBER.findall(found["date"])]
    if 3 in lengths or lengths.count(4) > 1:
        return None
    first, second, third = (length == 4 for length in lengths)
    style = HeaderStyle(
        bracketed=bool(found["open"]),
        date_points=_points(found["date"]),
        year_digits=(first, second, third),
        gap=found["gap"],
        half_day_before=bool(found["before"]),
        clock_point=found["colon"],
        seconds=bool(found["seconds"]),
        half_day_after=bool(found["after"]),
        close=found["close"],
        time_first=found.start("clock") < found.start("date"),
    )
    return style, len(without_marks(raw[: found.end()])) < len(raw[: found.end()])


def _points(date: str) -> tuple[str, str, str]:
    """The texts after the numbers of a date: (".", ".", ""), ("年", "月", "日")."""
    _, first, second, third = _NUMBER.split(date)
    return first, second, third


@dataclass(frozen=True, slots=True)
class Header:
    """A style and its pattern."""

    style: HeaderStyle
    pattern: re.Pattern[str]

    @classmethod
    def of(cls, style: HeaderStyle, marks_inside: bool) -> Header:
        return cls(style, style.pattern(marks_inside))

    @property
    def date_group(self) -> int:
        """The number of the date group of the pattern, 1 or 2; the other one is the time."""
        return 2 if self.style.time_first else 1


def find_header(lines: Iterable[str]) -> Header | None:
    """The header style of a file that starts with these lines, or None if it is no export."""
    seen: Counter[HeaderStyle] = Counter()
    marked: set[HeaderStyle] = set()
    total = 0
    first: HeaderStyle | None = None
    for line in islice((line for line in lines if line.strip()), 4000):
        total += 1
        if (found := style_of(line)) is not None:
            style, has_marks = found
            seen[style] += 1
            if has_marks:
                marked.add(style)
            if total == 1:
                first = style
    if first is None and seen:  # an excerpt that starts in the middle of a message
        first, count = seen.most_common(1)[0]
        if count < 3 or count * 5 < total:
            return None
    return None if first is None else Header.of(first, first in marked)
