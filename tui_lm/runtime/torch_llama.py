"""LLaMA in torch behind the same protocol, for devices other than the CPU.

On a CPU numpy is as fast (docs/decisions.md); on a GPU memory is far faster, which a large model needs. This module is
imported only when a device is asked for. Shapes are those of `runtime.llama`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from tui_lm.architecture import Llama
from tui_lm.runtime.attention import Replace, by_head, causal, record
from tui_lm.runtime.llama import BLOCK
from tui_lm.trace import Activation, Edit, Trace

Array = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class TorchPast:
    """Keys and values [B, K, S, d] of each layer, for the last S of `position` tokens."""

    layers: tuple[tuple[Tensor, Tensor], ...]
    position: int = 0

    def with_layer(self, layer: int, keys: Tensor, values: Tensor, most: int) -> TorchPast:
        """This past with the keys and values of new tokens appended to one layer; at most `most` are kept."""
        before_keys, before_values = self.layers[layer]
        joined = (torch.cat([before_keys, keys], 2)[:, :, -most:], torch.cat([before_values, values], 2)[:, :, -most:])
        return replace(self, layers=(*self.layers[:layer], joined, *self.layers[layer + 1 :]))


class TorchLlamaRuntime:
    """`weights` are named and laid out as Hugging Face's `LlamaForCausalLM`; their dtype is that of the arithmetic."""

    def __init__(self, architecture: Llama, weights: Mapping[str, NDArray[Any]], device: str) -> None:
        self.architecture = architecture
        self.embedding = weights["model.embed_tokens.weight"]
        self._device = torch.device(device)
        self._weights = {name: torch.from_numpy(np.array(array)).to(self._device) for name, array in weights.items()}
        tied = architecture.tie_embeddings
        self._head = self._weights["model.embed_tokens.weight" if tied else "lm_head.weight"]
        self._frequencies = torch.tensor(architecture.rope_frequencies(), dtype=torch.float64)

    def start(self) -> TorchPast:
        shape = self.architecture
        empty = self._head.new_empty((1, shape.num_kv_heads, 0, shape.head_width))
        return TorchPast(((empty, empty),) * shape.num_layers)

    def prefill(self, tokens: Sequence[int], state: TorchPast | None = None) -> tuple[Array, TorchPast]:
        state = self.start() if state is None else state
        with torch.inference_mode():
            for i in range(0, len(tokens), BLOCK):
                hidden, state = self._forward(np.asarray([tokens[i : i + BLOCK]]), state, None, None)
            return self._predict(hidden[:, -1]).cpu().numpy(), state

    def step(
        self, tokens: Sequence[int], state: TorchPast, trace: Trace | None = None, edit: Edit | None = None
    ) -> tuple[Array, TorchPast]:
        with torch.inference_mode():
            hidden, state = self._forward(np.asarray(tokens)[:, None], state, trace, edit)
            return self._predict(hidden[:, 0]).cpu().numpy(), state

    def select(self, state: TorchPast, rows: Sequence[int]) -> TorchPast:
        chosen = torch.tensor(rows, device=self._device)
        return replace(state, layers=tuple((keys[chosen], values[chosen]) for keys, values in state.layers))

    def logits(self, hidden: Array) -> Array:
        with torch.inference_mode():
            result: Array = self._predict(self._tensor(hidden)).cpu().numpy()
            return result

    def logit_attribution(self, hidden: Array, token: int) -> tuple[Array, float]:
        with torch.inference_mode():
            result: Array = (self._norm(self._tensor(hidden), "model.norm") * self._head[token]).cpu().numpy()
            return result, 0.0

    def _forward(
        self, ids: NDArray[np.integer], past: TorchPast, trace: Trace | None, edit: Edit | None
    ) -> tuple[Tensor, TorchPast]:
        """Tokens [B, T] through every layer: the last one's output [B, T, D], and the past with their keys."""
        shape = self.architecture
        new = ids.shape[1]
        angles = torch.arange(past.position, past.position + new)[:, None] * self._frequencies
        turns = (angles.cos().to(self._head), angles.sin().to(self._head))
        x = self._weights["model.embed_tokens.weight"][torch.from_numpy(ids).to(self._device)]
        past = replace(past, position=past.position + new)
        seen = shape.context_length + new - 1  # the first of the new tokens sees context_length
        for i in range(shape.num_layers):
            of = f"model.layers.{i}"
            normed = self._norm(x, f"{of}.input_layernorm")
            queries, keys, values = (
                self._product(normed, f"{of}.self_attn.{name}_proj")
                .unflatten(-1, (-1, shape.head_width))
                .swapaxes(1, 2)
                for name in "qkv"
            )
            if shape.qk_norm:
                queries = self._norm(queries, f"{of}.self_attn.q_norm")
                keys = self._norm(keys, f"{of}.self_attn.k_norm")
            past = past.with_layer(i, _rotate(keys, turns), values, seen)
            output, weights = self._attend(_rotate(queries, turns), *past.layers[i], by_head(edit, i))
            x = x + self._product(output.swapaxes(1, 2).flatten(2), f"{of}.self_attn.o_proj")
            normed = self._norm(x, f"{of}.post_attention_layernorm")
            gate, up = (self._product(normed, f"{of}.mlp.{name}_proj") for name in ("gate", "up"))
            x = x + self._product(F.silu(gate) * up, f"{of}.mlp.down_proj")
            if edit is not None:
                x = self._tensor(edit(i, "hidden_state", x[:, 0].cpu().numpy()))[:, None]
            if trace is not None:
                record(trace, i, weights.cpu().numpy())
                trace.append(Activation(i, "hidden_state", "state", x[:, 0].cpu().numpy()))
        return x, past

    def _attend(self, queries: Tensor, keys: Tensor, values: Tensor, edit: Replace | None) -> tuple[Tensor, Tensor]:
        """As `runtime.attention.attend`: the output of each head [B, H, T, d], and its weights [B, H, T, S]."""
        each = queries.shape[1] // keys.shape[1]
        keys, values = (of.repeat_interleave(each, dim=1) for of in (keys, values))
        scores = queries @ keys.mT * queries.shape[-1] ** -0.5
        mask = causal(queries.shape[2], keys.shape[2], self.architecture.context_length)
        if mask is not None:
            scores = scores.masked_fill(torch.from_numpy(mask).to(self._device), -torch.inf)
        weights = scores.softmax(-1)
        if edit is None:
            return weights @ values, weights
        weights = self._tensor(edit("attention", weights.cpu().numpy()))
        return self._tensor(edit("read", (weights @ values).cpu().numpy())), weights

    def _predict(self, hidden: Tensor) -> Tensor:
        return self._norm(hidden, "model.norm") @ self._head.T

    def _norm(self, x: Tensor, name: str) -> Tensor:
        return F.rms_norm(x, x.shape[-1:], self._weights[f"{name}.weight"], self.architecture.norm_eps)

    def _product(self, x: Tensor, name: str) -> Tensor:
        return F.linear(x, self._weights[f"{name}.weight"], self._weights.get(f"{name}.bias"))

    def _tensor(self, values: Array) -> Tensor:
        return torch.from_numpy(np.array(values)).to(self._head)


def _rotate(x: Tensor, turns: tuple[Tensor, Tensor]) -> Tensor:
    """Rotary positions (Su et al. 2021) of x [B, H, T, d]: the units i and i + d / 2 turn together."""
    cos, sin = turns
    first, second = x.chunk(2, dim=-1)
    return torch.cat([first * cos - second * sin, second * cos + first * sin], dim=-1)
