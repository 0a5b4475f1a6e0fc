"""The families of pretrained decoders: their names in other programs, and what each has beyond LLaMA.

What a network has is said by its architecture; this table only connects it with the names that files give.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tui_lm.architecture import Llama
from tui_lm.errors import TuiLmError


@dataclass(frozen=True, slots=True)
class Decoder:
    """`neighbours`: llama.cpp rotates neighbouring rows of a head together, where Hugging Face, and we, rotate rows of
    its two halves. `scales`: llama.cpp applies the factors of scaled rotary positions.
    """

    class_name: str  # in transformers
    attention_bias: bool = False
    qk_norm: bool = False
    neighbours: bool = False
    scales: bool = False


# By Hugging Face's model_type, which is llama.cpp's name of the architecture too.
DECODERS: Mapping[str, Decoder] = {
    "llama": Decoder("LlamaForCausalLM", neighbours=True, scales=True),
    "qwen2": Decoder("Qwen2ForCausalLM", attention_bias=True),
    "qwen3": Decoder("Qwen3ForCausalLM", qk_norm=True),
}


def name_of(architecture: Llama) -> str:
    """The family that a network belongs to. Raises TuiLmError if other programs have none like it."""
    for name, decoder in DECODERS.items():
        if (architecture.attention_bias, architecture.qk_norm) == (decoder.attention_bias, decoder.qk_norm):
            return name
    raise TuiLmError(f"no other program can run a {architecture.label}", "export another model")


def rope_factors(rope: Mapping[str, Any], theta: float, head_width: int) -> tuple[float, ...]:
    """The factors by which `rope`, a scaling in Hugging Face's form, divides the rotary frequencies; () for none.

    Raises TuiLmError for a scaling that depends on the length of the text.
    """
    kind = rope.get("rope_type", rope.get("type", "default"))
    half = head_width // 2
    if kind in ("default", None):
        return ()
    if kind == "linear":
        return (float(rope["factor"]),) * half
    if kind == "llama3":
        return tuple(_llama3(rope, 2 * math.pi * theta ** (i / half)) for i in range(half))
    if kind == "longrope" and rope["short_factor"] == rope["long_factor"] and rope.get("attention_factor") == 1:
        return tuple(map(float, rope["short_factor"]))
    raise TuiLmError(
        f"this model has scaled rotary embeddings of the kind {str(kind)[:40]}, which this version cannot run",
        "import a model whose scaling is linear or llama3",
    )


def _llama3(rope: Mapping[str, Any], wavelength: float) -> float:
    """LLaMA 3.1: wavelengths, in tokens, that are long beside the original context are stretched by `factor`."""
    factor, low, high = (float(rope[name]) for name in ("factor", "low_freq_factor", "high_freq_factor"))
    turns = float(rope["original_max_position_embeddings"]) / wavelength
    share = min(1.0, max(0.0, (turns - low) / (high - low)))
    return 1 / ((1 - share) / factor + share)
