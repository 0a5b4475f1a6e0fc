"""LLaMA's decoder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tui_lm.architecture.sizes import require_sizes


@dataclass(frozen=True, slots=True)
class Llama:
    """LLaMA's decoder (Touvron et al. 2023) without changes, so that other programs can run it.

    embedding [V, D] -> num_layers x (RMSNorm, rotary attention of num_heads heads that share num_kv_heads keys and
    values, RMSNorm, SwiGLU of hidden_size) -> RMSNorm -> V logits. It attends to the last context_length tokens.
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

    def __post_init__(self) -> None:
        require_sizes(self)
        if self.family != "llama":
            raise ValueError(f"no such family: {self.family!r}")
        if self.dim % (2 * self.num_heads) or self.num_heads % self.num_kv_heads:
            raise ValueError("dim must be an even multiple of num_heads, and num_heads one of num_kv_heads")
        if not (self.rope_theta > 0 and self.norm_eps > 0):
            raise ValueError("rope_theta and norm_eps must be above 0")

    @property
    def head_width(self) -> int:
        return self.dim // self.num_heads

    def weights(self) -> dict[str, tuple[int, ...]]:
        """Name and shape of every weight, named as Hugging Face names them."""
        dim, shared = self.dim, self.num_kv_heads * self.head_width
        shapes: dict[str, tuple[int, ...]] = {"model.embed_tokens.weight": (self.vocab_size, dim)}
        for layer in range(self.num_layers):
            of = f"model.layers.{layer}"
            shapes[f"{of}.input_layernorm.weight"] = (dim,)
            shapes[f"{of}.self_attn.q_proj.weight"] = (dim, dim)
            shapes[f"{of}.self_attn.k_proj.weight"] = (shared, dim)
            shapes[f"{of}.self_attn.v_proj.weight"] = (shared, dim)
            shapes[f"{of}.self_attn.o_proj.weight"] = (dim, dim)
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
        """For people: "LLaMA 4 x 256 (context 256)"."""
        return f"LLaMA {self.num_layers} x {self.dim} (context {self.context_length})"
