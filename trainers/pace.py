"""Time: how fast a run goes, and how many steps and evaluations its budget of time allows."""

from __future__ import annotations

import statistics
import time
from itertools import pairwise

CALIBRATION = (20, 50)  # the steps between which the pace is measured, or for longer:
LONGER = (0.05, 5.0)  # a share of the budget, and at most so many seconds; the first steps are slower than the rest
JUDGING = 0.05  # of the time that is left, at most, for evaluations
FORWARD = 1 / 3  # of the time of a step: what an evaluation does with as many tokens
RESERVE = (0.5, 0.01)  # seconds, and a share of the budget, for saving and leaving
LATE = 0.8  # of the budget, after which a run that cannot keep it has to hurry
OVERRUN = 1.02  # times the steps that are affordable: so much longer than it should a run may take


class Pace:
    """`seconds` is the budget, None without one; `started` (of `time.monotonic`) is when it began."""

    def __init__(self, seconds: float | None, started: float | None) -> None:
        self.seconds = seconds
        self.started = time.monotonic() if started is None else started
        self._ticks: list[float] = []
        self._first = (0, self.started)
        self._reported = self._first

    def spent(self) -> float:
        return time.monotonic() - self.started

    def begin(self, step: int, spent: float) -> None:
        """The first step comes now, after `step` others; `spent` seconds of the budget are gone."""
        now = time.monotonic()
        self.started = now - spent
        self._first = self._reported = (step, now)

    def calibrated(self, step: int, judged: float, most: int) -> tuple[int, int] | None:
        """The step at which the budget ends, and how often to evaluate until then: told once, at the end of the
        calibration, from its median step. An evaluation reads `judged` times the tokens of a step, and there are at
        most `most`."""
        first, last = CALIBRATION
        if self.seconds is None or step < first:
            return None
        self._ticks.append(time.monotonic())
        share, longest = LONGER
        if step < last or self._ticks[-1] - self._ticks[0] < min(longest, share * self.seconds):
            return None
        pace = statistics.median(later - earlier for earlier, later in pairwise(self._ticks))
        left = self._left(self.seconds)
        evaluation = judged * FORWARD * pace
        evaluations = max(1, min(most, int(JUDGING * left / max(evaluation, 1e-9))))
        return step + max(1, int((left - evaluations * evaluation) / max(pace, 1e-9))), evaluations

    def affordable(self, step: int, steps_left: int) -> int | None:
        """How many steps are left to a run on a machine that has become much slower; None where all is well."""
        if self.seconds is None:
            return None
        spent = self.spent()
        first, began = self._first
        affordable = max(1, int(self._left(self.seconds) * (step - first) / (time.monotonic() - began)))
        return affordable if spent > LATE * self.seconds and steps_left > OVERRUN * affordable else None

    def _left(self, seconds: float) -> float:
        reserved, share = RESERVE
        return seconds * (1 - share) - reserved - self.spent()

    def since_report(self, step: int) -> tuple[int, float]:
        """Steps and seconds since this was last asked."""
        now = time.monotonic()
        steps, seconds = step - self._reported[0], now - self._reported[1]
        self._reported = (step, now)
        return max(1, steps), max(1e-9, seconds)
