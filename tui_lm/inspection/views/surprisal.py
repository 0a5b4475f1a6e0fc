"""Surprisal: how little the model expected each token of the text."""

from __future__ import annotations

import numpy as np

from tui_lm.inspection.cursor import ResolvedCursor
from tui_lm.inspection.frame import Frame, Strip, Table
from tui_lm.inspection.recording import Recording
from tui_lm.inspection.shading import MOST_BITS
from tui_lm.inspection.view import View
from tui_lm.sampling import entropy_bits, softmax


def surprisal(recording: Recording, cursor: ResolvedCursor) -> Frame:
    """The text coloured by surprisal, and by the entropy of the next token."""
    costs = recording.surprisals()
    spent = costs[~np.isnan(costs)]
    characters = max(1, len(recording.tokenizer.decode(s.token for s in recording.steps if s.surprisal is not None)))
    entropies = np.array([entropy_bits(softmax(step.logits)) for step in recording.steps])
    if spent.size:
        dearest = int(np.nanargmax(costs))
        sentence = (
            f"{spent.sum():.1f} bits for {len(spent)} tokens, {spent.sum() / characters:.2f} bits per character; "
            f"{recording.where(dearest)} was the least expected, with {costs[dearest]:.1f} bits."
        )
    else:
        sentence = "No token of the text was predicted yet."
    rows = tuple(
        (time, step.label, None if step.surprisal is None else round(step.surprisal, 3), round(entropy, 3))
        for time, (step, entropy) in enumerate(zip(recording.steps, entropies.tolist(), strict=True))
    )
    return Frame(
        "surprisal",
        "Surprisal",
        sentence,
        (
            Strip("surprisal of each token", recording.labels, costs, "bits", limit=MOST_BITS, time=cursor.time),
            Strip("entropy of the next token", recording.labels, entropies, "bits", limit=MOST_BITS, time=cursor.time),
            Table("", ("time", "token", "surprisal", "entropy after"), rows),
        ),
        "Surprisal is -log2 of the probability from the network alone. Tokens that open a message are given and have "
        "none.",
    )


VIEW = View("surprisal", "Surprisal", surprisal)
