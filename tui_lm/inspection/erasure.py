"""Occlusion: what the answer loses when a token is left out of the text (erasure, Li, Monroe & Jurafsky 2016)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from tui_lm.inspection.recording import Recording
from tui_lm.runtime import Encoder
from tui_lm.sampling import log_softmax

Array = NDArray[np.floating]


def erased(
    recording: Recording, time: int, target: int, progress: Callable[[int, int], bool] = lambda done, total: True
) -> Array:
    """How much higher [S + time + 1] the log-probability of `target` after `time` is with a token than without it.

    Of a translator, the S tokens of its source come first. `progress` hears how many are done, and says whether to go
    on; what was not done is NaN.
    """
    lost = unknown(recording, time)
    places = erasures(recording, time, target)
    for done in range(len(lost)):
        if not progress(done, len(lost)):
            break
        left_out, loss = next(places)
        lost[left_out] = loss
    return lost


def unknown(recording: Recording, time: int) -> Array:
    return np.full(len(recording.source) + time + 1, np.nan)


def erasures(recording: Recording, time: int, target: int) -> Iterator[tuple[int, float]]:
    """Each token is left out in turn, and what follows it is read again; NaN where nothing would be left to read."""
    runtime = recording.runtime
    whole = float(log_softmax(recording.steps[time].logits)[target])
    source = recording.source_tokens
    for left_out in range(len(source)):
        rest = [*source[:left_out], *source[left_out + 1 :]]
        if rest:
            assert isinstance(runtime, Encoder)  # only such a network has a source
            logits, _ = runtime.prefill(recording.tokens[: time + 1], runtime.encode([rest]))
            yield left_out, whole - float(log_softmax(logits[0])[target])
        else:
            yield left_out, float("nan")
    for left_out in range(time + 1):
        state = recording.steps[left_out - 1].state if left_out else recording.start
        rest = recording.tokens[left_out + 1 : time + 1]
        if rest:
            logits = runtime.prefill(rest, state)[0][0]
        elif left_out:
            logits = recording.steps[left_out - 1].logits
        else:
            yield len(source) + left_out, float("nan")
            continue
        yield len(source) + left_out, whole - float(log_softmax(logits)[target])
