"""The activations of a translator's encoder over the source."""

from __future__ import annotations

import numpy as np

from tui_lm.architecture import Seq2Seq
from tui_lm.inspection import notation
from tui_lm.inspection.cursor import ResolvedCursor
from tui_lm.inspection.frame import Frame, Heat, Part, Scale
from tui_lm.inspection.recording import Recording
from tui_lm.inspection.view import View


def encoder(recording: Recording, cursor: ResolvedCursor) -> Frame:
    """The encoder's gates and states of one layer, one column for each token of the source."""
    layer = min(cursor.layer, max(of for of, _ in recording.encoder))
    found = {name: values for (of, name), values in recording.encoder.items() if of == layer}
    names = notation.ordered(tuple(found), recording.cell)
    parts: list[Part] = []
    for name in [str(cursor.name)] if cursor.alone and cursor.name in found else names:
        values = notation.shown(name, found[name].T, cursor.notation, recording.cell)
        rows = np.arange(len(values))
        if cursor.only_top:
            rows = np.argsort(-np.abs(found["hidden_state"]).max(axis=0), kind="stable")[: cursor.units]
        signed = name not in notation.GATES
        limit = max(1.0, float(np.abs(values).max())) if signed else 1.0
        title, labels = notation.title(name, cursor.notation, recording.cell), tuple(str(unit) for unit in rows)
        scale: Scale = "signed" if signed else "unit"
        parts.append(
            Heat(title, values[rows], labels, recording.source, scale, limit, rows_may_merge=not cursor.only_top)
        )
    count = next(iter(found.values())).shape[1]
    both = isinstance(recording.architecture, Seq2Seq) and recording.architecture.bidirectional
    halves = f"; the first {count // 2} read from the left, the others from the right" if both else ""
    return Frame(
        "encoder",
        "Encoder",
        f"{count} units of layer {layer} of the encoder over {len(recording.source)} tokens of the source{halves}.",
        tuple(parts),
        "A column is the state after a token, so it also holds what was read before.",
    )


VIEW = View("encoder", "Encoder", encoder, fits=lambda recording: bool(recording.source))
