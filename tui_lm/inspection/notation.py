"""Symbols of gates and states, in the textbooks' notation or PyTorch's. The equations are in `tui_lm.cells`.

The networks are PyTorch's. Where textbooks write a gate the other way round (Chung et al. 2014 update by
h = (1 - z) h + z h~, so z = 1 takes the new; PyTorch and Cho et al. 2014 by h = (1 - z) n + z h, so z = 1 keeps the
old), the gate is shown as 1 - z, so that the equation beside it is true of the numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from tui_lm.cells import CELLS, CellSpec, Notation

__all__ = ["GATES", "SYMBOLS", "TITLES", "Notation", "ordered", "shown", "title"]

Array = NDArray[np.floating]

GATES = frozenset(name for spec in CELLS.values() for name in spec.gates)  # from 0 to 1
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


def ordered(names: Sequence[str], spec: CellSpec | None) -> tuple[str, ...]:
    """`names` of gates and states in reading order."""
    first = [name for name in spec.order if name in names] if spec else []
    return (*first, *(name for name in names if name not in first))


def title(name: str, notation: Notation, spec: CellSpec | None) -> str:
    """For people: "forget gate f". `spec` is the cell, None for a network without cells."""
    words = f"{TITLES.get(name, name)} {SYMBOLS[notation].get(name, '')}".rstrip()
    if spec is None or spec.memory is None or spec.memory.write_gate is not None or name != spec.memory.gate:
        return words
    one_keeps = spec.memory.one_keeps != _complemented(name, notation, spec)
    return f"{words} ({'1 = keep the old' if one_keeps else '1 = take the new'})"


def shown(name: str, values: Array, notation: Notation, spec: CellSpec | None) -> Array:
    """The values as the notation has them: textbooks may have 1 minus PyTorch's gate."""
    return 1 - values if _complemented(name, notation, spec) else values


def _complemented(name: str, notation: Notation, spec: CellSpec | None) -> bool:
    return spec is not None and notation == "textbook" and name == spec.textbook_complement
