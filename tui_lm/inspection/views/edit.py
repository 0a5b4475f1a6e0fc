"""The effect of a change to the network, beside the same change to random units."""

from __future__ import annotations

import numpy as np

from tui_lm.inspection.cursor import ResolvedCursor
from tui_lm.inspection.edits import answers, controls, edited, moved
from tui_lm.inspection.frame import Bars, Frame, Part, Strip
from tui_lm.inspection.recording import Recording
from tui_lm.inspection.view import View
from tui_lm.sampling import softmax


def edit(recording: Recording, cursor: ResolvedCursor) -> Frame:
    """The next token before and after, and the change of the target's log-probability beside that of a control."""
    assert cursor.change is not None
    change = cursor.change.on(recording)
    generator = np.random.default_rng(cursor.seed)
    after = edited(recording, change)
    time, target = cursor.time, cursor.target
    old, new = (softmax(of.allowed(of.steps[time].logits)) for of in (recording, after))
    best = np.argsort(-np.maximum(old, new), kind="stable")[: cursor.top]
    best = best[np.maximum(old, new)[best] > 0]
    labels = tuple(recording.label(int(token)) for token in best)
    was = recording.steps[time].logits
    effect = moved(was, after.steps[time].logits, target)
    alike = controls(recording, change, generator)
    others = [moved(was, logits, target) for logits in answers(recording, alike, time)] if alike else []
    kind = "units" if change.unit is not None else "heads"
    if others:
        beside = (
            f"; the same change to {len(others)} other {kind}, taken at random, changes it by {np.mean(others):+.3f} "
            f"on average, from {min(others):+.3f} to {max(others):+.3f}"
        )
    else:
        beside = "; the change is to all of them, so there is no control"
    costs = after.surprisals() - recording.surprisals()
    limit = float(np.nanmax(np.abs(costs), initial=0.0)) if not np.isnan(costs).all() else 0.0
    parts: list[Part] = [
        Bars(f"next token after step {time}", labels, new[best], "%", old[best], ("after", "before")),
        Strip("change of each token's surprisal", recording.labels, costs, "bits", "signed", limit or 1.0, time),
    ]
    if others:
        rows = (effect, *others)
        names = ("this one", *(f"control {i + 1}" for i in range(len(others))))
        title = f"change of the log-probability of {recording.label(target)}"
        parts.append(Bars(title, names, np.array(rows), "nats"))
    return Frame(
        "edit",
        "Edit and see",
        f"{change}: the log-probability of {recording.label(target)} after step {time} changes by {effect:+.3f} nats"
        f"{beside}.",
        tuple(parts),
        "The network never met such a change in training, so the effect may be larger than any natural one; the mean "
        "is milder than zero (Zhang & Nanda 2024). A unit may do something else in another text.",
        picture_first=True,
    )


def unedited(recording: Recording, cursor: ResolvedCursor) -> Frame:
    """The next token as it is before any change."""
    time = cursor.time
    shares = softmax(recording.allowed(recording.steps[time].logits))
    best = np.argsort(-shares, kind="stable")[: cursor.top]
    best = best[shares[best] > 0]
    labels = tuple(recording.label(int(token)) for token in best)
    bars = Bars(f"next token after step {time}, before any edit", labels, shares[best], "%")
    return Frame("edit", "Edit and see", "Nothing is changed.", (bars,), picture_first=True)


VIEW = View("edit", "Edit", edit, controls=("name", "unit", "head"), needs_change=True, preview=unedited)
