"""What may come next, and what each token of the text cost."""

from __future__ import annotations

import numpy as np

from tui_lm.inspection.cursor import Place
from tui_lm.inspection.frame import Bars, Frame, Strip, Table
from tui_lm.inspection.recording import Recording
from tui_lm.sampling import Sampler, entropy_bits, softmax

MOST_BITS = 8.0  # the colours of surprisal end here


def next_token(recording: Recording, place: Place) -> Frame:
    """The most probable tokens after the moment that is looked at, with the temperature applied."""
    logits = recording.allowed(recording.steps[place.time].logits)
    cursor = place.cursor
    probabilities = Sampler(temperature=cursor.temperature).probabilities(logits)
    learned = softmax(logits)
    best = np.argsort(-probabilities, kind="stable")[: cursor.top]
    best = best[probabilities[best] > 0]
    labels = tuple(recording.label(int(token)) for token in best)
    entropy = entropy_bits(probabilities)
    other = None if cursor.temperature == 1 else learned[best]
    names = (f"temperature {cursor.temperature:g}", "" if other is None else "as learned")
    return Frame(
        "next",
        "Next token",
        f"After {_where(recording, place.time)} comes {labels[0]} with {probabilities[best[0]]:.1%}; "
        f"the entropy is {entropy:.2f} bits, as of {2**entropy:.1f} equally likely tokens.",
        (Bars("", labels, probabilities[best], "%", other, names),),
        "Tokens that are no text, but for the end of a message, cannot come; the others share the whole.",
    )


def surprisal(recording: Recording, place: Place) -> Frame:
    """The text coloured by the bits that each token cost, and by how open the next one was."""
    costs = recording.surprisals()
    spent = costs[~np.isnan(costs)]
    characters = max(1, len(recording.tokenizer.decode(s.token for s in recording.steps if s.surprisal is not None)))
    entropies = np.array([entropy_bits(softmax(step.logits)) for step in recording.steps])
    if spent.size:
        dearest = int(np.nanargmax(costs))
        sentence = (
            f"{spent.sum():.1f} bits for {len(spent)} tokens, {spent.sum() / characters:.2f} bits a character; "
            f"{_where(recording, dearest)} was the least expected, with {costs[dearest]:.1f} bits."
        )
    else:
        sentence = "Nothing of the text was to be predicted yet."
    rows = tuple(
        (time, step.label, None if step.surprisal is None else round(step.surprisal, 3), round(entropy, 3))
        for time, (step, entropy) in enumerate(zip(recording.steps, entropies.tolist(), strict=True))
    )
    return Frame(
        "surprisal",
        "Surprisal",
        sentence,
        (
            Strip("what each token cost", recording.labels, costs, "bits", limit=MOST_BITS, time=place.time),
            Strip("entropy after it", recording.labels, entropies, "bits", limit=MOST_BITS, time=place.time),
            Table("", ("time", "token", "surprisal", "entropy after"), rows),
        ),
        "Surprisal is -log2 of the probability that the network alone gave; what opens a message is given, not paid.",
    )


def _where(recording: Recording, time: int) -> str:
    """A moment in words: “e” (step 4)."""
    return f"“{recording.labels[time]}” (step {time})"
