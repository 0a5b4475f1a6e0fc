"""Each rule of sampling alone, on distributions small enough to do by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_lm.errors import TuiLmError
from tui_lm.sampling import Sampler, entropy_bits, softmax

FOUR = np.log(np.array([0.5, 0.25, 0.15, 0.1]))
LOGITS = st.lists(st.floats(-50, 50), min_size=1, max_size=30).map(np.array)


def of(**options: float) -> np.ndarray:
    return Sampler(**{"temperature": 1.0, **options}).probabilities(FOUR)  # type: ignore[arg-type]


@given(
    LOGITS,
    st.floats(0, 5),
    st.integers(0, 40),
    st.floats(0.01, 1),
    st.floats(0, 1),
    st.floats(0.5, 2),
    st.lists(st.integers(0, 0)),
)
def test_probabilities_sum_to_one(
    logits: np.ndarray, temperature: float, k: int, p: float, m: float, penalty: float, recent: list[int]
) -> None:
    probabilities = Sampler(temperature, k, p, m, penalty).probabilities(logits, recent)
    assert probabilities.sum() == pytest.approx(1, abs=1e-12)
    assert (probabilities >= 0).all()


def test_temperature_zero_is_greedy_and_one_is_as_learned() -> None:
    np.testing.assert_allclose(of(temperature=0), [1, 0, 0, 0])
    np.testing.assert_allclose(of(temperature=1), [0.5, 0.25, 0.15, 0.1])


def test_next_to_no_temperature_is_greedy() -> None:
    np.testing.assert_allclose(of(temperature=5e-324), [1, 0, 0, 0])


def test_temperature_divides_the_logits() -> None:
    np.testing.assert_allclose(of(temperature=0.5), softmax(FOUR * 2))


def test_top_k_keeps_the_k_most_probable() -> None:
    np.testing.assert_allclose(of(top_k=2), [2 / 3, 1 / 3, 0, 0])


def test_top_p_keeps_the_smallest_set_that_reaches_p() -> None:
    np.testing.assert_allclose(of(top_p=0.6), [2 / 3, 1 / 3, 0, 0])
    np.testing.assert_allclose(of(top_p=0.5), [1, 0, 0, 0])


def test_min_p_is_relative_to_the_best() -> None:
    np.testing.assert_allclose(of(min_p=0.4), [2 / 3, 1 / 3, 0, 0])


def test_repeat_penalty_pulls_down_what_was_said() -> None:
    logits = np.array([2.0, -2.0, 1.0])
    probabilities = Sampler(1.0, repeat_penalty=2.0).probabilities(logits, [0, 1])
    np.testing.assert_allclose(probabilities, softmax(np.array([1.0, -4.0, 1.0])))


def test_picking_follows_the_probabilities() -> None:
    generator = np.random.default_rng(0)
    probabilities = np.array([0.5, 0.0, 0.5])
    picks = [Sampler.pick(probabilities, generator) for _ in range(2000)]
    assert 1 not in picks
    assert 900 < picks.count(0) < 1100


def test_impossible_logits_are_never_picked() -> None:
    logits = np.array([0.0, -np.inf, 0.0])
    assert Sampler(1.0).probabilities(logits)[1] == 0


def test_entropy_in_bits() -> None:
    assert entropy_bits(np.full(8, 1 / 8)) == pytest.approx(3)
    assert entropy_bits(np.array([1.0, 0.0])) == 0


@pytest.mark.parametrize(
    "options", [{"temperature": -1}, {"top_k": -1}, {"top_p": 0}, {"top_p": 1.1}, {"min_p": 2}, {"repeat_penalty": 0}]
)
def test_a_value_out_of_range_is_a_usage_error(options: dict[str, float]) -> None:
    with pytest.raises(TuiLmError) as error:
        Sampler(**options)  # type: ignore[arg-type]
    assert error.value.exit_code == 2
