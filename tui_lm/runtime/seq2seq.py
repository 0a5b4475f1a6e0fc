"""The encoder and decoder in numpy: Sutskever et al. 2014, with the attention of Bahdanau 2015 or Luong 2015.

Shapes: N sources, S their tokens, B hypotheses, D embedding, H hidden units, R readout, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_lm.architecture import Seq2Seq
from tui_lm.runtime.alignment import BeamLayout, Source, SourceAttention, select
from tui_lm.runtime.cells import Array, Ids
from tui_lm.runtime.layer import Layer
from tui_lm.tokenizers.specials import BEGIN, END
from tui_lm.trace import Activation, Edit, Kind, Trace


@dataclass(frozen=True, slots=True)
class Seq2SeqState:
    """The state of B hypotheses. Those that share all their tokens share one of P rows of states, P <= B."""

    source: Source
    layout: BeamLayout
    layers: tuple[tuple[Array, ...], ...]  # of each layer, [P, H] for each of `CellSpec.states`
    fed: Array | None  # [P, R], with input feeding: what the readout gave at the step before
    parents: Ids | None = None  # [B]: the row that each hypothesis continues; None where P = B


class Seq2SeqRuntime:
    """`weights` are named and laid out as `Seq2Seq.weights` says; their dtype is that of the arithmetic."""

    def __init__(self, architecture: Seq2Seq, weights: Mapping[str, NDArray[Any]]) -> None:
        self.architecture = architecture
        self.embedding = weights["embedding.weight"]
        self._source_embedding = self.embedding if architecture.share_embeddings else weights["source_embedding.weight"]
        spec, layers = architecture.spec, range(architecture.num_layers)
        ways = ("", "_reverse") if architecture.bidirectional else ("",)
        self._encoder = [[Layer.of(spec, weights, "encoder", f"{i}{way}") for way in ways] for i in layers]
        self._decoder = [Layer.of(spec, weights, "decoder", f"{i}") for i in layers]
        self._bridge = [
            (np.ascontiguousarray(weights[f"bridge.{i}.weight"].T), weights[f"bridge.{i}.bias"])
            for i in (layers if architecture.bidirectional else ())
        ]
        self._attention = SourceAttention(architecture.attention, weights)
        self._readout = np.ascontiguousarray(weights["readout.weight"].T) if architecture.has_readout else None
        self._head = np.ascontiguousarray((self.embedding if architecture.tie_embeddings else weights["head.weight"]).T)
        self._head_bias = weights["head.bias"]

    def start(self) -> Seq2SeqState:
        """The state after an empty source, which is its end alone."""
        return self.encode([[END]])

    def encode(self, sources: Sequence[Sequence[int]], trace: Trace | None = None) -> Seq2SeqState:
        """The decoder's first state for N sources, one hypothesis a source. Raises ValueError for an empty source.

        The encoder's activations are appended to `trace` layer by layer, with one axis more than those of a step:
        values [N, S, H], always in the source's order, with both directions side by side and 0 for padding.
        """
        shape = self.architecture
        lengths = np.fromiter(map(len, sources), np.intp, len(sources))
        if not len(lengths) or not lengths.all():
            raise ValueError("a source needs at least one token")
        present = np.asarray(np.arange(lengths.max())[:, None] < lengths)
        ids = np.zeros(present.shape, np.intp)
        for column, tokens in enumerate(sources):
            ids[: len(tokens), column] = tokens
        x: Array = self._source_embedding[ids] * shape.source_scale
        start = []
        for i, directions in enumerate(self._encoder):
            outputs, ends, seen = [], [], []
            for layer, backward in zip(directions, (False, True), strict=False):
                output, state, gates = self._run_direction(
                    x, layer, present, backward != shape.reverse_source, trace is not None
                )
                outputs.append(output)
                ends.append(state)
                seen.append(gates)
            x = outputs[0] if len(outputs) == 1 else np.concatenate(outputs, axis=2)
            start.append(ends[0] if not self._bridge else self._bridged(i, [state[0] for state in ends]))
            if trace is not None:
                for name, values in seen[0].items():
                    both = np.concatenate([values, *(other[name] for other in seen[1:])], axis=2)
                    kind: Kind = "state" if name.endswith("_state") else "gate"
                    trace.append(Activation(i, name, kind, both.swapaxes(0, 1)))
        values = np.ascontiguousarray(x.swapaxes(0, 1))
        fed = np.zeros((len(lengths), shape.fed_size), x.dtype) if shape.input_feeding else None
        source = self._attention.source(values, ~present.T)
        return Seq2SeqState(source, BeamLayout.of(np.arange(len(lengths)), len(lengths)), tuple(start), fed)

    def prefill(self, tokens: Sequence[int], state: Seq2SeqState | None = None) -> tuple[Array, Seq2SeqState]:
        """Without a state, `tokens` are the source: logits [1, V] of the target's first token, and the state there.

        With one they are target tokens that were written already.
        """
        if state is None:
            return self.step([BEGIN], self.encode([tokens]))
        for token in tokens:
            readout, state = self._advance([token], state, None, None)
        return self.logits(readout), state

    def step(
        self, tokens: Sequence[int], state: Seq2SeqState, trace: Trace | None = None, edit: Edit | None = None
    ) -> tuple[Array, Seq2SeqState]:
        """Logits [B, V] after one target token for each of B hypotheses."""
        readout, state = self._advance(tokens, state, trace, edit)
        return self.logits(readout), state

    def select(self, state: Seq2SeqState, rows: Sequence[int]) -> Seq2SeqState:
        source, layout = select(state.source, state.layout, rows)
        kept: Ids = np.asarray(rows)
        parents = None
        if state.parents is not None:
            kept = state.parents[kept]
        if len(set(kept.tolist())) < len(kept):
            kept, parents = np.unique(kept, return_inverse=True)
        layers = tuple(tuple(part[kept] for part in layer) for layer in state.layers)
        return Seq2SeqState(source, layout, layers, None if state.fed is None else state.fed[kept], parents)

    def logits(self, hidden: Array) -> Array:
        """Logits [B, V] of the next token from the readout [B, R]."""
        result: Array = hidden @ self._head
        result += self._head_bias
        return result

    def logit_attribution(self, hidden: Array, token: int) -> tuple[Array, float]:
        """What each unit of the readout [B, R] adds to the logit of `token`, and the bias."""
        return hidden * self._head[:, token], float(self._head_bias[token])

    def _advance(
        self, tokens: Sequence[int], state: Seq2SeqState, trace: Trace | None, edit: Edit | None
    ) -> tuple[Array, Seq2SeqState]:
        """One token a hypothesis through every layer: the readout [B, R], which is the head's input, and the state."""
        kind, top = self.architecture.attention, self.architecture.num_layers - 1
        attend = partial(
            self._attention.attend,
            source=state.source,
            layout=state.layout,
            edit=None if edit is None else partial(edit, top, "attention"),
        )
        parents = slice(None) if state.parents is None else state.parents
        embedded = self.embedding[np.asarray(tokens)] * self.architecture.embedding_scale
        x, width = embedded, embedded.shape[1]
        share = embedded @ self._decoder[0].inputs[:width]
        fed, weights = None, None
        if kind == "bahdanau":
            fed, weights = attend(state.layers[-1][0][parents])
            share += fed @ self._decoder[0].inputs[width:]
        elif state.fed is not None:
            share += (state.fed @ self._decoder[0].inputs[width:])[parents]
        after = []
        for i, (layer, before) in enumerate(zip(self._decoder, state.layers, strict=True)):
            own = None if edit is None else partial(edit, i)
            if i > 0:
                share = x @ layer.inputs
            now, gates = layer.step(share + layer.input_bias, before, own, state.parents)
            after.append(now)
            x = now[0]
            if trace is not None:
                trace += layer.activations(i, now, gates)
        parts = [x]
        if kind == "bahdanau" and fed is not None:
            parts = [fed, x, embedded]
        elif kind != "none":
            context, weights = attend(x)
            parts = [context, x]
        if self._readout is not None:
            x = np.tanh(np.concatenate(parts, axis=1) @ self._readout)
            if trace is not None:
                trace.append(Activation(top, "readout", "state", x))
        if trace is not None and weights is not None:
            trace.append(Activation(top, "attention", "attention", weights))
        return x, Seq2SeqState(state.source, state.layout, tuple(after), None if state.fed is None else x)

    def _run_direction(
        self, x: Array, layer: Layer, present: NDArray[np.bool_], backward: bool, watched: bool
    ) -> tuple[Array, tuple[Array, ...], dict[str, Array]]:
        """Inputs x [S, N, width] through one direction of a layer: h [S, N, units], the last state, the activations.

        Padding, where `present` [S, N] is false, leaves the state as it is.
        """
        size, texts = present.shape
        inputs = layer.contribution(x.reshape(size * texts, -1)).reshape(size, texts, -1)
        state = layer.start(texts)
        output = np.empty((size, texts, layer.units), x.dtype)
        seen: dict[str, Array] = {}
        whole = [bool(row.all()) for row in present]
        for t in reversed(range(size)) if backward else range(size):
            now, gates = layer.step(inputs[t], state)
            there = present[t, :, None]
            if not whole[t]:
                now = tuple(np.where(there, new, old) for new, old in zip(now, state, strict=True))
            state, output[t] = now, now[0]
            if watched:
                for name, values in (*gates.items(), *zip(layer.spec.states, now, strict=True)):
                    if name not in seen:
                        seen[name] = np.zeros((size, *values.shape), x.dtype)
                    seen[name][t] = np.where(there, values, 0)
        return output, state, seen

    def _bridged(self, layer: int, ends: list[Array]) -> tuple[Array, ...]:
        """The decoder's first state, from the last states of both directions of the encoder."""
        weight, bias = self._bridge[layer]
        start = np.concatenate(ends, axis=1) @ weight + bias
        return (np.tanh(start), start)[: len(self.architecture.spec.states)]
