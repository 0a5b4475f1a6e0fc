"""A word that was read and not accepted is not suggested again for the same token."""

from __future__ import annotations

from tui_lm.tui.widgets.reading_time import ReadingTime


def milliseconds(reading: ReadingTime, now: float) -> dict[str, int]:
    return {word: round(seconds * 1000) for word, seconds in reading.shown(now)}


def test_a_word_that_stays_in_its_column_is_read_from_its_first_moment_on() -> None:
    reading = ReadingTime()
    reading.follow((0, 4), "t")
    reading.show(["today", "then"], 1.0)
    reading.follow((0, 4), "to")
    reading.show(["today", "tonight"], 1.3)
    assert milliseconds(reading, 1.6) == {"today": 600, "then": 300, "tonight": 300}


def test_a_word_that_moves_to_another_column_is_read_anew() -> None:
    reading = ReadingTime()
    reading.follow((0, 0), "t")
    reading.show(["today", "then"], 0.0)
    reading.show(["then", "today"], 0.4)
    assert milliseconds(reading, 0.7) == {"today": 400, "then": 400}


def test_words_of_another_token_are_forgotten() -> None:
    reading = ReadingTime()
    reading.follow((0, 0), "to")
    reading.show(["today"], 0.0)
    reading.follow((0, 3), "")
    assert milliseconds(reading, 9.0) == {}


def test_words_offered_before_the_first_letter_count_for_its_token() -> None:
    reading = ReadingTime()
    reading.follow((0, 4), "")
    reading.show(["today"], 0.0)
    reading.follow((0, 4), "t")
    assert milliseconds(reading, 0.8) == {"today": 800}


def test_an_emptied_token_begins_anew() -> None:
    reading = ReadingTime()
    reading.follow((0, 4), "t")
    reading.show(["today"], 0.0)
    reading.follow((0, 4), "")
    reading.follow((0, 4), "t")
    assert milliseconds(reading, 0.8) == {}


async def test_only_a_word_that_was_read_disappears(start) -> None:
    async with start() as app:
        time = [0.0]
        app.composer.clock = lambda: time[0]
        await app.type("see to")
        await app.until(lambda: app.words == ["tomorrow", "today", "tonight"])
        time[0] += 0.3  # too short to read them
        await app.press("m")
        await app.until(lambda: app.words == ["tomorrow"])
        time[0] += 0.6
        await app.press("o")
        await app.until(lambda: app.composer.text == "see tomo" and app.words == [])


async def test_a_word_refused_for_one_token_is_suggested_for_the_next(start) -> None:
    async with start() as app:
        time = [0.0]
        app.composer.clock = lambda: time[0]
        await app.type("tom")
        await app.until(lambda: app.words == ["tomorrow"])
        time[0] += 2.0
        await app.type("x tom")
        await app.until(lambda: app.words == ["tomorrow"])
