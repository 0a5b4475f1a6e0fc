"""Gates and states over time, two moments compared, and how saturated the gates are."""

from __future__ import annotations

import numpy as np

from tui_lm.inspection import notation, units
from tui_lm.inspection.cursor import Place
from tui_lm.inspection.frame import MARK, Bars, Frame, Heat, Part, Scale, Table
from tui_lm.inspection.recording import Recording

BINS = 10  # of the histogram


def gates(recording: Recording, place: Place) -> Frame:
    """Unit by time, a heat map for each gate and state of one layer."""
    cursor, layer = place.cursor, place.layer
    rows, by = units.shown(recording, place)
    names = [cursor.name] if cursor.name in recording.names else ordered(recording)
    parts: list[Part] = []
    for name in names:
        values = notation.shown(name, recording.series(layer, name)[:, rows].T, cursor.notation, recording.cell)
        signed = name not in notation.GATES
        parts.append(
            Heat(
                notation.title(name, cursor.notation, recording.cell),
                values,
                tuple(f"{unit}{MARK if unit == cursor.marked else ''}" for unit in rows),
                recording.labels,
                "signed" if signed else "unit",
                limit=max(1.0, float(np.abs(values).max())) if signed else 1.0,
                rows_may_merge=True,
                time=place.time,
                pinned=place.pinned,
                name=name,
            )
        )
    if place.pinned is not None:
        parts += [_compared(recording, place, name) for name in names]
    of = f"layer {layer} of {recording.layers}" if recording.layers > 1 else "the only layer"
    return Frame(
        "gates",
        "Gates and state",
        f"{len(rows)} units of {of} over {len(recording)} steps; units: {by}.",
        tuple(parts),
        "A unit has no name: most of them mean nothing to a reader, and none is named here.",
    )


def encoder(recording: Recording, place: Place) -> Frame:
    """What a translator's encoder did with the source: its gates and states, a column a token."""
    layer = min(place.layer, max(of for of, _ in recording.encoder))
    found = {name: values for (of, name), values in recording.encoder.items() if of == layer}
    names = [name for name in _order(recording) if name in found]
    parts: list[Part] = []
    for name in names if place.cursor.name not in found else [str(place.cursor.name)]:
        values = notation.shown(name, found[name].T, place.cursor.notation, recording.cell)
        rows = np.arange(len(values))
        if place.cursor.only_top:
            rows = np.argsort(-np.abs(found["hidden_state"]).max(axis=0), kind="stable")[: place.cursor.top]
        signed = name not in notation.GATES
        limit = max(1.0, float(np.abs(values).max())) if signed else 1.0
        title, labels = notation.title(name, place.cursor.notation, recording.cell), tuple(str(unit) for unit in rows)
        scale: Scale = "signed" if signed else "unit"
        parts.append(Heat(title, values[rows], labels, recording.source, scale, limit, rows_may_merge=True))
    count = next(iter(found.values())).shape[1]
    both = bool(getattr(recording.architecture, "bidirectional", False))
    halves = f"; the first {count // 2} have read from the left, the others from the right" if both else ""
    return Frame(
        "encoder",
        "Encoder",
        f"{count} units of layer {layer} of the encoder over {len(recording.source)} tokens of the source{halves}.",
        tuple(parts),
        "A column is the state after this token, not the token: it holds what was read before it too.",
    )


def saturation(recording: Recording, place: Place) -> Frame:
    """How open the gates of one layer are, over all its units and all steps: never the mean alone."""
    rows: list[tuple[str | float, ...]] = []
    parts: list[Part] = []
    for name in [name for name in ordered(recording) if name in notation.GATES]:
        values = notation.shown(name, recording.series(place.layer, name), place.cursor.notation, recording.cell)
        rows.append(
            (
                notation.title(name, place.cursor.notation, recording.cell).partition(" (")[0],
                round(float(np.median(values)), 3),
                round(100 * float((values < 0.1).mean()), 1),
                round(100 * float((values > 0.9).mean()), 1),
            )
        )
        counts, edges = np.histogram(values, BINS, (0.0, 1.0))
        labels = tuple(f"{low:.1f} to {low + 1 / BINS:.1f}" for low in edges[:-1])
        parts.append(
            Bars(notation.title(name, place.cursor.notation, recording.cell), labels, counts / values.size, "%")
        )
    table = Table("", ("gate", "median", "% under 0.1", "% over 0.9"), tuple(rows))
    closed = "; ".join(f"{row[0]}: median {row[1]}, {row[2]} % shut, {row[3]} % open" for row in rows)
    return Frame(
        "saturation",
        "Saturation",
        f"Layer {place.layer}: {closed}.",
        (table, *parts),
        f"Over {len(recording)} steps of this text; shut is under 0.1, open is over 0.9.",
    )


def ordered(recording: Recording) -> list[str]:
    """The gates and states of a family in the order in which they are read."""
    first = [name for name in _order(recording) if name in recording.names]
    return [*first, *(name for name in recording.names if name not in first)]


def _order(recording: Recording) -> tuple[str, ...]:
    return () if recording.cell is None else recording.cell.order


def _compared(recording: Recording, place: Place, name: str) -> Table:
    """The units that differ most between the pinned moment and the one looked at."""
    assert place.pinned is not None
    then, now = (
        notation.shown(name, recording.at(time, place.layer, name), place.cursor.notation, recording.cell)
        for time in (place.pinned, place.time)
    )
    most = np.argsort(-np.abs(now - then), kind="stable")[: place.cursor.top]
    rows = tuple(
        (int(unit), round(float(then[unit]), 4), round(float(now[unit]), 4), round(float(now[unit] - then[unit]), 4))
        for unit in most
    )
    title = f"{notation.title(name, place.cursor.notation, recording.cell)}: what changed most"
    return Table(title, ("unit", f"step {place.pinned}", f"step {place.time}", "change"), rows)
