"""Saliency: which tokens an answer depends on, by two methods, and how far the two agree."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_lm.inspection.cursor import ResolvedCursor
from tui_lm.inspection.erasure import erasures
from tui_lm.inspection.frame import Frame, Strip, Table
from tui_lm.inspection.gradient_process import folder_of, gradients
from tui_lm.inspection.recording import Recording
from tui_lm.inspection.shading import AT_ONCE
from tui_lm.inspection.view import Progress, SlowView

Array = NDArray[np.floating]


def requests(recording: Recording, cursor: ResolvedCursor) -> list[dict[str, Any]]:
    """A request for gradient x input at the cursor."""
    tokens = [*recording.tokens_before, *recording.tokens[: cursor.time + 1]]
    request = {"what": "saliency", "folder": folder_of(recording), "tokens": tokens, "target": cursor.target}
    return [request | {"source": recording.source_tokens}]


def work(recording: Recording, cursor: ResolvedCursor) -> Generator[Progress, None, Frame]:
    """Compute gradients in a process with torch, then leave out each token in turn."""
    (gradient,) = yield from gradients(requests(recording, cursor))
    lost = np.full(len(recording.source) + cursor.time + 1, np.nan)
    for left_out, loss in erasures(recording, cursor.time, cursor.target):
        lost[left_out] = loss
        yield Progress("Leaving out tokens", left_out + 1, len(lost))
    return why(recording, cursor, gradient, lost)


def why(recording: Recording, cursor: ResolvedCursor, scores: Sequence[float], lost: Array) -> Frame:
    """The text, and a translator's source, coloured by gradient x input (`scores`) and by occlusion (`lost`)."""
    time, before = cursor.time, len(recording.source)
    gradient = np.array(scores[-len(lost) :], dtype=np.float64)
    both = ~np.isnan(lost)
    agreement = rank_agreement(np.abs(gradient[both]), np.abs(lost[both]))
    texts = [("", slice(before, None), recording.labels[: time + 1])]
    if before:
        texts = [("source, ", slice(before), recording.source), ("answer, ", *texts[0][1:])]
    strips = []
    for title, values, unit in (
        ("gradient x input", gradient, "nats, to first order"),
        ("occlusion: loss without the token", lost, "nats"),
    ):
        limit = float(np.nanmax(np.abs(values), initial=0.0)) or 1.0
        strips += [Strip(of + title, labels, values[part], unit, "signed", limit) for of, part, labels in texts]
    positions = [*(f"source {i}" for i in range(before)), *range(time + 1)]
    labels = (*recording.source, *recording.labels[: time + 1])
    rows = tuple(
        (at, label, round(float(g), 4), None if np.isnan(e) else round(float(e), 4))
        for at, label, g, e in zip(positions, labels, gradient, lost, strict=True)
    )
    most = int(np.nanargmax(np.abs(lost))) if both.any() else 0
    where = f"token {most} of the source" if most < before else f"step {most - before}"
    said = "needs more tokens" if agreement is None else f"is {agreement:+.2f}"
    return Frame(
        "why",
        "Why this token",
        f"{recording.label(cursor.target)} after step {time} depends most on “{labels[most]}” ({where}) by occlusion; "
        f"the rank agreement of the two methods (Spearman) {said}.",
        (*strips, Table("", ("time", "token", "gradient x input", "occlusion"), rows)),
        "Gradient x input is a first-order estimate, occlusion reads a text that nobody wrote. Where the two disagree, "
        "neither is the explanation.",
        picture_first=True,
    )


def occlusion(recording: Recording, cursor: ResolvedCursor) -> Frame:
    """The text coloured by occlusion alone, without a gradient: of the last `AT_ONCE` tokens before the step."""
    time, before = cursor.time, len(recording.source)
    lost = np.full(before + time + 1, np.nan)
    for left_out, loss in erasures(recording, time, cursor.target, max(0, time + 1 - AT_ONCE)):
        lost[left_out] = loss
    limit = float(np.nanmax(np.abs(lost), initial=0.0)) or 1.0
    title, unit = "occlusion: loss without the token", "nats"
    strips = [Strip(title, recording.labels[: time + 1], lost[before:], unit, "signed", limit, time)]
    if before:
        strips.insert(0, Strip(f"source, {title}", recording.source, lost[:before], unit, "signed", limit))
    said = f"How much each token helps to predict {recording.label(cursor.target)} after step {time}, by occlusion."
    return Frame("why", "Why this token", said, tuple(strips), picture_first=True)


def rank_agreement(one: Array, other: Array) -> float | None:
    """Spearman's rank correlation, with mean ranks for ties; None for fewer than three values or equal ones."""
    if len(one) < 3:
        return None
    a, b = (_ranks(values) for values in (one, other))
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / size if size else None


def _ranks(values: Array) -> Array:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    result: Array = (ends - (counts - 1) / 2)[inverse]
    return result


VIEW = SlowView("why", "Why", work, preview=occlusion)
