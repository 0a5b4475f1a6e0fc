"""LLaMA in numpy (Touvron et al. 2023): RMSNorm, rotary positions, grouped-query attention, SwiGLU.

Shapes: B branches (the beam), T new tokens, N = B T, D width, H heads, K key/value heads, d width of a head, F hidden
units of the feed-forward layer, V vocabulary. The state is a `Past` of keys and values. A model attends to the last
`context_length` tokens; earlier tokens are forgotten. Positions are relative, so they continue.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_lm.architecture import Llama
from tui_lm.runtime import cache
from tui_lm.runtime.attention import attend, by_head, causal, record
from tui_lm.runtime.cache import Past
from tui_lm.runtime.cells import sigmoid
from tui_lm.trace import Activation, Edit, Trace

Array = NDArray[np.floating]
BLOCK = 256  # tokens that run through the network at once


def rms_norm(x: Array, scale: Array, eps: float) -> Array:
    """Zhang & Sennrich 2019: x / sqrt(mean(x^2) + eps) * scale, over the last axis."""
    mean_square = np.add.reduce(x * x, axis=-1, keepdims=True) / x.shape[-1]
    result: Array = x / np.sqrt(mean_square + eps) * scale
    return result


def rotate(x: Array, turns: NDArray[Any]) -> Array:
    """Rotary positions (Su et al. 2021): pairs of units in x [..., d], as complex numbers, times e^(i m theta)."""
    turned: Array = (x.view(turns.dtype) * turns).view(x.dtype)
    return turned


@dataclass(frozen=True, slots=True)
class Layer:
    """The weights of one layer; products with the same input are one matrix."""

    attention_norm: Array  # [D]
    qkv: Array  # [(H + 2 K) d, D]
    qkv_bias: Array | None  # [(H + 2 K) d]
    qk_norm: Array | None  # [H + K, d], the scales of each head's query and key
    output: Array  # [D, H d]
    mlp_norm: Array  # [D]
    gate_up: Array  # [2 F, D]
    down: Array  # [D, F]


class LlamaRuntime:
    """`weights` are named and laid out as Hugging Face's `LlamaForCausalLM` names and lays them out.

    The dtype of the weights is the dtype of the arithmetic: float32 to serve, float64 in golden tests.
    """

    def __init__(self, architecture: Llama, weights: Mapping[str, NDArray[Any]]) -> None:
        self.architecture = architecture
        self.embedding = weights["model.embed_tokens.weight"]
        self._layers = [self._layer(weights, f"model.layers.{i}") for i in range(architecture.num_layers)]
        self._norm = weights["model.norm.weight"]
        self._head = self.embedding if architecture.tie_embeddings else weights["lm_head.weight"]
        self._turn_by(architecture)

    def _turn_by(self, architecture: Llama) -> None:
        """The angles of rotary positions, and the complex type of the arithmetic."""
        self._turns = np.complex64 if self.embedding.dtype == np.float32 else np.complex128
        self._frequencies = np.array(architecture.rope_frequencies())

    def _layer(self, weights: Mapping[str, NDArray[Any]], of: str) -> Layer:
        shape = self.architecture

        def paired(name: str) -> Array:
            """The rows of each head, reordered so that the units rotated together, i and i + d / 2, are neighbours."""
            rows = weights[f"{of}.self_attn.{name}"]
            halves = rows.reshape(-1, 2, shape.head_width // 2, *rows.shape[1:])
            return halves.swapaxes(1, 2).reshape(rows.shape)

        def joined(part: str) -> Array:
            values = weights[f"{of}.self_attn.v_proj.{part}"]
            return np.concatenate([paired(f"q_proj.{part}"), paired(f"k_proj.{part}"), values])

        scales = None
        if shape.qk_norm:
            heads = [paired("q_norm.weight")] * shape.num_heads + [paired("k_norm.weight")] * shape.num_kv_heads
            scales = np.stack(heads)
        return Layer(
            weights[f"{of}.input_layernorm.weight"],
            joined("weight"),
            joined("bias") if shape.attention_bias else None,
            scales,
            weights[f"{of}.self_attn.o_proj.weight"],
            weights[f"{of}.post_attention_layernorm.weight"],
            np.concatenate([weights[f"{of}.mlp.gate_proj.weight"], weights[f"{of}.mlp.up_proj.weight"]]),
            weights[f"{of}.mlp.down_proj.weight"],
        )

    def start(self) -> Past:
        shape = self.architecture
        return cache.start(shape.num_layers, shape.num_kv_heads, shape.head_width, self.embedding.dtype)

    def prefill(self, tokens: Sequence[int], state: Past | None = None) -> tuple[Array, Past]:
        """Logits [1, V] after the last of `tokens` (at least one), and the state there."""
        state = self.start() if state is None else state
        for i in range(0, len(tokens), BLOCK):
            hidden, state = self._forward(np.asarray([tokens[i : i + BLOCK]]), state, None)
        return self.logits(hidden[:, -1]), state

    def step(
        self, tokens: Sequence[int], state: Past, trace: Trace | None = None, edit: Edit | None = None
    ) -> tuple[Array, Past]:
        """Logits [B, V] after one token for each of B hypotheses."""
        hidden, state = self._forward(np.asarray(tokens)[:, None], state, trace, edit)
        return self.logits(hidden[:, 0]), state

    def select(self, state: Past, rows: Sequence[int]) -> Past:
        return state.select(rows)

    def _forward(
        self, ids: NDArray[np.integer], past: Past, trace: Trace | None, edit: Edit | None = None
    ) -> tuple[Array, Past]:
        """Tokens [B, T] through every layer: the last one's output [B, T, D], and the past with their keys.

        With a trace or an edit, T is 1.
        """
        shape = self.architecture
        branches, tokens = ids.shape
        heads, turned = shape.num_heads, shape.num_heads + shape.num_kv_heads
        positions = np.arange(past.position, past.position + tokens)
        turns = np.exp(1j * positions[:, None, None] * self._frequencies).astype(self._turns)
        past = past.extended(tokens, shape.context_length)
        mask = causal(tokens, sum(segment.length for segment in past.segments), shape.context_length)
        x = self.embedding[ids.ravel()]
        for i in range(shape.num_layers):
            qkv = self._project(i, x).reshape(branches, tokens, -1, shape.head_width)
            queries_keys = qkv[:, :, :turned]
            if shape.qk_norm:
                queries_keys = rms_norm(queries_keys, self._qk_norm(i), shape.norm_eps)
            queries_keys = rotate(queries_keys, turns).swapaxes(1, 2)
            past.write(i, queries_keys[:, heads:], qkv[:, :, turned:].swapaxes(1, 2))
            pieces = [part.read(i) for part in past.segments]
            output, weights = attend(queries_keys[:, :heads], pieces, mask, by_head(edit, i))
            x = self._transform(i, x, output.swapaxes(1, 2).reshape(len(x), -1))
            if edit is not None:
                x = edit(i, "hidden_state", x)
            if trace is not None:
                record(trace, i, weights)
                trace.append(Activation(i, "hidden_state", "state", x))
        return x.reshape(branches, tokens, -1), past

    def _project(self, layer: int, x: Array) -> Array:
        """Queries, keys and values [N, (H + 2 K) d] of x [N, D]; the rows of a head are in pairs that RoPE rotates."""
        weights = self._layers[layer]
        result: Array = rms_norm(x, weights.attention_norm, self.architecture.norm_eps) @ weights.qkv.T
        return result if weights.qkv_bias is None else result + weights.qkv_bias

    def _qk_norm(self, layer: int) -> Array:
        """The scales [H + K, d] of the norms of queries and keys, for a network that has them."""
        scales = self._layers[layer].qk_norm
        assert scales is not None
        return scales

    def _transform(self, layer: int, x: Array, attended: Array) -> Array:
        """The output of a layer [N, D] from its input x [N, D] and its heads' output [N, H d]."""
        weights, hidden_size = self._layers[layer], self.architecture.hidden_size
        x = x + attended @ weights.output.T
        gate_up = rms_norm(x, weights.mlp_norm, self.architecture.norm_eps) @ weights.gate_up.T
        gate, up = gate_up[:, :hidden_size], gate_up[:, hidden_size:]
        result: Array = x + (gate * sigmoid(gate) * up) @ weights.down.T
        return result

    def logits(self, hidden: Array) -> Array:
        """Logits [B, V] of the next token from the output of the last layer, or of another one, [B, D]."""
        result: Array = rms_norm(hidden, self._norm, self.architecture.norm_eps) @ self._head.T
        return result

    def logit_attribution(self, hidden: Array, token: int) -> tuple[Array, float]:
        """What each unit of the last layer's output [B, D] adds to the logit of `token`, with the norm held fixed."""
        return rms_norm(hidden, self._norm, self.architecture.norm_eps) * self._head[token], 0.0

    def head_norms(self, layer: int, state: Past) -> Array:
        """||v W_O|| [H, S] of B = 1, the size of what each head would write of each token (Kobayashi et al. 2020)."""
        return self._head_norms(layer, state, self._layers[layer].output)

    def _head_norms(self, layer: int, state: Past, output: Array) -> Array:
        """The same, given W_O [D, H d]."""
        shape = self.architecture
        values = np.concatenate([part.read(layer)[1][0] for part in state.segments], axis=1)  # [K, S, d]
        by_head = output.reshape(shape.dim, shape.num_heads, -1).transpose(1, 2, 0)
        result: Array = np.linalg.norm(values.repeat(shape.num_heads // shape.num_kv_heads, axis=0) @ by_head, axis=2)
        return result
