"""How llama.cpp names and lays out the weights of a network in a GGUF file, in both directions.

Tensors are [outputs, inputs] once the reader has reversed the file's order of dimensions.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_lm.architecture import Gpt2, Llama
from tui_lm.exchange.decoders import DECODERS, name_of

LAYER = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm",
    "self_attn.o_proj": "attn_output",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "ln_1": "attn_norm",  # of GPT-2, from here on
    "attn.c_attn": "attn_qkv",
    "attn.c_proj": "attn_output",
    "ln_2": "ffn_norm",
    "mlp.c_fc": "ffn_up",
    "mlp.c_proj": "ffn_down",
}
WHOLE = {
    "model.embed_tokens": "token_embd",
    "model.norm": "output_norm",
    "lm_head": "output",
    "transformer.wte": "token_embd",
    "transformer.wpe": "position_embd",
    "transformer.ln_f": "output_norm",
}
TABLES = ("model.embed_tokens.weight", "lm_head.weight", "transformer.wte.weight")  # a row for each token
ROPE_FACTORS = "rope_freqs.weight"


def gguf_name(ours: str) -> str:
    """llama.cpp's name of a weight: "model.layers.0.mlp.up_proj.weight" is "blk.0.ffn_up.weight"."""
    stem, _, kind = ours.rpartition(".")
    if stem in WHOLE:
        return f"{WHOLE[stem]}.{kind}"
    _, _, layer, part = stem.split(".", 3)
    return f"blk.{layer}.{LAYER[part]}.{kind}"


def gguf_shapes(architecture: Llama | Gpt2) -> dict[str, tuple[int, ...]]:
    """The shape of every tensor of the network in a file, by llama.cpp's name."""
    return {
        gguf_name(name): shape[::-1] if _is_transposed(name, architecture) else shape
        for name, shape in architecture.weights().items()
    }


def from_gguf(name: str, weight: NDArray[Any], architecture: Llama | Gpt2) -> NDArray[Any]:
    """A weight in our layout. `name` is ours."""
    half = _rotated_width(name, architecture) // 2
    return _arranged(name, weight, architecture, (half, 2))


def to_gguf(name: str, weight: NDArray[Any], architecture: Llama | Gpt2) -> NDArray[Any]:
    """A weight in llama.cpp's layout. `name` is ours."""
    half = _rotated_width(name, architecture) // 2
    return _arranged(name, weight, architecture, (2, half))


def _arranged(name: str, weight: NDArray[Any], architecture: Llama | Gpt2, head: tuple[int, int]) -> NDArray[Any]:
    """The transposed matrix, or the rows of each `head` in the other order of its two axes, where layouts differ."""
    if _is_transposed(name, architecture):
        return weight.T
    if 0 in head:
        return weight
    return weight.reshape(-1, *head, *weight.shape[1:]).swapaxes(1, 2).reshape(weight.shape)


def _is_transposed(name: str, architecture: Llama | Gpt2) -> bool:
    """GPT-2's matrices are [inputs, outputs] in Hugging Face's layout, which is ours."""
    return isinstance(architecture, Gpt2) and ".h." in name and name.endswith("weight") and ".ln_" not in name


def _rotated_width(name: str, architecture: Llama | Gpt2) -> int:
    """The width of a head if llama.cpp rotates its neighbouring rows together, where we rotate two halves; else 0."""
    if isinstance(architecture, Gpt2) or not DECODERS[name_of(architecture)].neighbours:
        return 0
    return architecture.head_width if ".q_proj." in name or ".k_proj." in name else 0


def as_float32(weight: NDArray[Any]) -> NDArray[np.float32]:
    return np.ascontiguousarray(weight, np.float32)
