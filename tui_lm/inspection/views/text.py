"""The text itself, shaded by what is looked at."""

from __future__ import annotations

import numpy as np

from tui_lm.inspection.cursor import ResolvedCursor
from tui_lm.inspection.frame import Frame
from tui_lm.inspection.recording import Recording
from tui_lm.inspection.shading import shade_of, shading
from tui_lm.inspection.view import View

CAPTIONS = {
    "surprisal": "High surprisal means that the model expected another token, not that the token is wrong.",
    "gate": "A gate is the mean over all units of the layer: single units may do the opposite.",
    "unit": "A unit that seems to mean something here may do something else in another text: --track searches for one "
    "and scores it on text that was not searched.",
    "attention": "Attention shows where the model looked, not why it answered as it did.",
    "saliency": "Occlusion reads a text that nobody wrote.",
}


def text(recording: Recording, cursor: ResolvedCursor) -> Frame:
    """The tokens on the colours of their values."""
    strip = shading(recording, cursor)
    values = strip.values
    if np.isnan(values).all():
        sentence = "No token has a value yet."
    else:
        most = int(np.nanargmax(np.abs(values)))
        sentence = f"{recording.where(most)} has the largest value: {values[most]:.3g} {strip.unit}".rstrip() + "."
    return Frame("text", "Text", sentence, (strip,), CAPTIONS[shade_of(recording, cursor)])


VIEW = View("text", "Text", text, controls=("shade", "name", "unit", "head"))
