"""The nearest tokens in the embedding."""

from __future__ import annotations

import numpy as np

from tui_lm.inspection.cursor import ResolvedCursor
from tui_lm.inspection.frame import Bars, Frame
from tui_lm.inspection.recording import Recording
from tui_lm.inspection.view import View
from tui_lm.tokenizers.specials import FIXED


def nearest(recording: Recording, cursor: ResolvedCursor) -> Frame:
    """The tokens whose embeddings have the largest cosine with that of the token that is looked at."""
    table = recording.runtime.embedding
    token = recording.steps[cursor.time].token
    lengths = np.linalg.norm(table, axis=1)
    cosines = table @ table[token] / (lengths * lengths[token] + 1e-12)
    order = [int(t) for t in np.argsort(-cosines, kind="stable") if t != token and t >= len(FIXED)]
    best = order[: cursor.top]
    label = recording.labels[cursor.time]
    return Frame(
        "nearest",
        "Nearest tokens",
        f"The embedding of {label} is most like that of {recording.label(best[0])} (cosine {cosines[best[0]]:.2f}).",
        (Bars(f"cosine to {label}", tuple(map(recording.label, best)), cosines[best]),),
        "Near tokens are treated alike as input of this model. Rare tokens may lie anywhere.",
    )


VIEW = View("nearest", "Nearest", nearest)
