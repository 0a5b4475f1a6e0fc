"""The effect of a change to a network, and of the same change to random units or heads as a control."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tui_lm.inspection.change import Change, originals
from tui_lm.inspection.recording import Recording, Step, bits
from tui_lm.sampling import log_softmax
from tui_lm.trace import Edit, Trace

Array = NDArray[np.floating]
CONTROLS = 8  # units or heads in the control


def edited(recording: Recording, change: Change) -> Recording:
    """The recording of the changed network. Steps before the change are the same objects; every view can show it."""
    change = change.on(recording)
    edit = _edit(recording, change)
    assert change.last is not None
    steps: list[Step] = list(recording.steps[: change.first])
    state = steps[-1].state if steps else recording.start
    for time in range(change.first, len(recording)):
        step = recording.steps[time]
        trace: Trace = []
        logits, state = recording.runtime.step([step.token], state, trace, edit if time <= change.last else None)
        surprisal = bits(steps[-1].logits, step.token) if step.surprisal is not None and steps else step.surprisal
        activations = {(a.layer, a.name, a.head): a for a in trace}
        steps.append(Step(step.token, step.label, surprisal, logits[0], state, activations))
    return replace(recording, steps=tuple(steps))


def answers(recording: Recording, changes: Sequence[Change], time: int) -> Array:
    """The logits [B, V] after `time` for each of B changes that differ only in their unit or head.

    They run as one batch without a trace, so the controls cost little more than the change itself.
    """
    changes = [change.on(recording) for change in changes]
    one = changes[0]
    assert one.last is not None
    if time < one.first:
        return np.tile(recording.steps[time].logits, (len(changes), 1))
    everywhere = replace(one, unit=None, head=None)
    substitute = originals(recording, everywhere)
    rows, units = np.arange(len(changes)), [change.unit or 0 for change in changes]

    def edit(layer: int, name: str, values: Array, head: int | None = None) -> Array:
        if (layer, name) != (one.layer, one.name):
            return values
        wanted, result = everywhere.put(values, substitute, head), values.copy()
        if one.unit is not None:
            result[rows, units] = wanted[rows, units]
        else:
            own = [row for row, change in enumerate(changes) if change.head in (None, head)]
            result[own] = wanted[own]
        return result

    runtime = recording.runtime
    state = runtime.select(recording.steps[one.first - 1].state if one.first else recording.start, [0] * len(changes))
    for step in range(one.first, time + 1):
        tokens = [recording.steps[step].token] * len(changes)
        logits, state = runtime.step(tokens, state, None, edit if step <= one.last else None)
    return logits


def _edit(recording: Recording, change: Change) -> Edit:
    """The change as the function that a runtime calls with every activation."""
    substitute = originals(recording, change)

    def edit(layer: int, name: str, values: Array, head: int | None = None) -> Array:
        if (layer, name) != (change.layer, change.name) or change.head not in (None, head):
            return values
        return change.put(values, substitute, head)

    return edit


def controls(recording: Recording, change: Change, generator: np.random.Generator) -> list[Change]:
    """The same change to other units or heads of the layer; empty if the change is to all of them."""
    change = change.on(recording)
    assert change.layer is not None
    if change.unit is not None:
        count = len(recording.at(0, change.layer, change.name))
        others = [replace(change, unit=i) for i in range(count) if i != change.unit]
    elif change.head is not None:
        others = [replace(change, head=h) for h in recording.heads(change.layer) if h != change.head]
    else:
        return []
    chosen = generator.permutation(len(others))[:CONTROLS]
    return [others[i] for i in chosen]


def moved(before: Array, after: Array, target: int) -> float:
    """The change of the log-probability of `target` from logits `before` [V] to `after` [V], in nats."""
    return float(log_softmax(after)[target] - log_softmax(before)[target])
