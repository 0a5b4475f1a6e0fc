"""The equations of a cell, with the numbers of one unit at one step."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from tui_lm.architecture import Recurrent
from tui_lm.cells import CellSpec, Equation
from tui_lm.inspection import notation, units
from tui_lm.inspection.cursor import ResolvedCursor
from tui_lm.inspection.frame import Frame, TextLines
from tui_lm.inspection.recording import Recording
from tui_lm.inspection.view import View
from tui_lm.runtime import GateInputs
from tui_lm.sampling import log_softmax

Array = NDArray[np.floating]
NOTHING = 1e-38  # replaces a weight of 0, which has no logarithm
INVERSES: Mapping[str, Callable[[float], float]] = {  # of each squashing function, to recover its argument
    "σ": lambda y: float(np.log(y / (1 - y))),
    "tanh": lambda y: float(np.arctanh(y)),
}


def equations(recording: Recording, cursor: ResolvedCursor) -> Frame:
    """Each equation, and below it the same one in numbers."""
    cell = recording.cell
    unit = cursor.unit
    if unit is None:
        unit = int(units.telling(recording, cursor, 1)[0])
    step = recording.steps[cursor.time]
    lines = _attention(recording, cursor) if cell is None else _cell(recording, cell, cursor, unit)
    what = f"unit {unit} of layer {cursor.layer}" if cell else f"layer {cursor.layer}, head {cursor.head or 0}"
    logit = float(step.logits[cursor.target])
    logs = log_softmax(step.logits)
    label = recording.label(cursor.target)
    log_share = logs[cursor.target]
    last = (
        "p = exp(logit) / Σ exp(logits)",
        f"  of {label}: exp({logit:+.4f}) / exp({logit - log_share:+.4f}) = {np.exp(log_share):.4f}",
    )
    said = {"pytorch": "PyTorch's notation", "textbook": "the textbooks' notation"}[cursor.notation]
    return Frame(
        "equations",
        "Equations",
        f"{what.capitalize()} at step {cursor.time}, “{step.label}”, in {said}.",
        (TextLines("", (*lines, *last)),),
        _caption(recording, cursor),
    )


def _cell(recording: Recording, cell: CellSpec, cursor: ResolvedCursor, unit: int) -> list[str]:
    style, layer = cursor.notation, cursor.layer
    of = {
        name: float(notation.shown(name, recording.at(cursor.time, layer, name)[unit : unit + 1], style, cell)[0])
        for name in recording.names
    }
    sums = _sums(recording, cursor, unit)
    lines: list[str] = []
    for equation in cell.equations:
        name = equation.of
        old = float(_before(recording, cursor, name)[unit]) if name in cell.states else 0.0
        lines.append(equation.written(style))
        lines.append(f"  = {_numbers(equation, cell, of, old, sums.get(name), style)} = {_number(name, of[name])}")
    return lines


def _number(name: str, value: float) -> str:
    return f"{value:.4f}" if name in notation.GATES else f"{value:+.4f}"


def _numbers(
    equation: Equation,
    cell: CellSpec,
    of: Mapping[str, float],
    old: float,
    sums: tuple[float, float] | None,
    style: notation.Notation,
) -> str:
    """The right side of an equation, in numbers; `sums` are the contributions of input and state, None if unknown."""
    if equation.squash and sums is None:
        return f"{equation.squash}({INVERSES[equation.squash](of[equation.of]):+.4f})"
    x, h = sums or (0.0, 0.0)
    if style == "textbook" and equation.of == cell.textbook_complement:  # 1 - σ(a) = σ(-a)
        x, h = -x, -h
    values = {name: _number(name, value) for name, value in of.items()}
    return equation.in_numbers(style).format(x=f"{x:+.4f}", h=f"{h:+.4f}", old=f"{old:+.4f}", **values)


def _sums(recording: Recording, cursor: ResolvedCursor, unit: int) -> dict[str, tuple[float, float]]:
    """What input and state contribute to each gate of a unit; empty if the runtime does not tell."""
    runtime = recording.runtime
    if not isinstance(runtime, GateInputs):
        return {}
    if cursor.layer == 0:
        step = recording.steps[cursor.time]
        x = runtime.inputs([step.token], step.state)[0]
    else:
        x = recording.at(cursor.time, cursor.layer - 1, "hidden_state")
    found = runtime.gate_inputs(cursor.layer, x[None], _before(recording, cursor, "hidden_state")[None])
    return {name: (float(a[0, unit]), float(b[0, unit])) for name, (a, b) in found.items()}


def _before(recording: Recording, cursor: ResolvedCursor, name: str) -> Array:
    """The values of a state before the step that is looked at."""
    if cursor.time == 0:
        return recording.initial[cursor.layer, name]
    return recording.at(cursor.time - 1, cursor.layer, name)


def _attention(recording: Recording, cursor: ResolvedCursor) -> list[str]:
    """Attention of one head; scores are recovered from weights, up to a constant of the row."""
    head = cursor.head or 0
    row = recording.at(cursor.time, cursor.layer, "attention", head)
    keys = (*recording.context, *recording.labels[: cursor.time + 1])[-len(row) :]
    best = np.argsort(-row, kind="stable")[:4]
    top = float(np.log(max(float(row[best[0]]), NOTHING)))
    lines = ["a_j = exp(q·k_j / √d) / Σ_s exp(q·k_s / √d)"]
    lines += [
        f"  of “{keys[j]}”: a = {row[j]:.4f}, a score {np.log(max(float(row[j]), NOTHING)) - top:+.3f} from the highest"
        for j in best
    ]
    return [*lines, "read = Σ_j a_j v_j", f"  = {' + '.join(f'{row[j]:.3f} v(“{keys[j]}”)' for j in best)} + ..."]


def _caption(recording: Recording, cursor: ResolvedCursor) -> str:
    remarks = {} if recording.cell is None else recording.cell.remarks
    said = remarks.get(cursor.notation, "Every number is the network's own at this step.")
    shape = recording.architecture
    told = cursor.layer == 0 and isinstance(shape, Recurrent) and shape.authors is not None
    return f"{said} x is the token's embedding plus the vector of the author." if told else said


VIEW = View("equations", "Equations", equations, controls=("unit", "head", "notation"))
