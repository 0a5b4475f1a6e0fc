"""GPT-2 in numpy (Radford et al. 2019): learned positions, LayerNorm before each part, GELU.

Shapes: B branches (the beam), T new tokens, N = B T, D width, H heads, d = D / H, V vocabulary. Positions are learned
and end with the context: when it is full, its older half is forgotten and its newer half runs through the network again
from position 0. So the state holds the tokens too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_lm.architecture import Gpt2
from tui_lm.runtime import cache
from tui_lm.runtime.attention import attend, by_head, causal, record
from tui_lm.runtime.cache import Past
from tui_lm.trace import Activation, Edit, Trace

Array = NDArray[np.floating]
Ids = NDArray[np.int64]
BLOCK = 256  # tokens that run through the network at once


@dataclass(frozen=True, slots=True)
class Gpt2State:
    """The tokens of the current context, with their keys and values."""

    ids: Ids  # [B, S]
    past: Past


def layer_norm(x: Array, weight: Array, bias: Array, eps: float) -> Array:
    """Ba, Kiros & Hinton 2016, over the last axis."""
    x = x - np.add.reduce(x, axis=-1, keepdims=True) / x.shape[-1]
    variance = np.add.reduce(x * x, axis=-1, keepdims=True) / x.shape[-1]
    result: Array = x / np.sqrt(variance + eps) * weight + bias
    return result


def gelu(x: Array) -> Array:
    """Hendrycks & Gimpel 2016, by the tanh that GPT-2 approximates it with."""
    result: Array = 0.5 * x * (1 + np.tanh((2 / np.pi) ** 0.5 * (x + 0.044715 * x * x * x)))
    return result


class Gpt2Runtime:
    """`weights` are named and laid out as Hugging Face's `GPT2LMHeadModel` names and lays them out."""

    def __init__(self, architecture: Gpt2, weights: Mapping[str, NDArray[Any]]) -> None:
        self.architecture = architecture
        self._weights = weights
        self.embedding = weights["transformer.wte.weight"]

    def start(self) -> Gpt2State:
        shape = self.architecture
        past = cache.start(shape.num_layers, shape.num_heads, shape.head_width, self.embedding.dtype)
        return Gpt2State(np.empty((1, 0), np.int64), past)

    def prefill(self, tokens: Sequence[int], state: Gpt2State | None = None) -> tuple[Array, Gpt2State]:
        """Logits [1, V] after the last of `tokens` (at least one), and the state there."""
        hidden, state = self._advance(np.asarray([tokens]), self.start() if state is None else state, None)
        return self.logits(hidden), state

    def step(
        self, tokens: Sequence[int], state: Gpt2State, trace: Trace | None = None, edit: Edit | None = None
    ) -> tuple[Array, Gpt2State]:
        """Logits [B, V] after one token for each of B hypotheses."""
        hidden, state = self._advance(np.asarray(tokens)[:, None], state, trace, edit)
        return self.logits(hidden), state

    def select(self, state: Gpt2State, rows: Sequence[int]) -> Gpt2State:
        return Gpt2State(state.ids[list(rows)], state.past.select(rows))

    def _advance(
        self, ids: Ids, state: Gpt2State, trace: Trace | None, edit: Edit | None = None
    ) -> tuple[Array, Gpt2State]:
        """Tokens [B, T], a block at a time: the output [B, D] at the last one, and the state there."""
        context = self.architecture.context_length
        while True:
            if state.ids.shape[1] == context:
                newer = state.ids[:, context - context // 2 :]
                ids = np.concatenate([newer, ids], axis=1)
                state = self.select(self.start(), [0] * len(ids))
            size = min(BLOCK, context - state.ids.shape[1])
            block, ids = ids[:, :size], ids[:, size:]
            watched = (None, None) if ids.size else (trace, edit)
            hidden, past = self._forward(block, state.past, *watched)
            state = Gpt2State(np.concatenate([state.ids, block], axis=1), past)
            if not ids.size:
                return hidden[:, -1], state

    def _forward(
        self, ids: Ids, past: Past, trace: Trace | None = None, edit: Edit | None = None
    ) -> tuple[Array, Past]:
        """Tokens [B, T] through every layer: the last one's output [B, T, D]. Of T, the last is traced and edited."""
        shape = self.architecture
        branches, tokens = ids.shape
        positions = np.arange(past.position, past.position + tokens)
        past = past.extended(tokens, shape.context_length)
        mask = causal(tokens, past.position, shape.context_length)
        x = self.embedding[ids] + self._weights["transformer.wpe.weight"][positions]
        x = x.reshape(branches * tokens, -1)
        for i in range(shape.num_layers):
            of = f"transformer.h.{i}"
            qkv = self._linear(f"{of}.attn.c_attn", self._norm(f"{of}.ln_1", x))
            qkv = qkv.reshape(branches, tokens, 3, shape.num_heads, -1).transpose(2, 0, 3, 1, 4)
            past.write(i, qkv[1], qkv[2])
            pieces = [part.read(i) for part in past.segments]
            output, weights = attend(qkv[0], pieces, mask, by_head(edit, i))
            x = x + self._linear(f"{of}.attn.c_proj", output.swapaxes(1, 2).reshape(x.shape))
            inner = gelu(self._linear(f"{of}.mlp.c_fc", self._norm(f"{of}.ln_2", x)))
            x = x + self._linear(f"{of}.mlp.c_proj", inner)
            if edit is not None:
                x.reshape(branches, tokens, -1)[:, -1] = edit(i, "hidden_state", x.reshape(branches, tokens, -1)[:, -1])
            if trace is not None:
                record(trace, i, weights[:, :, -1:])
                trace.append(Activation(i, "hidden_state", "state", x.reshape(branches, tokens, -1)[:, -1]))
        return x.reshape(branches, tokens, -1), past

    def _linear(self, name: str, x: Array) -> Array:
        result: Array = x @ self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]
        return result

    def _norm(self, name: str, x: Array) -> Array:
        weight, bias = self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]
        return layer_norm(x, weight, bias, self.architecture.norm_eps)

    def logits(self, hidden: Array) -> Array:
        """Logits [B, V] of the next token from the output of the last layer, or of another one, [B, D]."""
        result: Array = self._norm("transformer.ln_f", hidden) @ self.embedding.T
        return result

    def logit_attribution(self, hidden: Array, token: int) -> tuple[Array, float]:
        """What each unit of the last layer's output [B, D] adds to the logit of `token`, with the norm held fixed."""
        return self._norm("transformer.ln_f", hidden) * self.embedding[token], 0.0

    def head_norms(self, layer: int, state: Gpt2State) -> Array:
        """||v W_O|| [H, S] of B = 1, the size of what each head would write of each token (Kobayashi et al. 2020)."""
        values = np.concatenate([part.read(layer)[1][0] for part in state.past.segments], axis=1)  # [H, S, d]
        output = self._weights[f"transformer.h.{layer}.attn.c_proj.weight"]
        result: Array = np.linalg.norm(values @ output.reshape(len(values), -1, output.shape[1]), axis=2)
        return result
