"""Why, not where: which tokens an answer hangs on, by two methods, and how far the two agree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_lm.inspection.cursor import Place
from tui_lm.inspection.erasure import erased
from tui_lm.inspection.frame import Frame, Strip, Table
from tui_lm.inspection.gradient_process import folder_of
from tui_lm.inspection.recording import Recording

Array = NDArray[np.floating]


def requests(recording: Recording, place: Place) -> list[dict[str, Any]]:
    """Gradient x input at the cursor."""
    tokens = [*recording.tokens_before, *recording.tokens[: place.time + 1]]
    return [{"what": "saliency", "folder": folder_of(recording), "tokens": tokens, "target": place.target}]


def why(recording: Recording, place: Place, answers: Sequence[Any], lost: Array | None = None) -> Frame:
    """The text coloured by each method. `lost` is what `erased` gives; it is worked out here where it is not."""
    time = place.time
    gradient = np.array(answers[0][-(time + 1) :], dtype=np.float64)
    lost = erased(recording, time, place.target) if lost is None else lost
    both = ~np.isnan(lost)
    agreement = rank_agreement(np.abs(gradient[both]), np.abs(lost[both]))
    labels = recording.labels[: time + 1]
    strips = tuple(
        Strip(title, labels, values, unit, "signed", float(np.nanmax(np.abs(values), initial=0.0)) or 1.0)
        for title, values, unit in (
            ("gradient x input", gradient, "nats, to first order"),
            ("left out: what the answer loses", lost, "nats"),
        )
    )
    rows = tuple(
        (i, label, round(float(g), 4), None if np.isnan(e) else round(float(e), 4))
        for i, (label, g, e) in enumerate(zip(labels, gradient, lost, strict=True))
    )
    label = recording.label(place.target)
    most = int(np.nanargmax(np.abs(lost))) if both.any() else 0
    said = "is not to be had of so few tokens" if agreement is None else f"is {agreement:+.2f}"
    return Frame(
        "why",
        "Why, not where",
        f"For {label} after step {time}: leaving out “{labels[most]}” (step {most}) changes most; the rank agreement "
        f"of the two methods (Spearman) {said}.",
        (*strips, Table("", ("time", "token", "gradient x input", "left out"), rows)),
        "Two methods that ask different questions: a first-order estimate at this point, and a text that was never "
        "written. Where they disagree neither is the explanation.",
    )


def rank_agreement(one: Array, other: Array) -> float | None:
    """Spearman's rank correlation, ties sharing their mean rank; None where there is nothing to rank."""
    if len(one) < 3:
        return None
    a, b = (_ranks(values) for values in (one, other))
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / size if size else None


def _ranks(values: Array) -> Array:
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    result: Array = (ends - (counts - 1) / 2)[places]
    return result
