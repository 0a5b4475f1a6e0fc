"""Dates and times of any locale are parsed."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from tui_lm.chats.written_times import month_by_name, to_day, written_time

EVENING = datetime(2025, 2, 14, 18, 45)


@pytest.mark.parametrize(
    "text",
    [
        "14/02/2025 18:45",
        "14. 2. 2025 18:45",
        "14. 2. 2025. 18:45",
        "14.2.2025 klo 18.45",
        "14.2.2025 г., 18:45 ч.",
        "18:45 14/02/2025",
        "18:45 14-02-2025",
        "14-02-2025 18.45",
        "14/02/2025 6:45\u202fPM",
        "14/02/2025 6:45 p. m.",
        "14/2/2025 6:45 μ.μ.",
        "2025-02-14 18:45:00",
        "2025. 2. 14. 오후 6:45",
        "2025/2/14 下午6:45",
        "2025年2月14日 18時45分",
        "٢٠٢٥/٠٢/١٤، ٦:٤٥ م",
        "१४/२/२०२५, अपराह्न ६:४५",
        "Feb 14, 2025  6:45:00 PM",
        "۱۴۰۳/۱۱/۲۶، ۱۸:۴۵",  # Persian
        "15/8/1446 6:45 م",  # Islamic
        "14/2/2568 18:45",  # Buddhist
        "Friday, February 14, 2025 at 6:45 PM",
        "14 févr. 2025 à 18:45",
        "14 de febrero de 2025, 6:45 p. m.",
        "Freitag, 14. Februar 2025 um 18:45 Uhr",
        "14 лютого 2025 18:45",
        "14. feb. 2025 18.45.07",
        "14 février 2025 18 h 45 min 07 s",
        "14/2/25 18:45 น.",
        "2025/2/14 下晝6:45",
    ],
)
def test_a_time_of_any_locale_is_read(text: str) -> None:
    written = written_time(text)
    assert written is not None
    found = written.at("dmy")
    assert found is not None and found.replace(second=0) == EVENING


def test_a_word_before_the_year_says_nothing_about_the_time() -> None:
    noon = written_time("14 de febrero de 2025 12:30")  # "de." is the morning in Hungary
    assert noon is not None and noon.at("dmy") == datetime(2025, 2, 14, 12, 30)


@pytest.mark.parametrize(
    "text",
    [
        "Fri, 14 Feb 2025 13:45:00 -0500",
        "14.02.2025 19:45:00 UTC+01:00",
        "2025-02-14T19:45:00.0000000+01:00",
        "2025-02-14 18:45:00Z",
        "Feb 14, 2025, 6:45:00\u202fPM UTC",
    ],
)
def test_an_offset_gives_utc(text: str) -> None:
    written = written_time(text)
    assert written is not None
    assert written.at("dmy") == EVENING.replace(tzinfo=UTC)


def test_the_order_decides_between_day_and_month() -> None:
    written = written_time("3/4/2025 10:00")
    assert written is not None
    assert written.at("dmy") == datetime(2025, 4, 3, 10)
    assert written.at("mdy") == datetime(2025, 3, 4, 10)
    thirteenth = written_time("2/14/2025 10:00")
    assert thirteenth is not None and thirteenth.at("dmy") is None


@pytest.mark.parametrize(
    "text",
    ["", "hello", "10:00", "14.02.2025", "2025-02-14", "see you on 14/02 at 10:00", "14/02/2025 6:45 xyz", "9" * 70],
)
def test_other_texts_are_no_time(text: str) -> None:
    assert written_time(text) is None


@pytest.mark.parametrize(
    "text", ["Fri, 02/14/2025", "2025年2月14日", "2025. 2. 14.", "14 février 2025", "14.2.2025（金）"]
)
def test_a_date_without_a_time_is_read(text: str) -> None:
    order = "mdy" if text.startswith("Fri") else "dmy"
    assert to_day(text, order) == date(2025, 2, 14)


def test_months_have_names_in_many_languages() -> None:
    assert [month_by_name(name) for name in ("Mai", "août", "Dez.", "февраля", "listopada")] == [5, 8, 12, 2, 11]
    assert month_by_name("Monday") is None
