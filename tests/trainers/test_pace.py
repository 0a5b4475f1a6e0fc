"""A time budget, measured by a simulated clock."""

from __future__ import annotations

from itertools import count

import pytest

from trainers import pace
from trainers.pace import CALIBRATION, LONGER, Pace


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(pace, "time", clock)
    return clock


def calibrate(budget: Pace, clock: Clock, step_seconds: float, evaluated: float, most: int = 24) -> tuple[int, int]:
    budget.begin(0, budget.spent())
    for step in count(1):
        clock.now += step_seconds
        planned = budget.calibrated(step, evaluated, most)
        if planned is not None:
            assert step >= CALIBRATION[1]
            assert (step - CALIBRATION[0]) * step_seconds <= LONGER[1] + step_seconds or step == CALIBRATION[1]
            return planned
    raise AssertionError("never")


@pytest.mark.parametrize("evaluated", [0.5, 10.0, 100.0, 3000.0])
@pytest.mark.parametrize("seconds", [5.0, 60.0, 600.0])
def test_the_planned_steps_fit_into_the_budget(clock: Clock, seconds: float, evaluated: float) -> None:
    budget = Pace(seconds, None)
    clock.now += 2.0  # torch is loaded
    steps, evaluations = calibrate(budget, clock, 0.01, evaluated)
    one = evaluated * 0.01 / 3
    planned = 2.0 + steps * 0.01 + evaluations * one
    assert 1 <= evaluations <= 24
    assert planned <= max(seconds, 2.51 + one)
    if one < 1:
        assert planned > 0.9 * seconds - 0.5


def test_slow_first_steps_do_not_shorten_a_long_run(clock: Clock) -> None:
    budget = Pace(60.0, None)
    budget.begin(0, 0.0)
    for step in count(1):
        clock.now += 0.02 if step < 80 else 0.01
        if planned := budget.calibrated(step, 0.0, 1):
            break
    assert planned[0] * 0.01 == pytest.approx(60, rel=0.05)


def test_slow_evaluations_are_few(clock: Clock) -> None:
    budget = Pace(5.0, None)
    assert calibrate(budget, clock, 0.01, evaluated=100.0)[1] == 1


def test_fast_evaluations_are_as_many_as_configured(clock: Clock) -> None:
    budget = Pace(60.0, None)
    assert calibrate(budget, clock, 0.01, evaluated=1.0, most=7)[1] == 7


def test_a_slow_start_is_not_taken_for_a_slow_machine(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four fifths of the budget went by before the first step; the steps after it are as fast as ever."""
    monkeypatch.setattr(pace, "RESERVE", (0.0, 0.0))
    budget = Pace(10.0, None)
    clock.now += 8.0
    budget.begin(0, 8.0)
    clock.now += 0.5
    assert budget.replanned(50, 150) is None  # there is time for 150
    clock.now += 0.5
    assert budget.replanned(60, 90) == 60  # in the second that is left


def test_a_resumed_run_has_the_rest_of_its_budget(clock: Clock) -> None:
    budget = Pace(100.0, None)
    budget.begin(500, 60.0)
    clock.now += 5.0
    assert budget.spent() == pytest.approx(65.0)
    assert budget.since_report(510) == (10, 5.0)


def steps_until(clock: Clock) -> int:
    """The next step of a run whose steps took a hundredth of a second since the clock's beginning."""
    return round((clock.now - 1000.0) / 0.01) + 1


@pytest.mark.parametrize("change", [0.5, 0.8, 1.25, 2.0])
def test_a_budget_is_used_whole_when_the_machine_changes_its_speed(clock: Clock, change: float) -> None:
    """After a third of the budget every step takes `change` times as long."""
    budget = Pace(100.0, None)
    end, _ = calibrate(budget, clock, 0.01, evaluated=0.0, most=1)
    for step in count(steps_until(clock)):
        if step >= end:
            break
        clock.now += 0.01 if budget.spent() < 33 else 0.01 * change
        if step % 25 == 0:
            budget.since_report(step)
            end = step + (budget.replanned(step, end - step) or end - step)
    assert 92 < budget.spent() <= 100


def test_a_steady_run_is_not_planned_again(clock: Clock) -> None:
    budget = Pace(100.0, None)
    end, _ = calibrate(budget, clock, 0.01, evaluated=0.0, most=1)
    for step in range(steps_until(clock), end):
        clock.now += 0.01
        if step % 25 == 0:
            budget.since_report(step)
            assert budget.replanned(step, end - step) is None


def test_the_time_left_never_exceeds_the_budget(clock: Clock) -> None:
    budget = Pace(180.0, None)
    clock.now += 60.0
    assert budget.left(foreseen=891.0) == 120.0
    assert budget.left(foreseen=30.0) == 30.0
    clock.now += 200.0
    assert budget.left(foreseen=30.0) == 0.0
    assert Pace(None, None).left(foreseen=891.0) == 891.0
