"""The same text in several models, compared in bits per character because their tokens differ."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tui_lm.inspection.frame import Bars, Frame, Part, Strip, Table
from tui_lm.inspection.recording import Recording
from tui_lm.inspection.shading import MOST_BITS
from tui_lm.sampling import softmax

Array = NDArray[np.floating]


def by_character(recording: Recording) -> tuple[tuple[str, ...], Array]:
    """The characters of the text and the bits of each; a token's bits are divided evenly among its characters."""
    letters: list[str] = []
    costs: list[float] = []
    written = ""
    waiting = 0.0  # bits of bytes that are not yet a whole character
    tokens: list[int] = []
    for step in recording.steps:
        if step.surprisal is None:
            continue
        tokens.append(step.token)
        text = recording.tokenizer.decode(tokens)
        added = text[len(written) :] if text.startswith(written) else ""
        waiting += step.surprisal
        if added and not added.endswith("\N{REPLACEMENT CHARACTER}"):
            letters += added
            costs += [waiting / len(added)] * len(added)
            written, waiting = text, 0.0
    return tuple(letters), np.array(costs)


def beside(recordings: Sequence[Recording], times: Sequence[int], top: int) -> Frame:
    """The text coloured by surprisal for each model, all to one scale, and the tokens that each expects next."""
    parts: list[Part] = []
    rows: list[tuple[str | int | float | None, ...]] = []
    for recording in recordings:
        letters, costs = by_character(recording)
        shown = tuple("␣" if c == " " else c if c.isprintable() else "⏎" if c == "\n" else "·" for c in letters)
        parts.append(
            Strip(f"{recording.model} ({recording.architecture.label})", shown, costs, "bits", limit=MOST_BITS)
        )
        lossless = recording.tokenizer.lossless
        rows.append(
            (
                recording.model,
                recording.architecture.label,
                int(sum(step.surprisal is not None for step in recording.steps)),
                round(float(costs.sum()), 2),
                round(float(costs.mean()), 3) if len(costs) and lossless else None,
            )
        )
    parts.insert(0, Table("", ("model", "network", "tokens", "bits", "bits per character"), tuple(rows)))
    for recording, time in zip(recordings, times, strict=True):
        shares = softmax(recording.allowed(recording.steps[time].logits))
        best = np.argsort(-shares, kind="stable")[: min(top, 5)]
        parts.append(Bars(f"{recording.model}: next", tuple(recording.label(int(t)) for t in best), shares[best], "%"))
    priced = [(row[4], str(row[0])) for row in rows if isinstance(row[4], float)]
    if priced:
        least, name = min(priced)
        every = ", ".join(f"{price:.2f}" for price, _ in priced)
        sentence = f"{name} needs the fewest bits per character: {least:.2f} of {every}."
    else:
        sentence = "None of these models gives bits for every character."
    return Frame(
        "beside",
        "Side by side",
        sentence,
        tuple(parts),
        "One short text says little about a model: `tui-lm evaluate` measures on thousands of messages. A word "
        "tokenizer does not spell unknown words, so it gives no bits for their characters.",
    )
