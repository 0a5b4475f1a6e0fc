"""The pace of a run, and how many steps and evaluations its time budget allows."""

from __future__ import annotations

import statistics
import time
from itertools import pairwise

CALIBRATION = (20, 50)  # the steps between which the pace is measured; the first steps are slower
LONGER = (0.05, 5.0)  # or for longer: until this share of the budget, at most this many seconds
EVALUATING = 0.05  # largest share of the remaining time for evaluations
FORWARD = 1 / 3  # time of an evaluation, as a share of a training step with as many tokens
RESERVE = (0.5, 0.01)  # seconds, and share of the budget, for saving and exiting
LATE = 0.8  # share of the budget after which a run that falls behind is shortened
OVERRUN = 1.02  # times the affordable steps that a run may still take
WINDOW = 0.1  # share of the budget over which the speed is measured once the run is under way
TOLERANCE = 0.05  # share of the steps left by which a plan may be wrong before it is made again


class Pace:
    """`seconds` is the budget, None without one; `started` (of `time.monotonic`) is when it began."""

    def __init__(self, seconds: float | None, started: float | None) -> None:
        self.seconds = seconds
        self.started = time.monotonic() if started is None else started
        self._ticks: list[float] = []
        self._first = (0, self.started)
        self._reported = self._first
        self._marks = [self._first]  # (step, time) of the reports since the last plan

    def spent(self) -> float:
        return time.monotonic() - self.started

    def begin(self, step: int, spent: float) -> None:
        """Start the clock, after `step` steps and `spent` seconds of the budget."""
        now = time.monotonic()
        self.started = now - spent
        self._first = self._reported = (step, now)
        self._marks = [self._first]

    def calibrated(self, step: int, evaluated: float, most: int) -> tuple[int, int] | None:
        """(last step, number of evaluations) that the budget allows; None before and after the end of the calibration.

        It follows from the median time of a step. An evaluation reads `evaluated` times the tokens of a step, and there
        are at most `most`.
        """
        first, last = CALIBRATION
        if self.seconds is None or step < first:
            return None
        self._ticks.append(time.monotonic())
        share, longest = LONGER
        if step < last or self._ticks[-1] - self._ticks[0] < min(longest, share * self.seconds):
            return None
        pace = statistics.median(later - earlier for earlier, later in pairwise(self._ticks))
        left = self._left(self.seconds)
        evaluation = evaluated * FORWARD * pace
        evaluations = max(1, min(most, int(EVALUATING * left / max(evaluation, 1e-9))))
        return step + max(1, int((left - evaluations * evaluation) / max(pace, 1e-9))), evaluations

    def replanned(self, step: int, steps_left: int) -> int | None:
        """The number of steps that the rest of the budget allows, if it is no longer about `steps_left`; else None.

        The speed is that of the last `WINDOW` of the budget: a machine that becomes slower or faster is noticed.
        Near the end a run is shortened, but no longer lengthened.
        """
        if self.seconds is None or not steps_left:
            return None
        now = time.monotonic()
        marks = [mark for mark in self._marks if now - mark[1] >= WINDOW * self.seconds]
        first, began = marks[-1] if marks else self._first
        affordable = max(1, int(self._left(self.seconds) * (step - first) / max(1e-9, now - began)))
        if self.spent() > LATE * self.seconds:
            return affordable if steps_left > OVERRUN * affordable else None
        if not marks or abs(affordable - steps_left) <= TOLERANCE * steps_left:
            return None
        self._marks = [(step, now)]  # the next plan is made after another window
        return affordable

    def left(self, foreseen: float) -> float:
        """The seconds that a run still takes: as `foreseen`, but not more than its budget has."""
        return foreseen if self.seconds is None else max(0.0, min(foreseen, self.seconds - self.spent()))

    def _left(self, seconds: float) -> float:
        reserved, share = RESERVE
        return seconds * (1 - share) - reserved - self.spent()

    def since_report(self, step: int) -> tuple[int, float]:
        """Steps and seconds since the last call."""
        now = time.monotonic()
        steps, seconds = step - self._reported[0], now - self._reported[1]
        self._reported = (step, now)
        self._marks.append(self._reported)
        return max(1, steps), max(1e-9, seconds)
