"""The text itself, with a value for every token: a unit, a gate, surprisal, attention or saliency.

Shading a text by one unit is the picture in which Karpathy, Johnson & Fei-Fei (2015) found a cell that is on inside
quotes.
"""

from __future__ import annotations

import numpy as np

from tui_lm.inspection import notation, units
from tui_lm.inspection.cursor import SHADES, ResolvedCursor, Shade
from tui_lm.inspection.erasure import erasures
from tui_lm.inspection.frame import Strip
from tui_lm.inspection.recording import Array, Recording
from tui_lm.inspection.view import is_gated

MOST_BITS = 8.0  # the largest surprisal that colours distinguish
AT_ONCE = 32  # tokens before the step that are left out in turn: more would be felt at the keyboard


def shades_of(recording: Recording) -> tuple[Shade, ...]:
    """What the text can be shaded by in this model."""
    lacking = set()
    if not recording.heads(recording.layers - 1) or recording.source:
        lacking.add("attention")  # of a translator it is over the source
    if not is_gated(recording):
        lacking.add("gate")
    return tuple(shade for shade in SHADES if shade not in lacking)


def shade_of(recording: Recording, cursor: ResolvedCursor) -> Shade:
    """`cursor.shade`, or surprisal if the model lacks that."""
    return cursor.shade if cursor.shade in shades_of(recording) else "surprisal"


def shading(recording: Recording, cursor: ResolvedCursor) -> Strip:
    """A value for each token of the text by `shade_of`; NaN for a token without one."""
    match shade_of(recording, cursor):
        case "unit":
            return _unit(recording, cursor)
        case "gate":
            return _gate(recording, cursor)
        case "attention":
            return _attention(recording, cursor)
        case "saliency":
            return _saliency(recording, cursor)
        case _:
            costs = recording.surprisals()
            return Strip("surprisal of each token", recording.labels, costs, "bits", limit=MOST_BITS, time=cursor.time)


def _unit(recording: Recording, cursor: ResolvedCursor) -> Strip:
    """One unit of a gate or state; without a choice the unit that matters most."""
    name = cursor.name if cursor.name in recording.names else recording.names[-1]
    unit = cursor.unit if cursor.unit is not None else int(units.telling(recording, cursor, 1)[0])
    values = recording.series(cursor.layer, name)[:, unit]
    values = notation.shown(name, values, cursor.notation, recording.cell)
    title = f"unit {unit} of layer {cursor.layer}: {notation.title(name, cursor.notation, recording.cell)}"
    if name in notation.GATES:
        return Strip(title, recording.labels, values, "", "unit", 1.0, cursor.time)
    return Strip(title, recording.labels, values, "", "signed", _limit(values), cursor.time)


def _gate(recording: Recording, cursor: ResolvedCursor) -> Strip:
    """The mean of a gate over all units of a layer; without a choice, of the gate that keeps."""
    assert recording.cell is not None and recording.cell.memory is not None  # see `shades_of`
    name = cursor.name if cursor.name in notation.GATES else recording.cell.memory.gate
    values = notation.shown(name, recording.series(cursor.layer, name), cursor.notation, recording.cell)
    called = notation.title(name, cursor.notation, recording.cell)
    title = f"{called}: mean of the {values.shape[1]} units of layer {cursor.layer}"
    return Strip(title, recording.labels, values.mean(axis=1), "", "unit", 1.0, cursor.time)


def _attention(recording: Recording, cursor: ResolvedCursor) -> Strip:
    """How much the step looks at each token: one head, or the mean of all. Tokens before the text are left out."""
    heads = recording.heads(cursor.layer)
    picked = [head for head in heads if cursor.head in (None, head)] or list(heads)
    rows = [recording.at(cursor.time, cursor.layer, "attention", head) for head in picked]
    values = np.full(len(recording), np.nan)
    own = min(cursor.time + 1, len(rows[0]))
    values[cursor.time + 1 - own : cursor.time + 1] = np.mean(rows, axis=0)[-own:]
    of = f"head {picked[0]}" if len(picked) == 1 else f"mean of {len(picked)} heads"
    title = f"attention of step {cursor.time} in layer {cursor.layer}, {of}"
    return Strip(title, recording.labels, values, "", "amount", _limit(values), cursor.time)


def _saliency(recording: Recording, cursor: ResolvedCursor) -> Strip:
    """By how much leaving out each of the last `AT_ONCE` tokens lowers the log-probability of the target."""
    before = len(recording.source)
    values = np.full(len(recording), np.nan)
    for left_out, loss in erasures(recording, cursor.time, cursor.target, max(0, cursor.time + 1 - AT_ONCE)):
        if left_out >= before:
            values[left_out - before] = loss
    title = f"saliency for {recording.label(cursor.target)} after step {cursor.time}, by occlusion"
    return Strip(title, recording.labels, values, "nats", "signed", _limit(values), cursor.time)


def _limit(values: Array) -> float:
    sizes = np.abs(values[~np.isnan(values)])
    return float(sizes.max(initial=0.0)) or 1.0
