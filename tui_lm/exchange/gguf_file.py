"""Export a LLaMA, or a decoder like it, as a GGUF file, the format of llama.cpp. Needs the package gguf."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tui_lm.architecture import Llama
from tui_lm.checkpoint import SavedModel
from tui_lm.errors import TuiLmError
from tui_lm.exchange.decoders import DECODERS, name_of
from tui_lm.exchange.gguf_layout import ROPE_FACTORS, gguf_name, to_gguf
from tui_lm.exchange.gguf_vocabulary import gguf_vocabulary
from tui_lm.exchange.model_card import model_card
from tui_lm.exchange.vocabulary import chat_template, special_names
from tui_lm.exchange.writing import new_file, require_llama

if TYPE_CHECKING:
    from gguf import GGUFWriter

TYPES = ("f32", "f16", "q8_0")
Q8_BLOCK = 32  # weights that share one scale in Q8_0


def export_gguf(model: SavedModel, path: Path, kind: str = "f32") -> None:
    """Write the model to `path` and its card beside it, as a .md file. `kind` is the number type, one of TYPES.

    Raises TuiLmError if `path` exists or cannot be written, if the model is no LLaMA, and without the package gguf.
    """
    if kind not in TYPES:
        raise TuiLmError(f"unknown number type: {kind}", f"choose one of {', '.join(TYPES)}", exit_code=2)
    try:
        import gguf
    except ImportError as error:
        raise TuiLmError("GGUF files need the package gguf", "pip install 'tui-lm[export]'") from error
    architecture = require_llama(model.card.architecture)
    family = name_of(architecture)
    if architecture.rope_factors and not DECODERS[family].scales:
        raise TuiLmError(f"llama.cpp cannot run a {architecture.label}", "export it with --to hf")
    vocabulary = gguf_vocabulary(model.tokenizer)
    with new_file(path) as new:
        writer = gguf.GGUFWriter(new, family)
        try:
            _describe(writer, model, architecture, kind)
            vocabulary.write(writer)
            writer.add_chat_template(chat_template(model.card.me, model.card.authors, special_names(model.tokenizer)))
            if architecture.rope_factors:
                writer.add_tensor(ROPE_FACTORS, np.array(architecture.rope_factors, np.float32))
            for name, weight in model.weights.items():
                _add(writer, name, weight, architecture, kind)
            writer.write_header_to_file()
            writer.write_kv_data_to_file()
            writer.write_tensors_to_file()
        finally:
            writer.close()
    path.with_suffix(".md").write_text(model_card(model.card, "llama.cpp"), "utf-8")


def _describe(writer: GGUFWriter, model: SavedModel, architecture: Llama, kind: str) -> None:
    import gguf

    writer.add_name(model.card.name)
    writer.add_context_length(architecture.context_length)
    writer.add_embedding_length(architecture.dim)
    writer.add_block_count(architecture.num_layers)
    writer.add_feed_forward_length(architecture.hidden_size)
    writer.add_head_count(architecture.num_heads)
    writer.add_head_count_kv(architecture.num_kv_heads)
    writer.add_layer_norm_rms_eps(architecture.norm_eps)
    writer.add_rope_dimension_count(architecture.head_width)
    if architecture.head_size is not None:
        writer.add_key_length(architecture.head_size)
        writer.add_value_length(architecture.head_size)
    writer.add_rope_freq_base(architecture.rope_theta)
    writer.add_vocab_size(architecture.vocab_size)
    files = {"f32": "ALL_F32", "f16": "MOSTLY_F16", "q8_0": "MOSTLY_Q8_0"}
    writer.add_file_type(gguf.LlamaFileType[files[kind]])


def _add(writer: GGUFWriter, name: str, weight: NDArray[Any], architecture: Llama, kind: str) -> None:
    """Add one weight under llama.cpp's name, in its row order and number type. Vectors stay float32."""
    import gguf

    new, weight = gguf_name(name), np.ascontiguousarray(to_gguf(name, weight, architecture))
    if weight.ndim == 1 or kind == "f32":
        writer.add_tensor(new, weight)
    elif kind == "f16" or weight.shape[1] % Q8_BLOCK:
        writer.add_tensor(new, weight.astype(np.float16))
    else:
        blocks = gguf.quants.quantize(weight, gguf.GGMLQuantizationType.Q8_0)
        writer.add_tensor(new, blocks, raw_dtype=gguf.GGMLQuantizationType.Q8_0)
