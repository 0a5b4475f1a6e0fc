"""Which units are shown, and in which order: the same one every time a model is looked at."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_lm.inspection.cursor import Place
from tui_lm.inspection.recording import Recording

Order = NDArray[np.intp]
KEEPING = {"lstm": "forget", "gru": "update"}


def order(recording: Recording, layer: int) -> tuple[Order, str]:
    """The units of a layer from top to bottom, and how they are ordered.

    Those of an LSTM or GRU stand by the bias of the gate that keeps, so that neighbours remember for similarly long;
    the bias is a weight, so the order does not change with the text. Others stand by their number.
    """
    runtime: Any = recording.runtime
    gate = KEEPING.get(recording.family)
    count = recording.at(0, layer, "hidden_state").size
    if gate is None or not hasattr(runtime, "shares"):
        return np.arange(count), "by number"
    below = runtime.embedding.shape[1] if layer == 0 else count
    zero = runtime.embedding[:1, :1] * 0
    inputs, recurrent = runtime.shares(layer, np.tile(zero, below), np.tile(zero, count))[gate]
    return np.argsort(-(inputs + recurrent)[0], kind="stable"), f"those that keep most first (bias of {gate})"


def shown(recording: Recording, place: Place) -> tuple[Order, str]:
    """The units that a grid of a layer has, from top to bottom, and which they are."""
    cursor = place.cursor
    if cursor.unit is not None:
        return np.array([cursor.unit]), "the one chosen"
    if not cursor.only_top:
        return order(recording, place.layer)
    rows = telling(recording, place)
    if cursor.marked is not None and cursor.marked not in rows:
        rows = np.append(rows[:-1], cursor.marked)
    return rows, f"the {cursor.top} that matter most at step {place.time}"


def telling(recording: Recording, place: Place) -> Order:
    """The `top` units of a layer that matter most here: in the last layer by their votes, in others by their size."""
    hidden = recording.at(place.time, place.layer, "hidden_state")
    weights = np.abs(hidden)
    if place.layer == recording.layers - 1 and recording.read_by_head == "hidden_state":
        weights = np.abs(recording.runtime.votes(hidden[None], place.target)[0][0])
    return np.argsort(-weights, kind="stable")[: place.cursor.top]
