"""Days of calendars other than the Gregorian one, as phones and computers in some countries write them."""

from __future__ import annotations

from datetime import date, timedelta

_ISLAMIC_START = date(622, 7, 19).toordinal()  # 1 Muharram 1
_LAST_PERSIAN = 1420  # a year after that is Islamic: both are in the fifteenth century
_PERSIAN_BREAKS = (-61, 9, 38, 199, 426, 686, 756, 818, 1111, 1181, 1210, 1635, 2060)


def to_gregorian(year: int, month: int, day: int) -> date:
    """The Gregorian date of a Persian (1300 to 1420), Islamic (1421 to 1500) or Buddhist (2400 on) one.

    Islamic months follow the arithmetic calendar, which may be a day off. Raises ValueError for no such day.
    """
    if year > 2400:
        return date(year - 543, month, day)
    if not (1 <= month <= 12 and 1 <= day <= 31):
        raise ValueError("no such day")
    if year <= _LAST_PERSIAN:
        return _of_persian(year, month, day)
    days = (year - 1) * 354 + (3 + 11 * year) // 30 + 29 * (month - 1) + month // 2 + day - 1
    return date.fromordinal(_ISLAMIC_START + days)


def _of_persian(year: int, month: int, day: int) -> date:
    if day > (31 if month <= 6 else 30):
        raise ValueError("no such day")
    march = _new_year(year)
    days = 31 * (month - 1) - (month - 7 if month > 7 else 0) + day - 1
    return march + timedelta(days=days)


def _new_year(year: int) -> date:
    """The first day of a Persian year, from the leap years between the breaks of the 33-year cycles."""
    leaps, start = -14, _PERSIAN_BREAKS[0]
    jump = 0
    for end in _PERSIAN_BREAKS[1:]:
        jump = end - start
        if year < end:
            break
        leaps += jump // 33 * 8 + jump % 33 // 4
        start = end
    passed = year - start
    leaps += passed // 33 * 8 + (passed % 33 + 3) // 4
    if jump % 33 == 4 and jump - passed == 4:
        leaps += 1
    gregorian = year + 621
    gregorian_leaps = gregorian // 4 - (gregorian // 100 + 1) * 3 // 4 - 150
    return date(gregorian, 3, 20 + leaps - gregorian_leaps)
