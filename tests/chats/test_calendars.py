"""Days of other calendars are the same days."""

from __future__ import annotations

from datetime import date

import pytest

from tui_lm.chats.calendars import to_gregorian


@pytest.mark.parametrize(
    ("year", "month", "day", "gregorian"),
    [
        (1403, 11, 26, date(2025, 2, 14)),
        (1403, 12, 30, date(2025, 3, 20)),  # a leap year
        (1404, 1, 1, date(2025, 3, 21)),
        (1399, 12, 30, date(2021, 3, 20)),
        (1400, 1, 1, date(2021, 3, 21)),
        (1446, 9, 1, date(2025, 3, 1)),
        (2568, 2, 14, date(2025, 2, 14)),
    ],
)
def test_days_of_persian_islamic_and_buddhist_years(year: int, month: int, day: int, gregorian: date) -> None:
    assert to_gregorian(year, month, day) == gregorian


@pytest.mark.parametrize("day", [(1403, 13, 1), (1403, 7, 31), (1446, 0, 1), (2568, 2, 30)])
def test_days_that_do_not_exist(day: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError):
        to_gregorian(*day)
