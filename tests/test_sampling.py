"""Each rule of sampling alone, on distributions small enough to do by hand; then the chain."""

from __future__ import annotations

from dataclasses import asdict, fields
from inspect import signature

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_lm.cli.generate import generate
from tui_lm.errors import TuiLmError
from tui_lm.sampling import (
    Rule,
    Sampler,
    entropy_bits,
    keep_min_p,
    keep_top_k,
    keep_top_p,
    penalise_repeats,
    scale_by_temperature,
    softmax,
)
from tui_lm.settings import ABOUT, SAMPLING, Settings

FOUR = np.log(np.array([0.5, 0.25, 0.15, 0.1]))
OFF = {item.name: item.metadata["off"] for item in fields(Sampler)}
LOGITS = st.lists(st.floats(-50, 50), min_size=1, max_size=30).map(np.array)


def after(rule: Rule, value: float, *recent: int) -> np.ndarray:
    """The distribution 1/2, 1/4, 3/20, 1/10 after one rule."""
    return softmax(rule(FOUR, value, recent))


def test_a_temperature_of_zero_leaves_the_best_token() -> None:
    np.testing.assert_allclose(after(scale_by_temperature, 0), [1, 0, 0, 0])


def test_a_temperature_of_one_leaves_the_distribution_as_it_is() -> None:
    np.testing.assert_allclose(after(scale_by_temperature, 1), [0.5, 0.25, 0.15, 0.1])


def test_the_smallest_temperature_leaves_the_best_token() -> None:
    np.testing.assert_allclose(after(scale_by_temperature, 5e-324), [1, 0, 0, 0])


def test_half_the_temperature_squares_the_probabilities() -> None:
    squares = np.array([0.25, 0.0625, 0.0225, 0.01])
    np.testing.assert_allclose(after(scale_by_temperature, 0.5), squares / squares.sum())


@pytest.mark.parametrize(
    ("k", "probabilities"),
    [(1, [1, 0, 0, 0]), (2, [2 / 3, 1 / 3, 0, 0]), (4, [0.5, 0.25, 0.15, 0.1]), (9, [0.5, 0.25, 0.15, 0.1])],
)
def test_top_k_keeps_the_k_most_probable_tokens(k: int, probabilities: list[float]) -> None:
    np.testing.assert_allclose(after(keep_top_k, k), probabilities)


def test_top_k_keeps_all_tokens_as_probable_as_the_last_one() -> None:
    np.testing.assert_allclose(softmax(keep_top_k(np.log([0.5, 0.25, 0.25]), 2, ())), [0.5, 0.25, 0.25])


@pytest.mark.parametrize(
    ("p", "probabilities"),
    [(0.01, [1, 0, 0, 0]), (0.5, [1, 0, 0, 0]), (0.6, [2 / 3, 1 / 3, 0, 0]), (0.8, [5 / 9, 5 / 18, 1 / 6, 0])],
)
def test_top_p_keeps_the_fewest_tokens_that_reach_p(p: float, probabilities: list[float]) -> None:
    np.testing.assert_allclose(after(keep_top_p, p), probabilities)


@pytest.mark.parametrize(
    ("p", "probabilities"),
    [(1.0, [1, 0, 0, 0]), (0.4, [2 / 3, 1 / 3, 0, 0]), (0.3, [5 / 9, 5 / 18, 1 / 6, 0])],
)
def test_min_p_is_a_share_of_the_best_probability(p: float, probabilities: list[float]) -> None:
    np.testing.assert_allclose(after(keep_min_p, p), probabilities)


def test_the_repeat_penalty_lowers_positive_and_negative_scores() -> None:
    logits = np.array([2.0, -2.0, 1.0, -1.0])
    np.testing.assert_allclose(penalise_repeats(logits, 2.0, [0, 1, 0]), [1, -4, 1, -1])
    np.testing.assert_allclose(logits, [2, -2, 1, -1], err_msg="a rule does not change its argument")


def test_the_repeat_penalty_leaves_a_text_without_tokens_alone() -> None:
    np.testing.assert_allclose(after(penalise_repeats, 2.0), [0.5, 0.25, 0.15, 0.1])


def test_the_rules_are_applied_one_after_the_other() -> None:
    sampler = Sampler(repeat_penalty=2.0, temperature=0.5, top_k=3, top_p=0.9, min_p=0.1)
    scores = penalise_repeats(FOUR, 2.0, [1])  # 1/2, 1/16, 3/20, 1/10
    squares = np.array([1 / 4, 0, 9 / 400, 1 / 100])  # temperature, then top-k
    np.testing.assert_allclose(softmax(scores) * np.exp(scores).sum(), [0.5, 0.0625, 0.15, 0.1])
    squares[3] = 0  # 1/4 and 9/400 are 96 % of the sum: top-p
    squares[2] = 0  # 9/400 is less than a tenth of 1/4: min-p
    np.testing.assert_allclose(sampler.probabilities(FOUR, [1]), squares / squares.sum())


def test_a_sampler_without_rules_gives_the_distribution_of_the_model() -> None:
    np.testing.assert_allclose(Sampler(**OFF).probabilities(FOUR, [0]), [0.5, 0.25, 0.15, 0.1])


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
    sampler = Sampler(repeat_penalty=penalty, temperature=temperature, top_k=k, top_p=p, min_p=m)
    probabilities = sampler.probabilities(logits, recent)
    assert probabilities.sum() == pytest.approx(1, abs=1e-12)
    assert (probabilities >= 0).all()


def test_excluded_tokens_stay_excluded() -> None:
    sampler = Sampler(repeat_penalty=1.5, temperature=0.7, top_k=2, top_p=0.9, min_p=0.1)
    assert sampler.probabilities(np.array([0.0, -np.inf, 0.0]), [1])[1] == 0


def test_a_sampler_has_the_values_of_the_settings_except_for_those_chosen_now() -> None:
    settings = Settings(temperature=0.3, top_k=5)
    assert Sampler.from_settings(settings) == Sampler(temperature=0.3, top_k=5)
    assert Sampler.from_settings(settings, temperature=0.0, top_k=None) == Sampler(temperature=0.0, top_k=5)


def test_every_rule_is_a_setting_with_the_same_limits_and_an_option_of_generate() -> None:
    assert {item.name for item in fields(Sampler)} == set(SAMPLING)
    for item in fields(Sampler):
        about = ABOUT[item.name]
        assert (about.low, about.high) == (item.metadata["low"], item.metadata["high"])
    assert asdict(Sampler.from_settings(Settings())) == asdict(Sampler())
    assert set(SAMPLING) <= signature(generate).parameters.keys()


@pytest.mark.parametrize(
    "options", [{"temperature": -1}, {"top_k": -1}, {"top_p": 0}, {"top_p": 1.1}, {"min_p": 2}, {"repeat_penalty": 0}]
)
def test_a_value_out_of_range_is_a_usage_error(options: dict[str, float]) -> None:
    with pytest.raises(TuiLmError) as error:
        Sampler(**options)  # type: ignore[arg-type]
    assert error.value.exit_code == 2


def test_tokens_are_picked_as_often_as_their_probabilities_say() -> None:
    generator = np.random.default_rng(0)
    probabilities = np.array([0.5, 0.0, 0.5])
    picks = [Sampler.pick(probabilities, generator) for _ in range(2000)]
    assert 1 not in picks
    assert 900 < picks.count(0) < 1100


def test_the_entropy_of_eight_equal_tokens_is_three_bits() -> None:
    assert entropy_bits(np.full(8, 1 / 8)) == pytest.approx(3)
    assert entropy_bits(np.array([1.0, 0.0])) == 0
