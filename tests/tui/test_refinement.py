"""Suggestions in two stages: words at once, and better ones when the search for them has ended."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from tui_lm.completion.suggestion import READ, Candidate
from tui_lm.settings import Settings
from tui_lm.tui.widgets import reading_time
from tui_lm.tui.widgets.refinement import agreeing, led_by, refined


def words(*texts: str) -> list[Candidate]:
    return [Candidate(text, 0.5 / (index + 1)) for index, text in enumerate(texts)]


def texts(candidates: list[Candidate]) -> list[str]:
    return [candidate.text for candidate in candidates]


def test_better_words_replace_those_that_nobody_has_read() -> None:
    assert texts(refined(words("a", "b", "c"), words("d", "a"), [False] * 3)) == ["d", "a"]


def test_a_word_that_was_read_keeps_its_column() -> None:
    shown, better = words("a", "b", "c"), words("d", "b", "a")
    assert texts(refined(shown, better, [True, False, False])) == ["a", "d", "b"]
    assert texts(refined(shown, better, [False, False, True])) == ["d", "b", "c"]
    assert texts(refined(shown, better, [True, True, True])) == ["a", "b", "c"]


def test_a_word_that_was_read_does_not_move_where_fewer_better_words_are_left() -> None:
    assert texts(refined(words("a", "b", "c"), [], [False, True, False])) == ["a", "b"]
    assert texts(refined(words("a", "b", "c"), words("b"), [False, True, False])) == ["a", "b"]


def test_a_word_that_stays_shows_its_new_probability() -> None:
    assert refined(words("a"), [Candidate("a", 0.9)], [True]) == [Candidate("a", 0.9)]


def test_the_word_of_the_ghost_text_comes_first_with_its_new_probability() -> None:
    first = Candidate("b", 0.9)
    assert led_by(first, words("a", "b")) == [Candidate("b", 0.25), Candidate("a", 0.5)]
    assert led_by(first, words("a")) == [first, Candidate("a", 0.5)]


@given(
    token=st.text("abc", max_size=3),
    ghost=st.text("abc d", max_size=6),
    offered=st.lists(st.text("abc", min_size=1, max_size=4), max_size=3),
)
def test_ghost_text_is_hidden_where_its_word_is_not_the_first(token: str, ghost: str, offered: list[str]) -> None:
    candidates = words(*(token + text for text in offered))
    shown = agreeing(token, ghost, candidates)
    assert shown in ("", ghost)
    if shown and not shown[0].isspace() and candidates:
        assert re.match(rf"{candidates[0].text}(?!\w)", token + shown)
    if candidates:
        assert agreeing(token, offered[0] + " more", candidates), "the ghost text of the first word is shown"


async def test_the_word_of_the_ghost_text_is_gone_when_it_was_read_and_more_was_typed(start, model):
    model.early = {"tom": ["tom", "tomato"]}
    now = [0.0]
    async with start() as app:
        app.area.clock = lambda: now[0]
        await app.type("to")
        await app.until(lambda: app.ghost == "morrow at six")
        now[0] = 0.6
        await app.type("m")
        await app.until(lambda: app.words == ["tom", "tomato"])
        assert app.ghost == ""


async def test_ghost_text_that_contradicts_a_word_that_was_read_is_hidden(start, model):
    model.early = {"to": ["too", "tomorrow"]}
    now = [0.0]
    async with start() as app:
        app.area.clock = lambda: now[0]
        await app.type("to")
        await app.until(lambda: app.words == ["too", "tomorrow"])
        now[0] = 0.5
        model.found.set()
        await app.until(lambda: app.words == ["too", "tomorrow", "today"])
        assert app.ghost == "", "it would say tomorrow while the first word is too"


def test_a_word_counts_as_read_after_the_same_time_on_the_screen_and_in_the_model() -> None:
    assert 1000 * reading_time.READ == READ


async def test_words_are_shown_at_once_and_better_ones_follow(start, model):
    model.early = {"to": ["too", "today"]}
    async with start() as app:
        app.area.clock = lambda: 0.0
        await app.type("to")
        await app.until(lambda: app.words == ["too", "today"])
        assert app.ghost == ""
        model.found.set()
        await app.until(lambda: app.words == ["tomorrow", "today", "tonight"])
        assert app.ghost == "morrow at six"


async def test_words_that_have_been_read_stay_where_they_are(start, model):
    model.early = {"to": ["too", "tomorrow"]}
    now = [0.0]
    async with start() as app:
        app.area.clock = lambda: now[0]
        await app.type("to")
        await app.until(lambda: app.words == ["too", "tomorrow"])
        now[0] = 0.5
        model.found.set()
        await app.until(lambda: app.words == ["too", "tomorrow", "today"])


async def test_a_word_that_was_chosen_stays_chosen(start, model):
    model.early = {"to": ["too", "today"]}
    async with start() as app:
        app.area.clock = lambda: 0.0
        await app.type("to")
        await app.until(lambda: app.words == ["too", "today"])
        await app.press("down")
        model.found.set()
        await app.until(lambda: model.steps["to"] and not app.app.models.inference._lasting)
        await app.press("tab")
        assert app.composer.text == "too "


async def test_a_ghost_that_is_typed_through_stays_until_the_words_are_refined(start, model):
    model.early = {"tom": ["tom", "tomato"]}
    async with start() as app:
        app.area.clock = lambda: 0.0
        await app.type("to")
        await app.until(lambda: app.ghost == "morrow at six")
        await app.type("m")
        await app.until(lambda: app.words == ["tomorrow", "tom"])
        assert app.ghost == "orrow at six", "and its word comes first"
        model.found.set()
        await app.until(lambda: app.words == ["tomorrow"])
        assert app.ghost == "orrow at six"


async def test_the_search_for_an_older_text_is_dropped(start, model):
    model.early = {"t": ["the"]}
    async with start() as app:
        app.area.clock = lambda: 0.0
        await app.type("t")
        await app.until(lambda: app.words == ["the"])
        await app.type("o")
        await app.until(lambda: app.words == ["tomorrow", "today", "tonight"])
        steps = model.steps["t"]
        await app.type("m")
        await app.until(lambda: app.words == ["tomorrow"])
        assert model.steps["t"] == steps


async def test_nothing_is_searched_after_the_text_was_emptied(start, model):
    model.early = {"t": ["the"]}
    async with start(settings=Settings(replies=False)) as app:
        await app.type("t")
        await app.until(lambda: app.words == ["the"])
        await app.press("backspace")
        await app.until(lambda: not app.app.models.inference._lasting)
        assert app.words == []


async def test_words_come_before_the_next_token_of_an_answer_and_better_ones_between_them(start, model):
    model.early = {"to": ["too"]}
    async with start() as app:
        app.area.clock = lambda: 0.0
        await app.type("x")
        await app.press("enter")
        await app.type("to")
        await app.until(lambda: app.words == ["too"])
        await app.until(lambda: app.turns[-1] == ("Maya", "yes, at six"))
        model.found.set()
        await app.until(lambda: app.words == ["tomorrow", "today", "tonight"])
