"""Changes that suit what is pointed at: what a person is offered who wants to put a hand on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tui_lm.inspection.change import Change
from tui_lm.inspection.cursor import ResolvedCursor
from tui_lm.inspection.notation import ordered
from tui_lm.inspection.recording import Recording

HALF = 0.5  # a gate that is clamped stays at least half shut


def changeable(recording: Recording, layer: int) -> tuple[str, ...]:
    """What of a layer can be changed: its gates and states in the order in which they are read, and its attention."""
    return (*ordered(recording.names, recording.cell), *(["attention"] if recording.heads(layer) else []))


def proposals(recording: Recording, cursor: ResolvedCursor, name: str) -> tuple[Change, ...]:
    """Changes of `name` at a place, in the marked unit or the chosen head: at this step first, then at every step."""
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
