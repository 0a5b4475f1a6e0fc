"""Endless repetition is barred, allowed repetition is not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_lm.translation.loops import FILLED, REPEATS, longest_run, looping


@pytest.mark.parametrize(
    ("text", "times"),
    [("", 1), ("a", 1), ("abc", 1), ("abab", 2), ("xabababy", 3), ("aaaa", 4), ("abcabcaabcabcabc", 3)],
)
def test_the_longest_run_of_a_unit_is_counted(text: str, times: int) -> None:
    assert longest_run([ord(c) for c in text]) == times


def may_come(tokens: list[int], token: int, allowed: int) -> bool:
    """By definition: no suffix of `tokens` is a unit that came as often as it may and begins again with `token`."""
    for period in range(1, len(tokens) // REPEATS + 1):
        times = max(allowed, REPEATS, -(-FILLED // period))
        unit = tokens[-period:]
        if len(tokens) >= times * period and tokens[-times * period :] == unit * times and unit[0] == token:
            return False
    return True


@given(st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=4), max_size=4), st.integers(1, 9), st.integers(1, 5))
def test_a_token_that_starts_one_repetition_too_many_is_barred(
    parts: list[list[int]], times: int, allowed: int
) -> None:
    tokens = [token for part in parts for token in part * times]
    rows, barred = looping(np.array([tokens, tokens], dtype=np.int64), np.array([allowed, 50]))
    assert {token for token in range(3) if not may_come(tokens, token, allowed)} == set(barred[rows == 0].tolist())
    assert {token for token in range(3) if not may_come(tokens, token, 50)} == set(barred[rows == 1].tolist())
