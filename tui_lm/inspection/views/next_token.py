"""The probabilities of the next token."""

from __future__ import annotations

import numpy as np

from tui_lm.inspection.cursor import ResolvedCursor
from tui_lm.inspection.frame import Bars, Frame
from tui_lm.inspection.recording import Recording
from tui_lm.inspection.view import View
from tui_lm.sampling import Sampler, entropy_bits, softmax


def next_token(recording: Recording, cursor: ResolvedCursor) -> Frame:
    """The most probable tokens after the step that is looked at, with the temperature applied."""
    logits = recording.allowed(recording.steps[cursor.time].logits)
    probabilities = Sampler(temperature=cursor.temperature).probabilities(logits)
    learned = softmax(logits)
    best = np.argsort(-probabilities, kind="stable")[: cursor.top]
    best = best[probabilities[best] > 0]
    labels = tuple(recording.label(int(token)) for token in best)
    entropy = entropy_bits(probabilities)
    other = None if cursor.temperature == 1 else learned[best]
    names = (f"temperature {cursor.temperature:g}", "" if other is None else "temperature 1")
    return Frame(
        "next",
        "Next token",
        f"After {recording.where(cursor.time)} comes {labels[0]} with {probabilities[best[0]]:.1%}; the entropy is "
        f"{entropy:.2f} bits, that of {2**entropy:.1f} equally likely tokens.",
        (Bars("", labels, probabilities[best], "%", other, names),),
        "Special tokens other than the end of a message are excluded; the probabilities of the others sum to 1.",
    )


VIEW = View("next", "Next", next_token)
