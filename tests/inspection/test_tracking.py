"""The search finds a planted unit, scores it on other text, and finds nothing where there is nothing."""

from __future__ import annotations

import numpy as np
import pytest

from tui_lm.errors import TuiLmError
from tui_lm.inspection.concordance import STEPS, Concordance
from tui_lm.inspection.span_search import search
from tui_lm.inspection.tracking import track

UNITS, MESSAGES, LENGTH = 40, 60, 20


def index_of(values: np.ndarray) -> Concordance:
    messages = np.repeat(np.arange(MESSAGES), LENGTH).astype(np.uint32)
    positions = np.tile(np.arange(LENGTH), MESSAGES).astype(np.uint32)
    return Concordance({}, 1.0, np.rint(values * STEPS).clip(-STEPS, STEPS).astype(np.int8), messages, positions)


@pytest.fixture
def noise() -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, (MESSAGES * LENGTH, UNITS))


@pytest.fixture
def wanted() -> np.ndarray:
    return (np.random.default_rng(1).random(MESSAGES * LENGTH) < 0.3).astype(float)


def test_a_planted_unit_is_found_and_its_scores_are_its_correlations(noise, wanted) -> None:
    noise[:, 7] = 0.3 * noise[:, 7] - wanted / 2
    index = index_of(noise)
    found = track(index, wanted, 5, np.random.default_rng(0))
    unit, score = found.units[0]
    cut = found.first_held_out
    assert unit == 7 and cut % LENGTH == 0
    values = index.values[:, 7].astype(float)
    assert score.searched == pytest.approx(np.corrcoef(values[:cut], wanted[:cut])[0, 1], abs=1e-5)
    assert score.held_out == pytest.approx(np.corrcoef(values[cut:], wanted[cut:])[0, 1], abs=1e-5)
    assert score.held_out < -0.7
    assert abs(score.held_out) > abs(found.direction.held_out)
    assert found.probe.held_out > 0.7


def test_where_there_is_nothing_the_best_unit_does_not_hold_on_other_text(noise, wanted) -> None:
    found = track(index_of(noise), wanted, 3, np.random.default_rng(0))
    _, score = found.units[0]
    assert abs(score.searched) > 0.05, "the best of forty"
    assert abs(score.held_out) < 0.12 and abs(found.direction.held_out) < 0.12


def test_what_random_directions_see_as_well_is_no_unit_of_its_own(noise, wanted) -> None:
    """The property is spread over all units with random weights."""
    weights = np.random.default_rng(2).standard_normal(UNITS)
    spread = noise * 0.2 + wanted[:, None] * weights * 0.2
    found = track(index_of(spread), wanted, 1, np.random.default_rng(0))
    assert abs(found.direction.held_out) > 0.5


def test_a_unit_that_never_changes_tracks_nothing(noise, wanted) -> None:
    noise[:, 3] = 0.5
    found = track(index_of(noise), wanted, UNITS, np.random.default_rng(0))
    assert dict(found.units)[3].searched == 0


def test_a_property_that_is_the_same_everywhere_is_refused(noise) -> None:
    with pytest.raises(TuiLmError):
        track(index_of(noise), np.ones(len(noise)), 1, np.random.default_rng(0))


def test_a_span_finds_the_stretches_where_its_units_are_on(noise) -> None:
    quiet = noise * 0.2
    loud = [(3, 5), (17, 2), (40, 12)]  # message, position
    for message, position in loud:
        quiet[message * LENGTH + position :][:4, [4, 9, 11]] = [0.9, -0.8, 0.9]
    index = index_of(quiet)
    span = index.values[3 * LENGTH + 5 :][:4].astype(float) / STEPS
    found = search(index, span, 10)
    assert set(found.units) == {4, 9, 11}
    best = [hit.row for hit in found.hits if hit.units == 3]
    assert sorted(best) == [message * LENGTH + position for message, position in loud]
    assert all((hit.on[:1] > 0).all() for hit in found.hits)


def test_a_stretch_lies_within_one_message(noise) -> None:
    quiet = noise * 0.0
    quiet[LENGTH - 2 : LENGTH + 2, 4] = 0.9  # across a border
    quiet[5 * LENGTH : 5 * LENGTH + 4, 4] = 0.9
    index = index_of(quiet)
    found = search(index, index.values[5 * LENGTH :][:4].astype(float) / STEPS, 5)
    assert [hit.row for hit in found.hits] == [5 * LENGTH]


def test_a_span_without_a_unit_that_is_on_is_refused(noise) -> None:
    index = index_of(noise)
    with pytest.raises(TuiLmError):
        search(index, np.zeros((3, UNITS)), 5)
