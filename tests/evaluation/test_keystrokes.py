"""The simulated typist against hand calculations."""

from __future__ import annotations

import pytest

from tui_lm.evaluation import Typist, limit


def typed(text: str, n: int, suggest) -> Typist:  # type: ignore[no-untyped-def]
    typist = Typist(n)
    typist.type(text, suggest)
    return typist


def test_no_suggestions_save_no_keys() -> None:
    typist = typed("hello world, hello", 3, lambda text: [])
    assert typist.spent == [18]
    assert typist.savings == 0
    assert (typist.words, typist.first, typist.any) == (3, 0, 0)


def test_an_oracle_reaches_the_limit() -> None:
    """hello| world| , space hello|: five keys for 18 characters; the comma takes the place of the space."""
    words = {"": "hello", "hello ": "world", "hello world, ": "hello"}
    typist = typed("hello world, hello", 1, lambda text: [words.get(text, "")])
    assert typist.spent == [5]
    assert typist.savings == pytest.approx(100 * 13 / 18)
    assert limit(["hello world, hello"]) == pytest.approx(typist.savings)
    assert (typist.words, typist.first, typist.any) == (3, 3, 3)


def test_the_second_candidate_helps_only_with_two_suggestions() -> None:
    def suggest(text: str) -> list[str]:
        return ["home", "house"] if text in ("", "h", "ho", "hou") else []

    assert typed("house", 1, suggest).spent == [5]
    two = typed("house", 2, suggest)
    assert two.spent == [1]
    assert (two.words, two.first, two.any) == (1, 0, 1)


def test_a_partial_word_or_another_case_is_not_taken() -> None:
    assert typed("hello", 1, lambda text: ["hell"]).spent == [5]
    assert typed("Hello", 1, lambda text: ["hello"]).spent == [5]
    assert typed("don't", 1, lambda text: ["don"]).spent == [5]
    assert typed("ok-ish", 1, lambda text: ["ok"] if text == "" else []).spent == [5]  # ok| - i s h


def test_a_suggestion_replaces_the_token_including_a_bracket() -> None:
    assert typed("(hello)", 1, lambda text: ["(hello"] if text == "(" else []).spent == [3]


def test_a_phrase_is_taken_whole_or_not_at_all() -> None:
    assert typed("see you soon", 1, lambda text: ["see you"] if text == "" else []).spent == [1 + 4]
    assert typed("see your dog", 1, lambda text: ["see you"] if text == "" else []).spent == [12]


def test_a_suggestion_that_saves_no_key_is_not_taken() -> None:
    assert typed("ab", 1, lambda text: ["ab"] if text == "a" else []).spent == [2]
    assert typed("ab c", 1, lambda text: ["ab"] if text == "a" else []).spent == [3]  # a| and the space is free


def test_any_white_space_begins_a_token() -> None:
    asked: list[str] = []
    typed("a\n b", 1, lambda text: asked.append(text) or [])  # type: ignore[func-returns-value]
    assert asked == ["", "a\n "]


def test_the_confidence_interval_contains_the_savings() -> None:
    typist = Typist(1)
    for text in ("hello", "hey", "good morning", "ok"):
        typist.type(text, lambda so_far: ["hello"])
    low, high = typist.interval() or (0, 0)
    assert low <= (typist.savings or -1) <= high
    assert Typist(1).interval() is None
    assert Typist(1).savings is None
