"""Which units are shown, and in which order: the order is the same for every text."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tui_lm.inspection.cursor import ResolvedCursor
from tui_lm.inspection.recording import Recording
from tui_lm.runtime import GateInputs

Order = NDArray[np.intp]


def order(recording: Recording, layer: int) -> tuple[Order, str]:
    """The units of a layer from top to bottom, and a description of their order.

    If a gate decides what is kept, units are ordered by its bias, so that neighbours remember for similarly long. The
    bias is a weight, so the order does not depend on the text. Other units are ordered by number.
    """
    runtime, memory = recording.runtime, None if recording.cell is None else recording.cell.memory
    count = recording.at(0, layer, "hidden_state").size
    if memory is None or not isinstance(runtime, GateInputs):
        return np.arange(count), "by number"
    below = runtime.embedding.shape[1] if layer == 0 else count
    zero = runtime.embedding[:1, :1] * 0
    inputs, recurrent = runtime.gate_inputs(layer, np.tile(zero, below), np.tile(zero, count))[memory.gate]
    bias = (inputs + recurrent)[0]
    keeping = bias if memory.one_keeps else -bias
    return np.argsort(-keeping, kind="stable"), f"those that keep most first (bias of {memory.gate})"


def shown(recording: Recording, cursor: ResolvedCursor) -> tuple[Order, str]:
    """The units that a grid shows, from top to bottom, and a description of them."""
    if cursor.alone and cursor.unit is not None:
        return np.array([cursor.unit]), "the one chosen"
    if not cursor.only_top:
        return order(recording, cursor.layer)
    rows = telling(recording, cursor, cursor.units)
    if cursor.unit is not None and cursor.unit not in rows:
        rows = np.append(rows[:-1], cursor.unit)
    return rows, f"the {len(rows)} that matter most at step {cursor.time}"


def telling(recording: Recording, cursor: ResolvedCursor, count: int) -> Order:
    """The `count` units of a layer that matter most at a step.

    The last layer is ranked by direct logit attribution, other layers by the size of the state.
    """
    hidden = recording.at(cursor.time, cursor.layer, "hidden_state")
    weights = np.abs(hidden)
    if cursor.layer == recording.layers - 1 and recording.read_by_head == "hidden_state":
        weights = np.abs(recording.runtime.logit_attribution(hidden[None], cursor.target)[0][0])
    return np.argsort(-weights, kind="stable")[:count]
