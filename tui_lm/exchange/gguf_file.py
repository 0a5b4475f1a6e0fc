"""Export a mini-LLaMA as a GGUF file, the format of llama.cpp. Needs the package gguf."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tui_lm.architecture import Llama
from tui_lm.checkpoint import SavedModel
from tui_lm.errors import TuiLmError
from tui_lm.exchange.model_card import model_card
from tui_lm.exchange.vocabulary import chat_template, pieces_of
from tui_lm.exchange.writing import new_file, require_llama
from tui_lm.tokenizers.pieces import PieceKind
from tui_lm.tokenizers.specials import BEGIN, END, UNKNOWN
from tui_lm.tokenizers.subword import SPACE, SubwordTokenizer

if TYPE_CHECKING:
    from gguf import GGUFWriter

TYPES = ("f32", "f16", "q8_0")
Q8_BLOCK = 32  # weights that share one scale in Q8_0
LAYER = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
WHOLE = {"model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output"}


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
    with new_file(path) as new:
        writer = gguf.GGUFWriter(new, "llama")
        try:
            _describe(writer, model, architecture, kind)
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
    writer.add_rope_freq_base(architecture.rope_theta)
    writer.add_vocab_size(architecture.vocab_size)
    files = {"f32": "ALL_F32", "f16": "MOSTLY_F16", "q8_0": "MOSTLY_Q8_0"}
    writer.add_file_type(gguf.LlamaFileType[files[kind]])
    pieces = pieces_of(model.tokenizer)
    named = (PieceKind.NORMAL, PieceKind.UNKNOWN, PieceKind.CONTROL, PieceKind.BYTE)
    writer.add_tokenizer_model("llama")  # SentencePiece BPE; a char tokenizer is one without merges
    writer.add_tokenizer_pre("default")
    writer.add_token_list([piece.text.replace(" ", SPACE) for piece in pieces])
    writer.add_token_scores([piece.score for piece in pieces])
    writer.add_token_types([gguf.TokenType[piece.kind.name if piece.kind in named else "UNUSED"] for piece in pieces])
    writer.add_unk_token_id(UNKNOWN)
    writer.add_bos_token_id(BEGIN)
    writer.add_eos_token_id(END)
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)
    writer.add_add_space_prefix(isinstance(model.tokenizer, SubwordTokenizer))
    writer.add_chat_template(chat_template(model.card.me, model.card.authors))


def _add(writer: GGUFWriter, name: str, weight: NDArray[Any], architecture: Llama, kind: str) -> None:
    """Add one weight under llama.cpp's name, in its row order and number type. Vectors stay float32."""
    import gguf

    stem = name.removesuffix(".weight")
    if stem in WHOLE:
        new = WHOLE[stem]
    else:
        _, _, layer, part = stem.split(".", 3)
        new = f"blk.{layer}.{LAYER[part]}"
    if stem.endswith(("q_proj", "k_proj")):  # RoPE: llama.cpp rotates neighbours, Hugging Face the halves of a head
        halves = weight.reshape(-1, 2, architecture.head_width // 2, weight.shape[1])
        weight = halves.swapaxes(1, 2).reshape(weight.shape)
    if weight.ndim == 1 or kind == "f32":
        writer.add_tensor(f"{new}.weight", np.ascontiguousarray(weight))
    elif kind == "f16" or weight.shape[1] % Q8_BLOCK:
        writer.add_tensor(f"{new}.weight", weight.astype(np.float16))
    else:
        blocks = gguf.quants.quantize(weight, gguf.GGMLQuantizationType.Q8_0)
        writer.add_tensor(f"{new}.weight", blocks, raw_dtype=gguf.GGMLQuantizationType.Q8_0)
