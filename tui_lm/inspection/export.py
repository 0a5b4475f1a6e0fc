"""Recordings and frames as JSON: the shape that docs/inspect-json.md promises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_lm.inspection import units
from tui_lm.inspection.cursor import Cursor
from tui_lm.inspection.frame import Bars, Curves, Frame, Heat, Part, Points, Strip, Table, TextLines
from tui_lm.inspection.recording import Recording

VERSION = 1
DIGITS = 7  # after the point
KINDS: Mapping[type[Part], str] = {
    Heat: "heat",
    Strip: "strip",
    Bars: "bars",
    Table: "table",
    Curves: "curves",
    Points: "points",
    TextLines: "card",
}
JSON_NAMES = {"attribution": "votes"}  # views whose key is their former name, which scripts rely on


def recording_json(recording: Recording, cursor: Cursor, frames: Mapping[str, Frame]) -> dict[str, Any]:
    """The object of `inspect --json`. The cursor selects activations; `frames` go under "views"."""
    result: dict[str, Any] = {
        "version": VERSION,
        "model": {
            "name": recording.model,
            "description": recording.description,
            "family": recording.family,
            "layers": recording.layers,
        },
        "context": list(recording.context),
        "tokens": [
            {"time": time, "id": step.token, "label": step.label, "surprisal": _rounded(step.surprisal)}
            for time, step in enumerate(recording.steps)
        ],
        "unit_order": {
            str(layer): units.order(recording, layer)[0].tolist()
            for layer in range(recording.layers)
            if cursor.layer is None or cursor.layer % recording.layers == layer
        },
        "activations": activations(recording, cursor),
    }
    if recording.source:
        result["source"] = list(recording.source)
        result["encoder"] = [
            {"layer": layer, "name": name, "kind": _kind(name), "values": _numbers(values)}
            for (layer, name), values in recording.encoder.items()
            if cursor.name in (None, name)
        ]
    if frames:
        result["views"] = {JSON_NAMES.get(name, name): frame_json(frame) for name, frame in frames.items()}
    return result


def activations(recording: Recording, cursor: Cursor) -> list[dict[str, Any]]:
    """The activations that the cursor selects, step by step; gates are PyTorch's."""
    rows: list[dict[str, Any]] = []
    layer = None if cursor.layer is None else cursor.layer % recording.layers
    time_asked = None if cursor.time is None else cursor.time % len(recording)
    for time, step in enumerate(recording.steps):
        if time_asked not in (None, time):
            continue
        for activation in step.activations.values():
            if layer not in (None, activation.layer) or cursor.name not in (None, activation.name):
                continue
            if activation.head is not None and cursor.head not in (None, activation.head):
                continue
            row: dict[str, Any] = {
                "layer": activation.layer,
                "time": time,
                "name": activation.name,
                "kind": activation.kind,
            }
            if activation.kind == "attention":
                row["head"] = activation.head
            values = activation.values[0]
            if cursor.unit is not None and activation.kind != "attention":
                row["unit"] = cursor.unit
                values = values[cursor.unit : cursor.unit + 1]
            row["values"] = _numbers(values)
            rows.append(row)
    return rows


def _kind(name: str) -> str:
    return "state" if name.endswith("_state") else "gate"


def frame_json(frame: Frame) -> dict[str, Any]:
    return {
        "title": frame.title,
        "sentence": frame.sentence,
        "caption": frame.caption,
        "parts": [part_json(part) for part in frame.parts],
    }


def part_json(part: Part) -> dict[str, Any]:
    """The fields of a part under their names, and what kind of part it is."""
    named = {field.name: _value(getattr(part, field.name)) for field in fields(part)}
    return {"kind": KINDS[type(part)], **named}


def _value(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return _numbers(value)
    if isinstance(value, tuple):
        return [_value(one) for one in value]
    return value


def _numbers(values: NDArray[Any]) -> Any:
    """Numbers as nested lists; NaN is null, since JSON has no NaN."""
    if values.dtype.kind != "f":
        return values.tolist()
    rounded = np.round(values.astype(np.float64), DIGITS) + 0.0
    if np.isnan(rounded).any():
        return np.where(np.isnan(rounded), None, rounded).tolist()  # type: ignore[call-overload]
    return rounded.tolist()


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)
