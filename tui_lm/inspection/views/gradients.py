"""Gradients by time step: how they shrink or grow on the way back, in this model and in untrained cells."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from itertools import starmap
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_lm.architecture import Recurrent
from tui_lm.inspection.cursor import ResolvedCursor
from tui_lm.inspection.frame import Curves, Frame, Part, Strip, Table
from tui_lm.inspection.gradient_process import folder_of, gradients
from tui_lm.inspection.recording import Recording
from tui_lm.inspection.view import Progress, SlowView

Array = NDArray[np.floating]
STEPS, UNITS = 60, 64  # of the untrained cells
SHARES = (0.1, 0.5, 0.9)  # of the units, in the picture of the gates
BACK = (10, 30, STEPS - 1)
HEADER = ("untrained cell", *(f"{back} steps back" for back in BACK), "norm for all weights", "clipped to 1")


def requests(recording: Recording, cursor: ResolvedCursor) -> list[dict[str, Any]]:
    """The gradients of untrained cells, and those of this model if the text is long enough."""
    asked: list[dict[str, Any]] = [{"what": "cells", "steps": STEPS, "units": UNITS, "seed": 0}]
    tokens = [*recording.tokens_before, *recording.tokens]
    if len(tokens) > (1 if recording.source else 3):
        own = "states" if isinstance(recording.architecture, Recurrent) else "distances"
        request = {"what": own, "folder": folder_of(recording), "tokens": tokens}
        asked.append(request | {"source": recording.source_tokens})
    return asked


def work(recording: Recording, cursor: ResolvedCursor) -> Generator[Progress, None, Frame]:
    """The gradients, from a process with torch."""
    answers = yield from gradients(requests(recording, cursor))
    return by_distance(recording, cursor, answers)


def through_gates(recording: Recording, cursor: ResolvedCursor) -> Frame | None:
    """How much of a state passes the gates that keep it, by distance; None for a network without such gates."""
    memory = None if recording.cell is None else recording.cell.memory
    if memory is None or cursor.time == 0:
        return None
    gate = recording.series(cursor.layer, memory.gate)[: cursor.time + 1]  # [T, units]
    keep = gate if memory.one_keeps else 1 - gate
    left = np.concatenate([np.ones((1, keep.shape[1])), np.cumprod(keep[::-1], axis=0)])
    curves = tuple((f"{share:.0%} of the units keep more", np.quantile(left, 1 - share, axis=1)) for share in SHARES)
    at = np.arange(len(left), dtype=np.float64)
    title = f"{recording.model}, layer {cursor.layer}: product of the gates that keep the state"
    parts = (Curves(title, "steps back", "share of the state that is left", at, curves, log=True),)
    half = float(left[-1].mean())
    return Frame(
        "gradients",
        "Gradients by time step",
        f"From step {cursor.time} back to the beginning, the gates of layer {cursor.layer} let {half:.1%} of the state "
        "through on average. Gradients flow back through the same product, and through other paths besides.",
        parts,
        picture_first=True,
    )


def by_distance(recording: Recording, cursor: ResolvedCursor, answers: Sequence[Any]) -> Frame:
    """The gradient's norm by distance, in this model and in untrained cells."""
    cells = answers[0]
    parts: list[Part] = []
    sentence = "The text is too short for a gradient of this model"
    if len(answers) > 1 and recording.source:
        sentence, own_parts = _through_source(recording, np.array(answers[1], dtype=np.float64))
        parts += own_parts
    elif len(answers) > 1:
        own = answers[1] if isinstance(answers[1], dict) else {"embedding": answers[1]}
        curves = tuple((name, np.array(norms)) for name, norms in own.items())
        what = "its state h" if isinstance(answers[1], dict) else "the embedding of a token"
        top = curves[-1][1]
        at = np.arange(len(top), dtype=np.float64) + isinstance(answers[1], dict)
        title = f"{recording.model}: gradient of the last token's loss"
        parts.append(Curves(title, "steps back", f"norm for {what}", at, curves, log=True))
        left = top[-1] / (top[0] or 1)
        sentence = f"In {recording.model} the gradient is {left:.0e} of its size {at[-1]:.0f} steps back"
    at = np.arange(STEPS, dtype=np.float64)
    lines = tuple((kind, np.array(found["norms"])) for kind, found in cells.items())
    parts += [
        Curves(f"untrained cells of {UNITS} units, random inputs", "steps back", "norm for h", at, lines, log=True),
        Table("share of the gradient's norm that is left", HEADER, tuple(starmap(_row, cells.items()))),
    ]
    rnn, lstm = (_left(cells[kind]["norms"], 30) for kind in ("tanh RNN", "LSTM, forget bias + 3"))
    return Frame(
        "gradients",
        "Gradients by time step",
        f"{sentence}; 30 steps back it is {rnn} in an untrained tanh RNN and {lstm} in an LSTM with open forget gates.",
        tuple(parts),
        "A product of many Jacobians shrinks or grows exponentially (Hochreiter 1991; Bengio, Simard & Frasconi 1994). "
        "Clipping (Pascanu, Mikolov & Bengio 2013) bounds the step, but restores nothing that has vanished.",
        picture_first=True,
    )


def _through_source(recording: Recording, norms: Array) -> tuple[str, list[Part]]:
    """How much of a translator's gradient reaches each token of the source and of its answer."""
    count = len(norms) - len(recording.source)
    answer, source = norms[:count], norms[count:]
    curve = (("embedding", answer),)
    title = f"{recording.model}: gradient of the last token's loss, through its own answer"
    parts: list[Part] = [
        Strip(
            f"{recording.model}: gradient of the last token's loss, through the source",
            recording.source,
            source,
            "norm for the embedding",
            limit=float(source.max()) or 1.0,
        ),
        Curves(title, "steps back", "norm for the embedding", np.arange(count, dtype=np.float64), curve, log=True),
    ]
    most = int(np.argmax(source))
    share = source.min() / (source.max() or 1)
    sentence = (
        f"In {recording.model} the gradient of “{recording.labels[-1]}” is largest at “{recording.source[most]}” of "
        f"the source, and smallest, {share:.0e} of that, at another of its tokens"
    )
    return sentence, parts


def _row(kind: str, found: dict[str, Any]) -> tuple[str | float, ...]:
    left = (_left(found["norms"], back) for back in BACK)
    return (kind, *left, float(f"{found['weights']:.3g}"), float(f"{found['clipped']:.3g}"))


def _left(norms: Sequence[float], back: int) -> str:
    return f"{norms[back] / (norms[0] or 1):.0e}"


VIEW = SlowView("gradients", "Gradients", work, preview=through_gates)
