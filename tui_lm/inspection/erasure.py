"""Occlusion: what the answer loses when a token is left out of the text (erasure, Li, Monroe & Jurafsky 2016)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tui_lm.inspection.recording import Recording
from tui_lm.sampling import log_softmax

Array = NDArray[np.floating]


def erased(
    recording: Recording, time: int, target: int, progress: Callable[[int, int], bool] = lambda done, total: True
) -> Array:
    """How much higher [time + 1] the log-probability of `target` after `time` is with a token than without it.

    Each is left out in turn and what follows it is read again. `progress` hears how many are done, and says whether to
    go on; what was not done is NaN.
    """
    runtime = recording.runtime
    whole = float(log_softmax(recording.steps[time].logits)[target])
    lost = np.full(time + 1, np.nan)
    for left_out in range(time + 1):
        if not progress(left_out, time + 1):
            break
        state = recording.steps[left_out - 1].state if left_out else recording.start
        rest = recording.tokens[left_out + 1 : time + 1]
        if rest:
            logits = runtime.prefill(rest, state)[0][0]
        elif left_out:
            logits = recording.steps[left_out - 1].logits
        else:
            continue  # nothing would be left to read
        lost[left_out] = whole - float(log_softmax(logits)[target])
    return lost
