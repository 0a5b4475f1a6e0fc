"""One layer of cells: its weights, and a step with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_lm.cells import CellSpec
from tui_lm.runtime.cells import STEPS, Array, Gates, Ids, Replace, State
from tui_lm.trace import Activation


@dataclass(frozen=True, slots=True)
class Layer:
    """Weights of one layer, transposed into the order in which BLAS multiplies one row fastest."""

    spec: CellSpec
    inputs: Array  # [D, rows]
    input_bias: Array  # [rows]
    recurrent: Array  # [H, rows], or [H, 0] for a cell whose gates do not read the state
    recurrent_bias: Array  # [rows] or [0]

    @classmethod
    def of(cls, spec: CellSpec, weights: Mapping[str, NDArray[Any]], prefix: str, layer: str) -> Layer:
        """The layer whose weights are called `prefix`.weight_ih_l`layer` and so on."""
        given = {name: weights[f"{prefix}.{name}_l{layer}"] for name in spec.parameters}
        inputs = given["weight_ih"]
        none = np.empty((0, len(inputs) // len(spec.stacked)), inputs.dtype)
        return cls(
            spec,
            np.ascontiguousarray(inputs.T),
            given["bias_ih"],
            np.ascontiguousarray(given.get("weight_hh", none).T),
            given.get("bias_hh", none[:, 0]),
        )

    @property
    def units(self) -> int:
        return len(self.recurrent)

    def start(self, batch: int) -> State:
        """The state before the first token: zeros [batch, H]."""
        return (np.zeros((batch, self.units), self.inputs.dtype),) * len(self.spec.states)

    def contribution(self, x: Array) -> Array:
        """W_ih x + b_ih [B, rows] for inputs x [B, D]."""
        result: Array = x @ self.inputs + self.input_bias
        return result

    def step(
        self, x: Array, state: State, edit: Replace | None = None, parents: Ids | None = None
    ) -> tuple[State, Gates]:
        """The new state and the gates, for the input's contribution x [B, rows]."""
        return STEPS[self.spec.name](x, state, self.recurrent, self.recurrent_bias, edit, parents)

    def gate_inputs(self, x: Array, h: Array) -> Mapping[str, tuple[Array, Array]]:
        """What inputs x [B, D] and state h [B, H] contribute to the sum inside each gate, biases included."""
        names = self.spec.stacked
        inputs = self.contribution(x)
        recurrent = h @ self.recurrent + self.recurrent_bias if self.spec.reads_state else np.zeros_like(inputs)
        parts = (np.split(side, len(names), axis=-1) for side in (inputs, recurrent))
        return dict(zip(names, zip(*parts, strict=True), strict=True))

    def activations(self, layer: int, state: State, gates: Gates) -> Iterator[Activation]:
        """Everything that a step computed, as a trace has it: gates first, then states."""
        yield from (Activation(layer, name, "gate", values) for name, values in gates.items())
        yield from (Activation(layer, name, "state", part) for name, part in zip(self.spec.states, state, strict=True))
