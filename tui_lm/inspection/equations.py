"""The equations of a cell, and the numbers of one unit at one step put into them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_lm.inspection import notation, units
from tui_lm.inspection.cursor import Place
from tui_lm.inspection.frame import Frame, TextLines
from tui_lm.inspection.recording import Recording
from tui_lm.sampling import log_softmax

Array = NDArray[np.floating]
NOTHING = 1e-38  # in the place of a weight of 0, which has no logarithm
SQUASHED = {"cell": "tanh", "new": "tanh", "hidden_state": "tanh"}


def equations(recording: Recording, place: Place) -> Frame:
    """An equation a line, and under it the same one in numbers."""
    recurrent = recording.family in notation.EQUATIONS
    unit = place.cursor.unit
    if unit is None:
        unit = int(units.telling(recording, place)[0])
    step = recording.steps[place.time]
    lines = _cell(recording, place, unit) if recurrent else _attention(recording, place)
    what = f"unit {unit} of layer {place.layer}" if recurrent else f"layer {place.layer}, head {place.cursor.head or 0}"
    logit = float(step.logits[place.target])
    logs = log_softmax(step.logits)
    label = recording.label(place.target)
    last = (
        "p = exp(logit) / Σ exp(logits)",
        f"  of {label}: exp({logit:+.4f}) / exp({logit - logs[place.target]:+.4f}) = {np.exp(logs[place.target]):.4f}",
    )
    said = {"pytorch": "PyTorch's notation", "textbook": "the textbooks' notation"}[place.cursor.notation]
    return Frame(
        "equations",
        "Equations",
        f"{what.capitalize()} at step {place.time}, “{step.label}”, in {said}.",
        (TextLines("", (*lines, *last)),),
        _caption(recording, place),
    )


def _cell(recording: Recording, place: Place, unit: int) -> list[str]:
    family, style, layer = recording.family, place.cursor.notation, place.layer
    of = {
        name: float(notation.shown(name, recording.at(place.time, layer, name)[unit : unit + 1], style)[0])
        for name in recording.names
    }
    shares = _shares(recording, place, unit)
    states = [name for name in ("hidden_state", "cell_state") if name in of]
    before = {str(name): float(_before(recording, place, name)[unit]) for name in states}
    order = notation.ORDER.get(family, ("hidden_state",))
    lines: list[str] = []
    for name, equation in zip(order, notation.EQUATIONS[family][style], strict=True):
        lines.append(equation)
        result = f"{of[name]:+.4f}" if name not in notation.GATES else f"{of[name]:.4f}"
        lines.append(f"  = {_numbers(family, name, of, before, shares, style)} = {result}")
    return lines


def _numbers(
    family: str,
    name: str,
    of: dict[str, float],
    before: dict[str, float],
    shares: dict[str, tuple[float, float]],
    style: notation.Notation,
) -> str:
    """The right side of the equation of `name`, in numbers."""
    if family == "lstm" and name == "cell_state":
        return f"{of['forget']:.4f} · {before['cell_state']:+.4f} + {of['input']:.4f} · {of['cell']:+.4f}"
    if family == "lstm" and name == "hidden_state":
        return f"{of['output']:.4f} · tanh({of['cell_state']:+.4f})"
    if family == "gru" and name == "hidden_state":
        old, new, z = before["hidden_state"], of["new"], of["update"]
        if style == "pytorch":
            return f"(1 - {z:.4f}) · {new:+.4f} + {z:.4f} · {old:+.4f}"
        return f"(1 - {z:.4f}) · {old:+.4f} + {z:.4f} · {new:+.4f}"
    squash = SQUASHED.get(name, "σ")
    if name not in shares:  # the sum alone is known: what the function was given to make this
        total = np.arctanh(of[name]) if squash == "tanh" else np.log(of[name] / (1 - of[name]))
        return f"{squash}({total:+.4f})"
    x, h = shares[name]
    if name == "new":
        return f"tanh({x:+.4f} + {of['reset']:.4f} · {h:+.4f})"
    if (name, style) == ("update", "textbook"):  # 1 - σ(a) = σ(-a)
        x, h = -x, -h
    return f"{squash}({x:+.4f} {h:+.4f})"


def _shares(recording: Recording, place: Place, unit: int) -> dict[str, tuple[float, float]]:
    """What the input and what the state add to each gate of a unit; nothing where the runtime does not say."""
    runtime: Any = recording.runtime
    if not hasattr(runtime, "shares"):
        return {}
    if place.layer == 0:
        x = runtime.embedding[recording.steps[place.time].token]
    else:
        x = recording.at(place.time, place.layer - 1, "hidden_state")
    found = runtime.shares(place.layer, x[None], _before(recording, place, "hidden_state")[None])
    return {name: (float(a[0, unit]), float(b[0, unit])) for name, (a, b) in found.items()}


def _before(recording: Recording, place: Place, name: str) -> Array:
    """The values of a state at the step before the one that is looked at."""
    if place.time == 0:
        return recording.initial[place.layer, name]
    return recording.at(place.time - 1, place.layer, name)


def _attention(recording: Recording, place: Place) -> list[str]:
    """Scores from weights: the logarithm of a weight is its score but for what the whole row shares."""
    head = place.cursor.head or 0
    row = recording.at(place.time, place.layer, "attention", head)
    keys = (*recording.context, *recording.labels[: place.time + 1])[-len(row) :]
    best = np.argsort(-row, kind="stable")[:4]
    top = float(np.log(max(float(row[best[0]]), NOTHING)))
    lines = ["a_j = exp(q·k_j / √d) / Σ_s exp(q·k_s / √d)"]
    lines += [
        f"  of “{keys[j]}”: a = {row[j]:.4f}, a score {np.log(max(float(row[j]), NOTHING)) - top:+.3f} from the highest"
        for j in best
    ]
    return [*lines, "read = Σ_j a_j v_j", f"  = {' + '.join(f'{row[j]:.3f} v(“{keys[j]}”)' for j in best)} + ..."]


def _caption(recording: Recording, place: Place) -> str:
    if recording.family != "gru":
        return "The numbers are those of this step, put in."
    if place.cursor.notation == "pytorch":
        return "Here z = 1 keeps the old state, as in Cho et al. 2014; many textbooks write it the other way round."
    return (
        "Here z = 1 takes the new state, as in Chung et al. 2014: it is 1 minus what PyTorch computes. The reset gate "
        "stands where PyTorch and cuDNN have it, outside the product with U."
    )
