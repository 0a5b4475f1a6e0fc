"""The mixture of network and linear model, and the figures by which it is measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tui_lm.classification.figures import accuracy, calibration_error, confusion, f1_of, macro_f1
from tui_lm.classification.mixture import FILE, Mixture, balancing, choose, favouring, softmax
from tui_lm.errors import TuiLmError

RIGHT = np.array([0, 0, 1, 1, 2, 2] * 20)
SHARES = (0.5, 0.3, 0.2)
ALIKE = (1.0, 1.0, 1.0)
ALONE = {"network": 1.0, "linear": 1.0}


def logits(right: float, seed: int) -> np.ndarray:
    """Noise, and `right` for the right label."""
    noise = np.random.default_rng(seed).normal(0, 1, (len(RIGHT), 3))
    noise[range(len(RIGHT)), RIGHT] += right
    return noise


def test_the_part_that_knows_more_gets_the_weight() -> None:
    knows = choose(RIGHT, logits(4, 0), logits(0, 1), SHARES, ALIKE, 1.0)
    assert knows.network > 3 * knows.linear
    knows_not = choose(RIGHT, logits(0, 0), logits(4, 1), SHARES, ALIKE, 1.0)
    assert knows_not.network < knows_not.linear / 3


def test_two_parts_that_know_different_things_are_better_together() -> None:
    found = choose(RIGHT, logits(1.5, 0), logits(1.5, 1), SHARES, ALIKE, 1.0)
    assert found.network > 0 and found.linear > 0
    measured = {part: row["accuracy"] for part, row in found.measured.items()}
    assert measured["mixture"] > max(measured["network"], measured["linear"]) > measured["majority"]


def test_overconfident_logits_are_cooled() -> None:
    found = choose(RIGHT, 10 * logits(1.5, 0), logits(0, 1), SHARES, ALIKE, 1.0)
    assert found.network < 0.3 and found.alone["network"] < 0.3


def test_rare_labels_are_favoured_where_that_helps() -> None:
    biased = logits(1.5, 0) + 3 * np.log(SHARES)
    factors = balancing(RIGHT, biased, SHARES)
    assert factors[2] > factors[1] > factors[0]
    assert balancing(RIGHT, logits(9, 0), SHARES) == ALIKE
    unbalanced, balanced = (Mixture(0, 1, ALONE, each, SHARES) for each in (ALIKE, factors))
    p = [mixture.of_linear(biased) for mixture in (unbalanced, balanced)]
    assert macro_f1(RIGHT, p[1].argmax(axis=1), 3) > macro_f1(RIGHT, p[0].argmax(axis=1), 3)
    np.testing.assert_allclose(p[1].sum(axis=1), 1)


def test_a_few_texts_do_not_give_a_network_weight() -> None:
    few = choose(RIGHT[:6], logits(1, 0)[:6], logits(1, 1)[:6], SHARES, ALIKE, 0.8)
    assert (few.network, few.linear, few.alone["linear"]) == (0.0, 0.8, 0.8)


def test_one_label_is_favoured_for_its_f1() -> None:
    unsure = logits(1, 0) - [0, 1, 0]
    factors = favouring(RIGHT, unsure, 1)
    assert factors[0] == factors[2] == 1 and factors[1] > 1
    before, after = (unsure.argmax(axis=1), (softmax(unsure) * factors).argmax(axis=1))
    assert (f1_of(RIGHT, after, 1) or 0) > (f1_of(RIGHT, before, 1) or 0)


def test_a_mixture_is_kept_in_the_folder(tmp_path: Path) -> None:
    found = choose(RIGHT, logits(1, 0), logits(1, 1), SHARES, (1.0, 2.0, 0.5), 1.0)
    found.save(tmp_path)
    assert Mixture.load(tmp_path, 3) == found
    (tmp_path / FILE).write_text("{}")
    with pytest.raises(TuiLmError, match="missing or damaged"):
        Mixture.load(tmp_path, 3)


def test_figures_are_those_of_the_textbook() -> None:
    right, given = np.array([0, 0, 0, 1, 2, -1]), np.array([0, 0, 1, 1, 1, 1])
    assert accuracy(right, given) == pytest.approx(3 / 6)
    assert macro_f1(right, given, 4) == pytest.approx((4 / 5 + 2 / 5 + 0) / 3)
    assert confusion(right, given, 3) == [[2, 1, 0], [0, 1, 0], [0, 1, 0]]


def test_the_calibration_error_is_the_gap_between_confidence_and_accuracy() -> None:
    p = np.array([[0.8, 0.2]] * 10)
    assert calibration_error(np.array([0] * 8 + [1] * 2), p) == pytest.approx(0)
    assert calibration_error(np.array([0] * 5 + [1] * 5), p) == pytest.approx(0.3)


def test_softmax_does_not_overflow() -> None:
    assert softmax(np.array([[1000.0, 0.0]])).tolist() == [[1.0, 0.0]]
