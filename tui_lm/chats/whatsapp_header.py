"""The start of a WhatsApp row: date, time, and what stands around them. One style a file.

Phones write it in their locale's way, so the general form is found first, on the first lines of a file, and a
strict pattern is built from what was found: what somebody pasted from another phone stays inside its message.
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
_LONGEST = 90  # characters of a header with all its marks
_NUMBER = re.compile(r"\d+")
# "Ann: ", or "Ann:" where the message is empty. Without it the row is a notice of the system.
_AUTHOR = r"(?:([^:\n]+):(?:\ |(?=\n)|\Z))?"


def to_plain(text: str) -> str:
    """A header with its odd spaces and commas made plain and without invisible marks. Never for a body."""
    return without_marks(text).translate(_SPACES).replace("،", ",")


@cache
def _half_day() -> str:
    """A pattern for "pm", "p. m.", "下午" and the like, in plain text."""
    words = sorted({*MORNING, *EVENING}, key=len, reverse=True)
    return "(?i:" + "|".join(r"\.?\ ?".join(map(re.escape, word)) + r"\.?" for word in words) + ")"


@cache
def _general() -> re.Pattern[str]:
    return re.compile(
        rf"""
        (?P<open>\[)?
        (?P<date>\d{{1,4}}(?P<point>\ ?[./-]\ ?)\d{{1,4}}(?P=point)\d{{1,4}})
        (?P<gap>\.?,?\ (?:(?!{_half_day()}\ ?\d)[^\W\d_]{{1,5}}\.?,?\ )?|,)
        (?P<before>{_half_day()}\ ?)?
        (?P<clock>\d{{1,2}}(?P<colon>[:.])\d\d(?P<seconds>(?P=colon)\d\d)?)
        (?P<after>\ ?{_half_day()})?
        (?P<close>\]\ ?|\ [-–—]\ |:\ )
        """,
        re.VERBOSE,
    )


@dataclass(frozen=True, slots=True)
class HeaderStyle:
    """How one phone writes the start of a row; equal for all rows of an export."""

    bracketed: bool
    date_point: str
    year_digits: tuple[bool, bool, bool]  # which field of the date has four digits
    gap: str
    half_day_before: bool
    clock_point: str
    seconds: bool
    half_day_after: bool
    close: str

    def pattern(self, marks_inside: bool) -> re.Pattern[str]:
        """Groups: date, clock, author. It starts with the newline, which lets the search skip over lines."""
        mark = f"[{BIDI}]{{0,3}}" if marks_inside else ""
        space = mark + _SPACE + mark
        half_day = _half_day().replace(r"\ ", _SPACE)
        point = mark + _loosely(self.date_point, space) + mark
        date = point.join(r"\d{4}" if full else r"\d{1,2}" for full in self.year_digits)
        clock = rf"\d{{1,2}}{mark}{re.escape(self.clock_point)}{mark}\d\d"
        if self.seconds:
            clock += rf"{mark}{re.escape(self.clock_point)}{mark}\d\d"
        if self.half_day_before:
            clock = f"{mark}{half_day}{mark}{_SPACE}?{mark}{clock}"
        if self.half_day_after:
            clock = f"{clock}{mark}{_SPACE}?{mark}{half_day}"
        start = rf"\n[{BIDI}]*" + (r"\[" if self.bracketed else "") + mark
        gap = mark + _loosely(self.gap, space) + mark
        close = mark + _loosely(self.close, space)
        return re.compile(f"{start}({date}){gap}({clock}){close}[{BIDI}]*{_AUTHOR}")


def _loosely(literal: str, space: str) -> str:
    forms = {" ": space, ",": "[,،]"}
    return "".join(forms.get(character) or re.escape(character) for character in literal)


def _style_of(line: str) -> tuple[HeaderStyle, bool] | None:
    """The style of a row's first line and whether invisible marks stand inside it; None for another line."""
    raw = line[:_LONGEST].lstrip("\ufeff").lstrip(_MARKS)
    found = _general().match(to_plain(raw))
    if found is None or bool(found["open"]) != found["close"].startswith("]"):
        return None
    lengths = [len(number) for number in _NUMBER.findall(found["date"])]
    if 3 in lengths or lengths.count(4) > 1:
        return None
    first, second, third = (length == 4 for length in lengths)
    style = HeaderStyle(
        bracketed=bool(found["open"]),
        date_point=found["point"],
        year_digits=(first, second, third),
        gap=found["gap"],
        half_day_before=bool(found["before"]),
        clock_point=found["colon"],
        seconds=bool(found["seconds"]),
        half_day_after=bool(found["after"]),
        close=found["close"],
    )
    return style, len(without_marks(raw[: found.end()])) < len(raw[: found.end()])


def find_pattern(lines: Iterable[str]) -> re.Pattern[str] | None:
    """The strict header pattern of a file that starts with these lines; None if it is no export."""
    seen: Counter[HeaderStyle] = Counter()
    marked: set[HeaderStyle] = set()
    total = 0
    first: HeaderStyle | None = None
    for line in islice((line for line in lines if line.strip()), 4000):
        total += 1
        if (found := _style_of(line)) is not None:
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
    return None if first is None else first.pattern(marks_inside=first in marked)
