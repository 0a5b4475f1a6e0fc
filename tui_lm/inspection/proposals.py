"""Changes that suit what is pointed at: what a person is offered who wants to put a hand on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tui_lm.inspection.change import Change
from tui_lm.inspection.cursor import Place
from tui_lm.inspection.gates import ordered
from tui_lm.inspection.recording import Recording

HALF = 0.5  # a gate that is clamped stays at least half shut


def changeable(recording: Recording, layer: int) -> tuple[str, ...]:
    """What of a layer can be changed: its gates and states in the order in which they are read, and its attention."""
    return (*ordered(recording), *(["attention"] if recording.heads(layer) else []))


def proposals(recording: Recording, place: Place, name: str) -> tuple[Change, ...]:
    """Changes of `name` at a place, in the marked unit or the chosen head: at this step first, then at every step."""
    cursor, attends = place.cursor, name == "attention"
    one = Change(
        name,
        layer=place.layer,
        unit=None if attends else cursor.marked,
        head=cursor.head if attends else None,
        first=place.time,
        last=place.time,
    )
    return tuple(_ways(one, place, attends)) + tuple(_ways(replace(one, first=0, last=None), place, attends))


def _ways(change: Change, place: Place, attends: bool) -> Iterator[Change]:
    yield change
    yield replace(change, how="uniform" if attends else "mean")
    if not attends:
        yield replace(change, how="clamp", low=0.0, high=HALF)
    if place.pinned is not None and not (place.pinned == change.first == change.last):
        yield replace(change, how="copy", source=place.pinned)
