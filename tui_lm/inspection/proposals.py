"""The changes that the app offers at the cursor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tui_lm.inspection.change import Change
from tui_lm.inspection.cursor import ResolvedCursor
from tui_lm.inspection.notation import ordered
from tui_lm.inspection.recording import Recording

HALF = 0.5  # the largest value of a clamped gate


def changeable(recording: Recording, layer: int) -> tuple[str, ...]:
    """What can be changed in a layer: its gates and states in reading order, and its attention."""
    return (*ordered(recording.names, recording.cell), *(["attention"] if recording.heads(layer) else []))


def proposals(recording: Recording, cursor: ResolvedCursor, name: str) -> tuple[Change, ...]:
    """Changes of `name` in the unit or head of the cursor: first at its step, then at every step."""
    attends = name == "attention"
    one = Change(
        name,
        layer=cursor.layer,
        unit=None if attends else cursor.unit,
        head=cursor.head if attends else None,
        first=cursor.time,
        last=cursor.time,
    )
    return tuple(_ways(one, cursor, attends)) + tuple(_ways(replace(one, first=0, last=None), cursor, attends))


def _ways(change: Change, cursor: ResolvedCursor, attends: bool) -> Iterator[Change]:
    yield change
    yield replace(change, how="uniform" if attends else "mean")
    if not attends:
        yield replace(change, how="clamp", low=0.0, high=HALF)
    if cursor.pinned is not None and not (cursor.pinned == change.first == change.last):
        yield replace(change, how="copy", source=cursor.pinned)
