"""LLaMA's decoder, and the decoders that differ from it in a few parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tui_lm.architecture.sizes import LARGEST, require_sizes


@dataclass(frozen=True, slots=True)
class Llama:
    """LLaMA's decoder (Touvron et al. 2023).

    embedding [V, D] -> num_layers x (RMSNorm, rotary attention of num_heads heads that share num_kv_heads keys and
    values, RMSNorm, SwiGLU of hidden_size) -> RMSNorm -> V logits. It attends to the last context_length tokens.

    A mini-LLaMA that we train leaves the last four fields as they are, so that other programs can run it as a LLaMA.
    Pretrained decoders set them:

    - `head_size`: the width d of a head, where it is not D / H (Qwen3);
    - `attention_bias`: queries, keys and values have biases (Qwen2);
    - `qk_norm`: each head's query and key pass an RMSNorm before they are rotated (Qwen3; Henry et al. 2020);
    - `rope_factors`: d / 2 numbers by which the rotary frequencies are divided (LLaMA 3.1), none for plain ones.
    """

    vocab_size: int
    dim: int
    hidden_size: int
    num_layers: int
    num_heads: int
    num_kv_heads: int
    context_length: int
    rope_theta: float = 10_000.0
    norm_eps: float = 1e-5
    tie_embeddings: bool = True
    family: Literal["llama"] = "llama"
    head_size: int | None = None
    attention_bias: bool = False
    qk_norm: bool = False
    rope_factors: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        require_sizes(self)
        if self.family != "llama":
            raise ValueError(f"no such family: {self.family!r}")
        if self.num_heads % self.num_kv_heads:
            raise ValueError("num_heads must be a multiple of num_kv_heads")
        if self.head_size is None and self.dim % (2 * self.num_heads):
            raise ValueError("dim must be an even multiple of num_heads")
        if self.head_size is not None and not (1 <= self.head_size <= LARGEST and self.head_size % 2 == 0):
            raise ValueError(f"head_size must be even and at most {LARGEST}, not {self.head_size!r}")
        if not (self.rope_theta > 0 and self.norm_eps > 0):
            raise ValueError("rope_theta and norm_eps must be above 0")
        object.__setattr__(self, "rope_factors", tuple(self.rope_factors))  # a list when read from JSON
        if self.rope_factors and (len(self.rope_factors) != self.head_width // 2 or not min(self.rope_factors) > 0):
            raise ValueError("rope_factors must be half a head's width of numbers above 0")

    @property
    def head_width(self) -> int:
        return self.dim // self.num_heads if self.head_size is None else self.head_size

    @property
    def attention_width(self) -> int:
        """The width H d of all heads together."""
        return self.num_heads * self.head_width

    def rope_frequencies(self) -> tuple[float, ...]:
        """Radians by which each of the d / 2 pairs of a head's units turns from one position to the next."""
        half = self.head_width // 2
        factors = self.rope_factors or (1.0,) * half
        return tuple(float(self.rope_theta ** -(i / half)) / factor for i, factor in enumerate(factors))

    def weights(self) -> dict[str, tuple[int, ...]]:
        """Name and shape of every weight, named as Hugging Face names them."""
        dim, width, shared = self.dim, self.attention_width, self.num_kv_heads * self.head_width
        shapes: dict[str, tuple[int, ...]] = {"model.embed_tokens.weight": (self.vocab_size, dim)}
        for layer in range(self.num_layers):
            of = f"model.layers.{layer}"
            shapes[f"{of}.input_layernorm.weight"] = (dim,)
            for name, outputs in (("q_proj", width), ("k_proj", shared), ("v_proj", shared)):
                shapes[f"{of}.self_attn.{name}.weight"] = (outputs, dim)
                if self.attention_bias:
                    shapes[f"{of}.self_attn.{name}.bias"] = (outputs,)
            if self.qk_norm:
                shapes[f"{of}.self_attn.q_norm.weight"] = shapes[f"{of}.self_attn.k_norm.weight"] = (self.head_width,)
            shapes[f"{of}.self_attn.o_proj.weight"] = (dim, width)
            shapes[f"{of}.post_attention_layernorm.weight"] = (dim,)
            shapes[f"{of}.mlp.gate_proj.weight"] = (self.hidden_size, dim)
            shapes[f"{of}.mlp.up_proj.weight"] = (self.hidden_size, dim)
            shapes[f"{of}.mlp.down_proj.weight"] = (dim, self.hidden_size)
        shapes["model.norm.weight"] = (dim,)
        if not self.tie_embeddings:
            shapes["lm_head.weight"] = (self.vocab_size, dim)
        return shapes

    @property
    def label(self) -> str:
        """For people: "LLaMA 4 x 256 (context 256)"; what a plain LLaMA lacks is named after the context."""
        parts = {
            "biases": self.attention_bias,
            "query and key norms": self.qk_norm,
            "scaled rotary positions": bool(self.rope_factors),
        }
        extras = "".join(f", {part}" for part, present in parts.items() if present)
        return f"LLaMA {self.num_layers} x {self.dim} (context {self.context_length}{extras})"
