"""One step of each cell, every equation written once; `STEPS` has them by name.

Shapes: B batch (the beam), H hidden units, rows = H for each gate and candidate that `CellSpec.stacked` names, in its
order. Every step takes the same arguments:

    x        [B, rows]  W_ih x_t + b_ih, what the input contributes
    state    (h, ...)   one array [B, H] for each of `CellSpec.states`
    w        [H, rows]  W_hh transposed; [H, 0] for a cell whose gates do not read the state
    b        [rows]     b_hh; [0] for such a cell
    edit                is asked, by name, for the values to use instead of each gate and state, before they are used
    parents  [B]        the row of the state that each row of x continues, where several rows of x share one state

and returns the new state and the gates. A step never writes into its arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]
Ids = NDArray[np.intp]
Gates = Mapping[str, Array]
State = tuple[Array, ...]
Replace = Callable[[str, Array], Array]


class Step(Protocol):
    def __call__(
        self, x: Array, state: State, w: Array, b: Array, edit: Replace | None = None, parents: Ids | None = None
    ) -> tuple[State, Gates]: ...


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)), written with tanh so that it cannot overflow."""
    result: Array = 0.5 * np.tanh(0.5 * x) + 0.5
    return result


def positive(x: Array) -> Array:
    """minGRU's g: x + 0.5 for x >= 0, else sigmoid(x); continuous, and above 0 (Feng et al. 2024)."""
    result: Array = np.maximum(x, 0) + sigmoid(np.minimum(x, 0))
    return result


def rnn_cell(
    x: Array, state: State, w: Array, b: Array, edit: Replace | None = None, parents: Ids | None = None
) -> tuple[State, Gates]:
    """Elman 1990: h' = tanh(W_ih x + b_ih + W_hh h + b_hh)."""
    recurrent = state[0] @ w
    h = np.tanh(x + (recurrent if parents is None else recurrent[parents]) + b)
    return (h if edit is None else edit("hidden_state", h),), {}


def lstm_cell(
    x: Array, state: State, w: Array, b: Array, edit: Replace | None = None, parents: Ids | None = None
) -> tuple[State, Gates]:
    """Hochreiter & Schmidhuber 1997, with the forget gate of Gers, Schmidhuber & Cummins 2000.

    i, f, o = sigmoid(W_ih x + W_hh h + b), g = tanh(...), c' = f c + i g, h' = o tanh(c').
    """
    h, c = state
    units = h.shape[-1]
    recurrent = h @ w
    if parents is not None:
        recurrent, c = recurrent[parents], c[parents]
    z = x + recurrent + b
    gates = sigmoid(z)
    i, f, o = gates[:, :units], gates[:, units : 2 * units], gates[:, 3 * units :]
    g = np.tanh(z[:, 2 * units : 3 * units])
    if edit is not None:
        i, f, g, o = edit("input", i), edit("forget", f), edit("cell", g), edit("output", o)
    c = f * c + i * g
    if edit is not None:
        c = edit("cell_state", c)
    h = o * np.tanh(c)
    if edit is not None:
        h = edit("hidden_state", h)
    return (h, c), {"input": i, "forget": f, "cell": g, "output": o}


def gru_cell(
    x: Array, state: State, w: Array, b: Array, edit: Replace | None = None, parents: Ids | None = None
) -> tuple[State, Gates]:
    """Cho et al. 2014, in the variant of cuDNN and PyTorch: the reset gate scales W_hn h + b_hn.

    r, z = sigmoid(W_ih x + W_hh h + b), n = tanh(W_in x + b_in + r (W_hn h + b_hn)), h' = (1 - z) n + z h.
    The update gate z = 1 keeps the old state.
    """
    (h,) = state
    units = h.shape[-1]
    recurrent = h @ w + b
    if parents is not None:
        recurrent, h = recurrent[parents], h[parents]
    gates = sigmoid(x[:, : 2 * units] + recurrent[:, : 2 * units])
    r, z = gates[:, :units], gates[:, units:]
    if edit is not None:
        r, z = edit("reset", r), edit("update", z)
    n = np.tanh(x[:, 2 * units :] + r * recurrent[:, 2 * units :])
    if edit is not None:
        n = edit("new", n)
    h = n + z * (h - n)
    return (h if edit is None else edit("hidden_state", h),), {"reset": r, "update": z, "new": n}


def mingru_cell(
    x: Array, state: State, w: Array, b: Array, edit: Replace | None = None, parents: Ids | None = None
) -> tuple[State, Gates]:
    """Feng et al. 2024, in the log-space form. No gate reads the state, so w and b are empty.

    z = sigmoid(W_iz x + b_iz), n = g(W_in x + b_in), h' = (1 - z) h + z n. The update gate z = 1 takes the new state.
    """
    (h,) = state
    if parents is not None:
        h = h[parents]
    units = h.shape[-1]
    z, n = sigmoid(x[:, :units]), positive(x[:, units:])
    if edit is not None:
        z, n = edit("update", z), edit("new", n)
    h = h + z * (n - h)
    return (h if edit is None else edit("hidden_state", h),), {"update": z, "new": n}


STEPS: Mapping[str, Step] = {"rnn": rnn_cell, "lstm": lstm_cell, "gru": gru_cell, "mingru": mingru_cell}
