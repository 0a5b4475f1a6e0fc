"""Time: how fast a run goes, and how many steps its budget of time allows."""

from __future__ import annotations

import statistics
import time
from itertools import pairwise

CALIBRATION = (20, 50)  # the steps between which the pace is measured
RESERVE = 0.05  # of the budget, for evaluations and saving
LATE = 0.7  # of the budget, after which a run that cannot keep it has to hurry


class Pace:
    """`seconds` is the budget, None without one; `started` (of `time.monotonic`) is when it began."""

    def __init__(self, seconds: float | None, started: float | None) -> None:
        self.seconds = seconds
        self.started = time.monotonic() if started is None else started
        self._ticks: list[float] = []
        self._reported = (0, self.started)

    def spent(self) -> float:
        return time.monotonic() - self.started

    def go_on(self, step: int, spent: float) -> None:
        """Count from `step` on, as if `spent` seconds had passed until now."""
        self.started = time.monotonic() - spent
        self._reported = (step, time.monotonic())

    def calibrated(self, step: int) -> int | None:
        """The step at which the budget ends: told once, at the end of the calibration, from its median step."""
        first, last = CALIBRATION
        if self.seconds is None or step < first:
            return None
        self._ticks.append(time.monotonic())
        if step < last:
            return None
        pace = statistics.median(later - earlier for earlier, later in pairwise(self._ticks))
        left = self.seconds * (1 - RESERVE) - self.spent()
        return step + max(1, int(left / max(pace, 1e-9)))

    def affordable(self, step: int, steps_left: int) -> int | None:
        """How many steps are left to a run on a machine that has become much slower; None where all is well."""
        if self.seconds is None:
            return None
        spent = self.spent()
        affordable = max(1, int((self.seconds - spent) * step / spent))
        return affordable if spent > LATE * self.seconds and steps_left > 2 * affordable else None

    def since_report(self, step: int) -> tuple[int, float]:
        """Steps and seconds since this was last asked."""
        now = time.monotonic()
        steps, seconds = step - self._reported[0], now - self._reported[1]
        self._reported = (step, now)
        return max(1, steps), max(1e-9, seconds)
