"""Occlusion: what the answer loses when a token is left out of the text (erasure, Li, Monroe & Jurafsky 2016)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from tui_lm.inspection.recording import Recording
from tui_lm.sampling import log_softmax

Array = NDArray[np.floating]


def erased(
    recording: Recording, time: int, target: int, progress: Callable[[int, int], bool] = lambda done, total: True
) -> Array:
    """How much higher [time + 1] the log-probability of `target` after `time` is with a token than without it.

    `progress` hears how many are done, and says whether to go on; what was not done is NaN.
    """
    lost = unknown(time)
    places = erasures(recording, time, target)
    for done in range(time + 1):
        if not progress(done, time + 1):
            break
        left_out, loss = next(places)
        lost[left_out] = loss
    return lost


def unknown(time: int) -> Array:
    return np.full(time + 1, np.nan)


def erasures(recording: Recording, time: int, target: int) -> Iterator[tuple[int, float]]:
    """Each token is left out in turn, and what follows it is read again; NaN where nothing would be left to read."""
    runtime = recording.runtime
    whole = float(log_softmax(recording.steps[time].logits)[target])
    for left_out in range(time + 1):
        state = recording.steps[left_out - 1].state if left_out else recording.start
        rest = recording.tokens[left_out + 1 : time + 1]
        if rest:
            logits = runtime.prefill(rest, state)[0][0]
        elif left_out:
            logits = recording.steps[left_out - 1].logits
        else:
            yield left_out, float("nan")
            continue
        yield left_out, whole - float(log_softmax(logits)[target])
