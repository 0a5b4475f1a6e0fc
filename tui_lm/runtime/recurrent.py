"""Recurrent language models in numpy: embedding, stacked cells, RMSNorm, linear head.

Shapes: B batch, D embedding, H hidden units, V vocabulary, L layers. The state is a tuple of L layers, each a tuple of
arrays [B, H], one for each of `CellSpec.states`. With author vectors a last entry follows them: the vector [B, D] of
each message's author, zero where none is named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_lm.architecture import Recurrent
from tui_lm.runtime.cells import Array
from tui_lm.runtime.layer import Layer
from tui_lm.tokenizers.specials import BEGIN, END, OTHER
from tui_lm.trace import Edit, Trace

State = tuple[tuple[Array, ...], ...]
EPSILON = 1e-6


class RecurrentRuntime:
    """`weights` are named and laid out as `Recurrent.weights` says, which is as PyTorch has them where it has the cell.

    The dtype of the weights is the dtype of the arithmetic: float32 to serve, float64 in golden tests.
    """

    def __init__(self, architecture: Recurrent, weights: Mapping[str, NDArray[Any]]) -> None:
        self.architecture = architecture
        self.embedding = weights["embedding.weight"]
        self._authors = weights.get("author.weight")  # [A, D]
        spec = architecture.spec
        self._layers = [Layer.of(spec, weights, "rnn", f"{i}") for i in range(architecture.num_layers)]
        self._scale = weights["norm.weight"] if architecture.norm else None
        head = self.embedding if architecture.tie_embeddings else weights["head.weight"]
        self._head = np.ascontiguousarray(head.T)
        self._head_bias = weights["head.bias"]

    def start(self) -> State:
        layers = tuple(layer.start(1) for layer in self._layers)
        return layers if self._authors is None else (*layers, (np.zeros_like(self.embedding[:1]),))

    def prefill(self, tokens: Sequence[int], state: State | None = None) -> tuple[Array, State]:
        """Logits [1, V] after the last of `tokens` (at least one), and the state there."""
        state = self.start() if state is None else state
        hidden = state[len(self._layers) - 1][0]
        for token in tokens:
            hidden, state = self._advance([token], state, None)
        return self.logits(hidden), state

    def step(
        self, tokens: Sequence[int], state: State, trace: Trace | None = None, edit: Edit | None = None
    ) -> tuple[Array, State]:
        """Logits [B, V] after one token for each of B hypotheses."""
        hidden, state = self._advance(tokens, state, trace, edit)
        return self.logits(hidden), state

    def select(self, state: State, rows: Sequence[int]) -> State:
        index = np.asarray(rows)
        return tuple(tuple(part[index] for part in layer) for layer in state)

    def inputs(self, tokens: Sequence[int], state: State) -> Array:
        """The first layer's inputs [B, D] at a step that read `tokens` and ended in `state`."""
        embedded: Array = self.embedding[np.asarray(tokens)]
        return embedded if self._authors is None else embedded + state[-1][0]

    def _authors_after(self, tokens: Sequence[int], vectors: Array) -> Array:
        """The vectors [B, D] of the authors after `tokens`, given those before."""
        assert self._authors is not None
        end = OTHER + len(self._authors)
        if all(token >= end or token == END for token in tokens):
            return vectors
        vectors = vectors.copy()
        for row, token in enumerate(tokens):
            if token == BEGIN:
                vectors[row] = 0
            elif OTHER <= token < end:
                vectors[row] = self._authors[token - OTHER]
        return vectors

    def _advance(
        self, tokens: Sequence[int], state: State, trace: Trace | None, edit: Edit | None = None
    ) -> tuple[Array, State]:
        """One token for each of B hypotheses through every layer: the last layer's h [B, H] and the new state."""
        authors = () if self._authors is None else ((self._authors_after(tokens, state[-1][0]),),)
        x = self.inputs(tokens, authors)
        after: list[tuple[Array, ...]] = []
        for i, (layer, before) in enumerate(zip(self._layers, state[: len(self._layers)], strict=True)):
            own = None if edit is None else partial(edit, i)
            now, gates = layer.step(layer.contribution(x), before, own)
            after.append(now)
            if trace is not None:
                trace += layer.activations(i, now, gates)
            x = now[0]
        return x, (*after, *authors)

    def logits(self, hidden: Array) -> Array:
        """Logits [B, V] of the next token from the last layer's h [B, H]."""
        result: Array = self._normalised(hidden) @ self._head + self._head_bias
        return result

    def logit_attribution(self, hidden: Array, token: int) -> tuple[Array, float]:
        """What each unit of h [B, H] adds to the logit of `token`, with the norm held fixed, and the bias."""
        return self._normalised(hidden) * self._head[:, token], float(self._head_bias[token])

    def gate_inputs(self, layer: int, x: Array, h: Array) -> Mapping[str, tuple[Array, Array]]:
        """The contributions of a layer's input x [B, D] and state h [B, H] to the sum in each gate, with biases."""
        return self._layers[layer].gate_inputs(x, h)

    def _normalised(self, hidden: Array) -> Array:
        if self._scale is None:
            return hidden
        mean_square = np.mean(hidden * hidden, axis=-1, keepdims=True)
        result: Array = hidden / np.sqrt(mean_square + EPSILON) * self._scale
        return result
