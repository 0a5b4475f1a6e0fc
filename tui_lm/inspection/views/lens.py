"""The logit lens: what each layer of a transformer would predict if it were the last."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tui_lm.inspection.cursor import ResolvedCursor
from tui_lm.inspection.frame import Frame, Heat, Table
from tui_lm.inspection.recording import Recording
from tui_lm.inspection.view import View
from tui_lm.sampling import softmax

Array = NDArray[np.floating]
GUESSES = 5


def readings(recording: Recording, time: int) -> Array:
    """The head's logits [layers, V] for the output of each layer; the last row is the model's own."""
    states = [recording.at(time, layer, "hidden_state") for layer in range(recording.layers)]
    return recording.runtime.logits(np.stack(states))


def answer_shares(recording: Recording, time: int) -> Array:
    """What each layer [layers] would give the model's own answer after a step. It is computed once a step."""
    step = recording.steps[time]
    if "lens" not in step.computed:
        step.computed["lens"] = softmax(readings(recording, time))[:, int(step.logits.argmax())]
    return step.computed["lens"]


def lens(recording: Recording, cursor: ResolvedCursor) -> Frame:
    """The logit lens (nostalgebraist 2020) at one step and over the text."""
    layers = range(recording.layers)
    answers = [int(step.logits.argmax()) for step in recording.steps]
    grid = np.stack([answer_shares(recording, time) for time in range(len(recording))], axis=1)  # [L, T]
    here = softmax(readings(recording, cursor.time))
    rows: list[tuple[str | int | float | None, ...]] = []
    for layer in layers:
        own = here[layer]
        best = np.argsort(-own, kind="stable")[:GUESSES]
        rank = int((own > own[cursor.target]).sum()) + 1
        rows.append((f"layer {layer}", *(f"{recording.label(int(t))} {own[t]:.0%}" for t in best), rank))
    target = recording.label(cursor.target)
    header = ("", *(f"guess {i + 1}" for i in range(GUESSES)), f"rank of {target}")
    first = next((layer for layer in layers if here[layer].argmax() == answers[cursor.time]), layers[-1])
    return Frame(
        "lens",
        "Logit lens",
        f"After step {cursor.time}, layer {first} is the first whose best guess is the model's answer, "
        f"{recording.label(answers[cursor.time])}; the last row is the model's own.",
        (
            Table("", header, tuple(rows)),
            Heat(
                "probability of the model's final answer, by layer",
                grid,
                tuple(f"layer {layer}" for layer in layers),
                recording.labels,
                of_rows="layers",
                time=cursor.time,
            ),
        ),
        "The head was trained on the last layer only. An earlier layer that seems to know nothing may use another "
        "basis (Belrose et al. 2023).",
    )


VIEW = View("lens", "Lens", lens, fits=lambda recording: recording.family in ("llama", "gpt2"))
