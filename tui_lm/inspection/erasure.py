"""Occlusion: how the log-probability of a token falls without another token (Li, Monroe & Jurafsky 2016)."""

from __future__ import annotations

from collections.abc import Iterator

from tui_lm.inspection.recording import Recording
from tui_lm.runtime import Encoder
from tui_lm.sampling import log_softmax


def erasures(recording: Recording, time: int, target: int, first: int = 0) -> Iterator[tuple[int, float]]:
    """Leave out each token from step `first` on in turn, and read the rest again.

    Yields (position, loss): how much higher the log-probability of `target` after `time` is with the token than without
    it, in nats; NaN if nothing would be left to read. The tokens of a translator's source come first.
    """
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
    for left_out in range(first, time + 1):
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
