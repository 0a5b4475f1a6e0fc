"""Recurrent cells in numpy that read whole texts of different lengths, in one direction or both.

Shapes: T time, N texts, W the width of a state, both directions together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_lm.cells import CellSpec
from tui_lm.runtime.cells import Array
from tui_lm.runtime.layer import Layer

Ids = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Reader:
    """A stack of layers; each has one direction or two."""

    layers: Sequence[Sequence[Layer]]

    @classmethod
    def of(
        cls, spec: CellSpec, weights: Mapping[str, NDArray[Any]], prefix: str, layers: int, directions: Sequence[str]
    ) -> Reader:
        return cls([[Layer.of(spec, weights, prefix, f"{i}{way}") for way in directions] for i in range(layers)])

    def read(self, x: Array, lengths: Ids) -> tuple[Array, Array]:
        """Inputs x [T, N, D], of which the first `lengths` [N] count: states [T, N, W], and the last states [N, W]."""
        present = np.arange(len(x))[:, None] < lengths
        last = [x[0]]
        for directions in self.layers:
            read = [_direction(layer, x, present, bool(way)) for way, layer in enumerate(directions)]
            x = np.concatenate([states for states, _ in read], axis=2)
            last = [end for _, end in read]
        return x, np.concatenate(last, axis=1)


def padded(rows: Sequence[Sequence[int]]) -> tuple[Ids, Ids]:
    """The rows, none of which is empty, as columns [T, N] filled with 0, and their lengths [N]."""
    lengths = np.fromiter(map(len, rows), np.intp, len(rows))
    table = np.zeros((lengths.max(), len(rows)), np.intp)
    for column, row in enumerate(rows):
        table[: len(row), column] = row
    return table, lengths


def _direction(layer: Layer, x: Array, present: NDArray[np.bool_], backward: bool) -> tuple[Array, Array]:
    """One direction: h [T, N, H], and h [N, H] at the end that it reads last. Padding leaves the state as it is."""
    size, texts = present.shape
    inputs = layer.contribution(x.reshape(size * texts, -1)).reshape(size, texts, -1)
    state = layer.start(texts)
    output = np.empty((size, texts, layer.units), x.dtype)
    for t in reversed(range(size)) if backward else range(size):
        now, _ = layer.step(inputs[t], state)
        if not present[t].all():
            there = present[t, :, None]
            now = tuple(np.where(there, new, old) for new, old in zip(now, state, strict=True))
        state, output[t] = now, now[0]
    return output, state[0]
