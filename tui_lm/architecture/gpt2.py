"""GPT-2's decoder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from tui_lm.architecture.sizes import require_sizes


@dataclass(frozen=True, slots=True)
class Gpt2:
    """GPT-2's decoder (Radford et al. 2019), for imported pretrained models.

    embedding [V, D] + learned position [context_length, D] -> num_layers x (LayerNorm, attention of num_heads heads,
    LayerNorm, GELU of hidden_size) -> LayerNorm -> V logits by the embedding.
    """

    vocab_size: int
    dim: int
    hidden_size: int
    num_layers: int
    num_heads: int
    context_length: int
    norm_eps: float = 1e-5
    family: Literal["gpt2"] = "gpt2"
    tie_embeddings: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_sizes(self)
        if self.family != "gpt2":
            raise ValueError(f"no such family: {self.family!r}")
        if self.dim % self.num_heads or not self.norm_eps > 0:
            raise ValueError("dim must be a multiple of num_heads, and norm_eps above 0")

    @property
    def head_width(self) -> int:
        return self.dim // self.num_heads

    def weights(self) -> dict[str, tuple[int, ...]]:
        """Name and shape of every weight, named as Hugging Face names them; matrices are [inputs, outputs]."""
        dim = self.dim
        shapes: dict[str, tuple[int, ...]] = {
            "transformer.wte.weight": (self.vocab_size, dim),
            "transformer.wpe.weight": (self.context_length, dim),
        }
        norms = [f"transformer.h.{layer}.{name}" for layer in range(self.num_layers) for name in ("ln_1", "ln_2")]
        for norm in (*norms, "transformer.ln_f"):
            shapes[f"{norm}.weight"] = shapes[f"{norm}.bias"] = (dim,)
        for layer in range(self.num_layers):
            for name, inputs, outputs in (
                ("attn.c_attn", dim, 3 * dim),
                ("attn.c_proj", dim, dim),
                ("mlp.c_fc", dim, self.hidden_size),
                ("mlp.c_proj", self.hidden_size, dim),
            ):
                shapes[f"transformer.h.{layer}.{name}.weight"] = (inputs, outputs)
                shapes[f"transformer.h.{layer}.{name}.bias"] = (outputs,)
        return shapes

    @property
    def label(self) -> str:
        """For people: "GPT-2 12 x 768 (context 1024)"."""
        return f"GPT-2 {self.num_layers} x {self.dim} (context {self.context_length})"
