"""The bars of the next token: the words that are suggested stand at the bars of the tokens that they would add."""

from __future__ import annotations

import re

from tui_lm.tui.widgets.next_token import NextTokenBars


async def test_each_suggested_word_stands_at_the_bar_of_its_next_token(start):
    async with start() as app:
        await app.type("s")
        await app.until(lambda: app.words == ["see", "send", "seven"])
        await app.until(lambda: re.search(r"e █+ +80\.0% see, send, sev", app.screen()))


async def test_a_word_that_the_network_does_not_expect_has_a_bar_too(start):
    async with start() as app:
        await app.type("to")
        await app.until(lambda: app.words == ["tomorrow", "today", "tonight"])
        for letter, word in (("m", "tomorrow"), ("d", "today"), ("n", "tonight")):
            await app.until(lambda row=rf"{letter} .*<0\.1% {word}": re.search(row, app.screen()))


async def test_the_bars_of_suggested_words_are_shown_before_more_probable_ones(start):
    async with start() as app:
        bars = app.app.screen.query_one(NextTokenBars)
        every = tuple((letter, 0.04) for letter in "abcdefghijklmnopqrst")
        bars.next_token, bars.words = type(bars.next_token)(1.0, every), [("see", "t")]
        await app.until(lambda: re.search(r"\bt █* +4\.0% see", app.screen()))
