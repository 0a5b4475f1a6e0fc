"""How saturated the gates of a layer are."""

from __future__ import annotations

import numpy as np

from tui_lm.inspection import notation
from tui_lm.inspection.cursor import ResolvedCursor
from tui_lm.inspection.frame import Bars, Frame, Part, Table
from tui_lm.inspection.recording import Recording
from tui_lm.inspection.view import View, is_gated

BINS = 10  # of the histogram


def saturation(recording: Recording, cursor: ResolvedCursor) -> Frame:
    """The distribution of the gates of one layer over all units and steps."""
    rows: list[tuple[str | float, ...]] = []
    parts: list[Part] = []
    for name in notation.ordered(recording.names, recording.cell):
        if name not in notation.GATES:
            continue
        values = notation.shown(name, recording.series(cursor.layer, name), cursor.notation, recording.cell)
        rows.append(
            (
                notation.title(name, cursor.notation, recording.cell).partition(" (")[0],
                round(float(np.median(values)), 3),
                round(100 * float((values < 0.1).mean()), 1),
                round(100 * float((values > 0.9).mean()), 1),
            )
        )
        counts, edges = np.histogram(values, BINS, (0.0, 1.0))
        labels = tuple(f"{low:.1f} to {low + 1 / BINS:.1f}" for low in edges[:-1])
        parts.append(Bars(notation.title(name, cursor.notation, recording.cell), labels, counts / values.size, "%"))
    table = Table("", ("gate", "median", "% below 0.1", "% above 0.9"), tuple(rows))
    closed = "; ".join(f"{row[0]}: median {row[1]}, {row[2]} % closed, {row[3]} % open" for row in rows)
    return Frame(
        "saturation",
        "Saturation",
        f"Layer {cursor.layer}: {closed}.",
        (table, *parts),
        f"Over the {len(recording)} steps of this text; closed is below 0.1, open is above 0.9.",
    )


VIEW = View("saturation", "Saturation", saturation, fits=is_gated, controls=("notation",))
