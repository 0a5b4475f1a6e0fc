"""Symbols and equations, in the textbooks' notation or in PyTorch's.

The networks are PyTorch's. Where textbooks write the GRU's update the other way round (Chung et al. 2014:
h = (1 - z) h + z h~, so z = 1 takes the new; PyTorch and Cho et al. 2014: h = (1 - z) n + z h, so z = 1 keeps the old),
the gate itself is shown as 1 - z, so that the equation beside it is true of the numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Notation = Literal["textbook", "pytorch"]
Array = NDArray[np.floating]

GATES = ("forget", "input", "output", "reset", "update")  # from 0 to 1
TITLES: Mapping[str, str] = {
    "forget": "forget gate",
    "input": "input gate",
    "output": "output gate",
    "cell": "candidate",
    "cell_state": "cell state",
    "hidden_state": "hidden state",
    "reset": "reset gate",
    "update": "update gate",
    "new": "new state",
}
SYMBOLS: Mapping[Notation, Mapping[str, str]] = {
    "textbook": {
        "forget": "f",
        "input": "i",
        "output": "o",
        "cell": "C~",
        "cell_state": "C",
        "hidden_state": "h",
        "reset": "r",
        "update": "z",
        "new": "h~",
    },
    "pytorch": {
        "forget": "f",
        "input": "i",
        "output": "o",
        "cell": "g",
        "cell_state": "c",
        "hidden_state": "h",
        "reset": "r",
        "update": "z",
        "new": "n",
    },
}
ORDER: Mapping[str, tuple[str, ...]] = {
    "lstm": ("forget", "input", "cell", "output", "cell_state", "hidden_state"),
    "gru": ("update", "reset", "new", "hidden_state"),
}
EQUATIONS: Mapping[str, Mapping[Notation, tuple[str, ...]]] = {
    "rnn": {
        "textbook": ("h_t = tanh(W x_t + U h_{t-1} + b)",),
        "pytorch": ("h' = tanh(W_ih x + b_ih + W_hh h + b_hh)",),
    },
    "lstm": {
        "textbook": (
            "f_t = σ(W_f x_t + U_f h_{t-1} + b_f)",
            "i_t = σ(W_i x_t + U_i h_{t-1} + b_i)",
            "C~_t = tanh(W_C x_t + U_C h_{t-1} + b_C)",
            "o_t = σ(W_o x_t + U_o h_{t-1} + b_o)",
            "C_t = f_t C_{t-1} + i_t C~_t",
            "h_t = o_t tanh(C_t)",
        ),
        "pytorch": (
            "f = σ(W_if x + b_if + W_hf h + b_hf)",
            "i = σ(W_ii x + b_ii + W_hi h + b_hi)",
            "g = tanh(W_ig x + b_ig + W_hg h + b_hg)",
            "o = σ(W_io x + b_io + W_ho h + b_ho)",
            "c' = f c + i g",
            "h' = o tanh(c')",
        ),
    },
    "gru": {
        "textbook": (
            "z_t = σ(W_z x_t + U_z h_{t-1} + b_z)",
            "r_t = σ(W_r x_t + U_r h_{t-1} + b_r)",
            "h~_t = tanh(W x_t + b + r_t (U h_{t-1} + b_U))",
            "h_t = (1 - z_t) h_{t-1} + z_t h~_t",
        ),
        "pytorch": (
            "z = σ(W_iz x + b_iz + W_hz h + b_hz)",
            "r = σ(W_ir x + b_ir + W_hr h + b_hr)",
            "n = tanh(W_in x + b_in + r (W_hn h + b_hn))",
            "h' = (1 - z) n + z h",
        ),
    },
}


def title(name: str, notation: Notation) -> str:
    """For people: "forget gate f"."""
    words = f"{TITLES.get(name, name)} {SYMBOLS[notation].get(name, '')}".rstrip()
    if name == "update":
        words += " (1 = keep the old)" if notation == "pytorch" else " (1 = take the new)"
    return words


def shown(name: str, values: Array, notation: Notation) -> Array:
    """The values as the notation has them: the textbooks' update gate is 1 minus PyTorch's."""
    return 1 - values if (name, notation) == ("update", "textbook") else values
