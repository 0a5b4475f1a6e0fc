"""Gates and states over time, and two steps compared."""

from __future__ import annotations

import numpy as np

from tui_lm.inspection import notation, units
from tui_lm.inspection.cursor import ResolvedCursor
from tui_lm.inspection.frame import Frame, Heat, Part, Table
from tui_lm.inspection.recording import Recording
from tui_lm.inspection.view import View


def gates(recording: Recording, cursor: ResolvedCursor) -> Frame:
    """A heat map, units by time, for each gate and state of one layer."""
    layer = cursor.layer
    rows, by = units.shown(recording, cursor)
    names = notation.ordered(recording.names, recording.cell)
    if cursor.alone and cursor.name in names:
        names = (cursor.name,)
    parts: list[Part] = []
    for name in names:
        values = notation.shown(name, recording.series(layer, name)[:, rows].T, cursor.notation, recording.cell)
        signed = name not in notation.GATES
        parts.append(
            Heat(
                notation.title(name, cursor.notation, recording.cell),
                values,
                tuple(map(str, rows)),
                recording.labels,
                "signed" if signed else "unit",
                limit=max(1.0, float(np.abs(values).max())) if signed else 1.0,
                rows_may_merge=len(rows) > cursor.units,
                time=cursor.time,
                pinned=cursor.pinned,
                name=name,
                row_ids=tuple(rows.tolist()),
                pointed=None if cursor.alone else cursor.unit,
            )
        )
    if cursor.pinned is not None:
        parts += [_compared(recording, cursor, name) for name in names]
    of = f"layer {layer} of {recording.layers}" if recording.layers > 1 else "the only layer"
    return Frame(
        "gates",
        "Gates and state",
        f"{len(rows)} units of {of} over {len(recording)} steps; units: {by}.",
        tuple(parts),
        "Most units have no meaning that people can name.",
    )


def _compared(recording: Recording, cursor: ResolvedCursor, name: str) -> Table:
    """The units that differ most between the pinned step and the one that is looked at."""
    assert cursor.pinned is not None
    then, now = (
        notation.shown(name, recording.at(time, cursor.layer, name), cursor.notation, recording.cell)
        for time in (cursor.pinned, cursor.time)
    )
    most = np.argsort(-np.abs(now - then), kind="stable")[: cursor.top]
    rows = tuple(
        (int(unit), round(float(then[unit]), 4), round(float(now[unit]), 4), round(float(now[unit] - then[unit]), 4))
        for unit in most
    )
    title = f"{notation.title(name, cursor.notation, recording.cell)}: what changed most"
    return Table(title, ("unit", f"step {cursor.pinned}", f"step {cursor.time}", "change"), rows)


VIEW = View("gates", "Gates", gates, controls=("name", "unit", "head", "pin", "units", "notation"))
