"""Direct logit attribution: what each unit of the last layer adds to the logit of a token, its vote."""

from __future__ import annotations

import numpy as np

from tui_lm.inspection.cursor import ResolvedCursor
from tui_lm.inspection.frame import Bars, Frame
from tui_lm.inspection.recording import Recording
from tui_lm.inspection.view import View


def attribution(recording: Recording, cursor: ResolvedCursor) -> Frame:
    """The units of the last layer that add most to the logit of the target, or take most from it."""
    layer = recording.layers - 1
    hidden = recording.at(cursor.time, layer, recording.read_by_head)
    parts, bias = recording.runtime.logit_attribution(hidden[None], cursor.target)
    own = parts[0]
    logit = float(recording.steps[cursor.time].logits[cursor.target])
    most = np.argsort(-np.abs(own), kind="stable")[: cursor.top]
    rest = float(own.sum() - own[most].sum())
    label = recording.label(cursor.target)
    labels = (*(f"unit {unit}" for unit in most), f"{len(own) - len(most)} other units", "bias")
    values = np.array([*own[most], rest, bias], dtype=np.float64)
    return Frame(
        "attribution",
        "Direct logit attribution",
        f"The logit of {label} is {logit:+.3f}: the units vote {own[own > 0].sum():+.2f} for it and "
        f"{own[own < 0].sum():+.2f} against it, the bias is {bias:+.2f}.",
        (Bars(f"for {label} after step {cursor.time}", labels, values),),
        f"{_exactness(recording)} A logit means something only in comparison with other logits.",
    )


def _exactness(recording: Recording) -> str:
    if recording.source:
        return "Exact: the head is linear. The units are those of the readout, which mixes state and attention."
    return "Exact at this step with its normalisation held fixed; another value of a unit would change the scale too."


VIEW = View("attribution", "Attribution", attribution, aliases=("votes",))
