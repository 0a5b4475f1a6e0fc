"""The simulated typists against hand calculations and against figures of an independent simulator."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from tui_lm.evaluation import Typist, limit
from tui_lm.evaluation.ghost_text import GhostTypist
from tui_lm.evaluation.keystrokes import GLANCING, READING


def typed(text: str, n: int, suggest) -> Typist:  # type: ignore[no-untyped-def]
    typist = Typist(n)
    typist.type(text, suggest)
    return typist


def test_no_suggestions_save_no_keys() -> None:
    typist = typed("hello world, hello", 3, lambda text, refused: [])
    assert typist.spent == [18]
    assert typist.savings == 0
    assert (typist.words, typist.first, typist.any) == (3, 0, 0)


def test_an_oracle_reaches_the_limit() -> None:
    """hello| world| , space hello|: five keys for 18 characters; the comma takes the place of the space."""
    words = {"": "hello", "hello ": "world", "hello world, ": "hello"}
    typist = typed("hello world, hello", 1, lambda text, refused: [words.get(text, "")])
    assert typist.spent == [5]
    assert typist.savings == pytest.approx(100 * 13 / 18)
    assert limit(["hello world, hello"]) == pytest.approx(typist.savings)
    assert (typist.words, typist.first, typist.any) == (3, 3, 3)


def test_the_second_candidate_helps_only_with_two_suggestions() -> None:
    def suggest(text: str, refused: object) -> list[str]:
        return ["home", "house"] if text in ("", "h", "ho", "hou") else []

    assert typed("house", 1, suggest).spent == [5]
    two = typed("house", 2, suggest)
    assert two.spent == [1]
    assert (two.words, two.first, two.any) == (1, 0, 1)


def test_a_partial_word_or_another_case_is_not_taken() -> None:
    assert typed("hello", 1, lambda text, refused: ["hell"]).spent == [5]
    assert typed("Hello", 1, lambda text, refused: ["hello"]).spent == [5]
    assert typed("don't", 1, lambda text, refused: ["don"]).spent == [5]
    assert typed("ok-ish", 1, lambda text, refused: ["ok"] if text == "" else []).spent == [5]  # ok| - i s h


def test_a_suggestion_replaces_the_token_including_a_bracket() -> None:
    assert typed("(hello)", 1, lambda text, refused: ["(hello"] if text == "(" else []).spent == [3]


def test_a_phrase_is_taken_whole_or_not_at_all() -> None:
    assert typed("see you soon", 1, lambda text, refused: ["see you"] if text == "" else []).spent == [1 + 4]
    assert typed("see your dog", 1, lambda text, refused: ["see you"] if text == "" else []).spent == [12]


def test_a_suggestion_that_saves_no_key_is_not_taken() -> None:
    assert typed("ab", 1, lambda text, refused: ["ab"] if text == "a" else []).spent == [2]
    assert typed("ab c", 1, lambda text, refused: ["ab"] if text == "a" else []).spent == [
        3
    ]  # a| and the space is free


def test_any_white_space_begins_a_token() -> None:
    asked: list[str] = []
    typed("a\n b", 1, lambda text, refused: asked.append(text) or [])  # type: ignore[func-returns-value]
    assert asked == ["", "a\n "]


def test_the_confidence_interval_contains_the_savings() -> None:
    typist = Typist(1)
    for text in ("hello", "hey", "good morning", "ok"):
        typist.type(text, lambda so_far, refused: ["hello"])
    low, high = typist.interval() or (0, 0)
    assert low <= (typist.savings or -1) <= high
    assert Typist(1).interval() is None
    assert Typist(1).savings is None


WORDS = [
    "tomorrow",
    "today",
    "together",
    "to",
    "the",
    "there",
    "then",
    "see",
    "seen",
    "you",
    "your",
    "young",
    "at",
    "six",
    "same",
    "we",
    "meet",
    "meeting",
]
MESSAGES = [
    "see you tomorrow at six",
    "then we meet there, together",
    "the meeting today? at the same place",
    "to be or not to be",
    "tomorrow, tomorrow  (to)",
    "young ones",
    "they were there then",
]


@pytest.mark.parametrize(
    ("n", "every", "savings", "spent"),
    [
        (3, READING, 45.91, [9, 12, 19, 16, 9, 6, 15]),
        (3, GLANCING, 28.93, [15, 18, 27, 18, 9, 8, 18]),
        (1, READING, 34.59, [10, 18, 23, 18, 9, 8, 18]),
        (1, GLANCING, 21.38, [15, 22, 33, 18, 9, 10, 18]),
    ],
)
def test_both_typists_agree_with_an_independent_simulator(n: int, every: int, savings: float, spent: list[int]) -> None:
    def suggest(text: str, refused: Sequence[str]) -> list[str]:
        prefix = re.findall(r"\S*$", text)[0]
        return [word for word in WORDS if word.startswith(prefix) and word not in (*refused, prefix)][:n]

    typist = Typist(n, every)
    for message in MESSAGES:
        typist.type(message, suggest)
    assert typist.spent == spent
    assert typist.savings == pytest.approx(savings, abs=0.005)


def test_a_glancing_typist_refuses_only_what_was_looked_at() -> None:
    asked: list[tuple[str, tuple[str, ...]]] = []

    def suggest(text: str, refused: Sequence[str]) -> list[str]:
        asked.append((text, tuple(refused)))
        return [f"{text}x"]

    Typist(1, GLANCING).type("house", suggest)
    assert asked == [("", ()), ("h", ("x",)), ("ho", ("x",)), ("hou", ("x",)), ("hous", ("x", "houx"))]


def test_ghosts_are_counted_once_while_one_types_along() -> None:
    """see| you later: a wrong ghost stands for two keys, a right one is accepted."""
    ghosts = {"s": "oon", "so": "on", "see": " you", "see you ": "late"}
    typist = GhostTypist()
    typist.type("see you later", lambda text: ghosts.get(text, ""))
    assert (typist.shown, typist.accepted, typist.wrong) == (3, 1, 2)
    assert typist.keys == len("see") + 1 + len(" later")
    assert typist.acceptance == pytest.approx(100 / 3)
    assert typist.wrong_shows == pytest.approx(100 * 2 / 10)
    assert GhostTypist().acceptance is None and GhostTypist().wrong_shows is None
