"""The classifier in numpy. Shapes: T time, N texts, W width of a state, L labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_lm.architecture import Classifier
from tui_lm.runtime.cells import Array
from tui_lm.runtime.reader import Reader, padded


class ClassifierRuntime:
    """`weights` are named and laid out as `Classifier.weights` says; their dtype is that of the arithmetic."""

    def __init__(self, architecture: Classifier, weights: Mapping[str, NDArray[Any]]) -> None:
        self.architecture = architecture
        self.embedding = weights["embedding.weight"]
        spec, directions = architecture.spec, architecture.directions
        self._reader = Reader.of(spec, weights, "rnn", architecture.num_layers, directions)
        self._head = np.ascontiguousarray(weights["head.weight"].T)
        self._head_bias = weights["head.bias"]
        self._attention = None
        if architecture.pooling == "attention":
            names = ("attention.weight", "attention.bias", "attention.context")
            self._attention = tuple(weights[name] for name in names)

    def logits(self, texts: Sequence[Sequence[int]]) -> Array:
        """Logits [N, L] of texts of at least one token each."""
        return self.read(texts)[0]

    def read(self, texts: Sequence[Sequence[int]]) -> tuple[Array, Array]:
        """Logits [N, L], and the weight [T, N] that each token's state has in the pooled vector, 0 for padding.

        With max pooling it is the share of the units whose maximum is at the token.
        """
        ids, lengths = padded(texts)
        states, last = self._reader.read(self.embedding[ids], lengths)
        present = np.arange(len(ids))[:, None] < lengths
        pooled, shares = self._pooled(states, last, lengths, present)
        result: Array = pooled @ self._head + self._head_bias
        return result, shares

    def _pooled(
        self, states: Array, last: Array, lengths: NDArray[np.intp], present: NDArray[np.bool_]
    ) -> tuple[Array, Array]:
        """The pooled states [N, W] and the share of each token [T, N]."""
        pooling = self.architecture.pooling
        if self._attention is not None:
            weight, bias, context = self._attention
            energies = np.where(present, np.tanh(states @ weight.T + bias) @ context, -np.inf)
            shares = np.exp(energies - energies.max(axis=0))
            shares /= shares.sum(axis=0)
            return (shares[:, :, None] * states).sum(axis=0), shares
        if pooling == "mean":
            shares = (present / lengths).astype(states.dtype)
            return (shares[:, :, None] * states).sum(axis=0), shares
        if pooling == "max":
            shown = np.where(present[:, :, None], states, -np.inf)
            at = shown.argmax(axis=0)
            shares = np.stack([(at == t).mean(axis=1) for t in range(len(states))])
            return shown.max(axis=0), shares.astype(states.dtype)
        ends = np.arange(len(states))[:, None] == lengths - 1
        starts = np.broadcast_to(np.arange(len(states))[:, None] == 0, ends.shape)
        ways = [ends, starts][: len(self.architecture.directions)]
        return last, np.mean(ways, axis=0).astype(states.dtype)
