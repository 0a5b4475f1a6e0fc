"""RNN, LSTM and GRU language models in numpy: embedding, stacked cells, RMSNorm, linear head.

Shapes: B batch, D embedding, H hidden units, V vocabulary, L layers. The state is a tuple of L layers, each a tuple of
arrays [B, H]: (h, c) for the LSTM, (h,) for the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_lm.architecture import Recurrent
from tui_lm.runtime.cells import Array, Gates, gru_cell, lstm_cell, rnn_cell
from tui_lm.trace import Activation, Edit, Trace

State = tuple[tuple[Array, ...], ...]
EPSILON = 1e-6
STACKED: Mapping[str, tuple[str, ...]] = {
    "rnn": ("hidden_state",),
    "lstm": ("input", "forget", "cell", "output"),
    "gru": ("reset", "update", "new"),
}


class RecurrentRuntime:
    """`weights` are named and laid out as PyTorch's `nn.RNN`, `nn.LSTM` and `nn.GRU` name and lay them out.

    The dtype of the weights is the dtype of the arithmetic: float32 to serve, float64 in golden tests.
    """

    def __init__(self, architecture: Recurrent, weights: Mapping[str, NDArray[Any]]) -> None:
        self.architecture = architecture
        self.embedding = weights["embedding.weight"]
        layers = range(architecture.num_layers)
        # Products with a transposed matrix in memory order are what BLAS does fastest for one row.
        self._input = [np.ascontiguousarray(weights[f"rnn.weight_ih_l{i}"].T) for i in layers]
        self._recurrent = [np.ascontiguousarray(weights[f"rnn.weight_hh_l{i}"].T) for i in layers]
        self._input_bias = [weights[f"rnn.bias_ih_l{i}"] for i in layers]
        self._recurrent_bias = [weights[f"rnn.bias_hh_l{i}"] for i in layers]
        self._scale = weights["norm.weight"] if architecture.norm else None
        head = self.embedding if architecture.tie_embeddings else weights["head.weight"]
        self._head = np.ascontiguousarray(head.T)
        self._head_bias = weights["head.bias"]

    def start(self) -> State:
        parts = 2 if self.architecture.family == "lstm" else 1
        zero = np.zeros((1, self.architecture.hidden_size), dtype=self.embedding.dtype)
        return tuple((zero,) * parts for _ in range(self.architecture.num_layers))

    def prefill(self, tokens: Sequence[int], state: State | None = None) -> tuple[Array, State]:
        """Logits [1, V] after the last of `tokens` (at least one), and the state there."""
        state = self.start() if state is None else state
        hidden = state[-1][0]
        for token in tokens:
            hidden, state = self._advance(self.embedding[[token]], state, None)
        return self.logits(hidden), state

    def step(
        self, tokens: Sequence[int], state: State, trace: Trace | None = None, edit: Edit | None = None
    ) -> tuple[Array, State]:
        """Logits [B, V] after one token for each of B hypotheses."""
        hidden, state = self._advance(self.embedding[np.asarray(tokens)], state, trace, edit)
        return self.logits(hidden), state

    def select(self, state: State, rows: Sequence[int]) -> State:
        index = np.asarray(rows)
        return tuple(tuple(part[index] for part in layer) for layer in state)

    def _advance(self, x: Array, state: State, trace: Trace | None, edit: Edit | None = None) -> tuple[Array, State]:
        """Embedded tokens [B, D] through every layer: the last layer's h [B, H] and the new state."""
        family = self.architecture.family
        after: list[tuple[Array, ...]] = []
        for i, layer in enumerate(state):
            inputs = x @ self._input[i] + self._input_bias[i]
            w, b = self._recurrent[i], self._recurrent_bias[i]
            own = None if edit is None else partial(edit, i)
            gates: Gates
            if family == "lstm":
                h, c, gates = lstm_cell(inputs, layer[0], layer[1], w, b, own)
                after.append((h, c))
            else:
                h, gates = (gru_cell if family == "gru" else rnn_cell)(inputs, layer[0], w, b, own)
                after.append((h,))
            if trace is not None:
                trace += (Activation(i, name, "gate", values) for name, values in gates.items())
                names = ("hidden_state", "cell_state")
                trace += (Activation(i, name, "state", part) for name, part in zip(names, after[i], strict=False))
            x = h
        return x, tuple(after)

    def logits(self, hidden: Array) -> Array:
        """What the last layer's h [B, H] says of the next token: [B, V]."""
        result: Array = self._normalised(hidden) @ self._head + self._head_bias
        return result

    def votes(self, hidden: Array, token: int) -> tuple[Array, float]:
        """What each unit of h [B, H] adds to the logit of `token`, and the bias; the norm's scale is held."""
        return self._normalised(hidden) * self._head[:, token], float(self._head_bias[token])

    def shares(self, layer: int, x: Array, h: Array) -> Mapping[str, tuple[Array, Array]]:
        """What the layer's input x and its state h [B, H] add to each gate before it is squashed, biases included."""
        inputs = x @ self._input[layer] + self._input_bias[layer]
        recurrent = h @ self._recurrent[layer] + self._recurrent_bias[layer]
        names = STACKED[self.architecture.family]
        parts = (np.split(side, len(names), axis=-1) for side in (inputs, recurrent))
        return dict(zip(names, zip(*parts, strict=True), strict=True))

    def _normalised(self, hidden: Array) -> Array:
        if self._scale is None:
            return hidden
        mean_square = np.mean(hidden * hidden, axis=-1, keepdims=True)
        result: Array = hidden / np.sqrt(mean_square + EPSILON) * self._scale
        return result
