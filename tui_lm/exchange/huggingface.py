"""Export a LLaMA, or a decoder like it, as a Hugging Face folder, for `AutoModelForCausalLM` and `AutoTokenizer`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from tui_lm.architecture import Llama
from tui_lm.checkpoint import SavedModel
from tui_lm.exchange.bpe_vocabulary import bpe_json
from tui_lm.exchange.decoders import DECODERS, name_of
from tui_lm.exchange.model_card import model_card
from tui_lm.exchange.vocabulary import chat_template, merges, pieces_of, special_names
from tui_lm.exchange.writing import new_folder, require_llama
from tui_lm.tokenizers.bpe import BpeTokenizer
from tui_lm.tokenizers.pieces import Piece, PieceKind, with_first_space
from tui_lm.tokenizers.specials import BEGIN, END, FIXED, UNKNOWN
from tui_lm.tokenizers.subword import MODEL, SPACE, SubwordTokenizer


def export_folder(model: SavedModel, folder: Path) -> None:
    """Write the model, its tokenizer and its card to `folder`, which must be new or empty.

    Raises TuiLmError if the model is no LLaMA, or if the folder cannot be written.
    """
    from safetensors.numpy import save_file

    architecture = require_llama(model.card.architecture)
    names = special_names(model.tokenizer)
    if isinstance(model.tokenizer, BpeTokenizer):
        tokenizer = bpe_json(model.tokenizer)
    else:
        tokenizer = tokenizer_json(pieces_of(model.tokenizer), isinstance(model.tokenizer, SubwordTokenizer))
    with new_folder(folder) as new:
        _write(new / "config.json", config(architecture))
        _write(new / "generation_config.json", {"bos_token_id": BEGIN, "eos_token_id": END})
        _write(new / "tokenizer.json", tokenizer)
        _write(
            new / "tokenizer_config.json",
            {
                "tokenizer_class": "PreTrainedTokenizerFast",
                "unk_token": names[UNKNOWN],
                "bos_token": names[BEGIN],
                "eos_token": names[END],
                "clean_up_tokenization_spaces": False,
                "model_max_length": architecture.context_length,
                "chat_template": chat_template(model.card.me, model.card.authors, names),
            },
        )
        if isinstance(model.tokenizer, SubwordTokenizer):
            (new / MODEL).write_bytes(with_first_space(model.tokenizer.model, True))
        weights = {name: np.ascontiguousarray(weight) for name, weight in model.weights.items()}
        save_file(weights, new / "model.safetensors", {"format": "pt"})
        (new / "README.md").write_text(model_card(model.card, "transformers"), "utf-8")


def config(architecture: Llama) -> dict[str, Any]:
    """config.json. RoPE's base is written under the old key and under the new one."""
    family = name_of(architecture)
    rope: dict[str, Any] = {"rope_type": "default", "rope_theta": architecture.rope_theta}
    if architecture.rope_factors:  # the one kind of scaling that takes any factors
        factors = list(architecture.rope_factors)
        rope |= {
            "rope_type": "longrope",
            "short_factor": factors,
            "long_factor": factors,
            "factor": 1.0,
            "attention_factor": 1.0,
            "original_max_position_embeddings": architecture.context_length,
        }
    return {
        "architectures": [DECODERS[family].class_name],
        "model_type": family,
        "vocab_size": architecture.vocab_size,
        "hidden_size": architecture.dim,
        "intermediate_size": architecture.hidden_size,
        "num_hidden_layers": architecture.num_layers,
        "num_attention_heads": architecture.num_heads,
        "num_key_value_heads": architecture.num_kv_heads,
        "head_dim": architecture.head_width,
        "hidden_act": "silu",
        "max_position_embeddings": architecture.context_length,
        "rms_norm_eps": architecture.norm_eps,
        "rope_theta": architecture.rope_theta,
        "rope_parameters": rope,
        "tie_word_embeddings": architecture.tie_embeddings,
        "attention_bias": False,
        "mlp_bias": False,
        "bos_token_id": BEGIN,
        "eos_token_id": END,
        "torch_dtype": "float32",
    }


def tokenizer_json(pieces: list[Piece], spaced: bool) -> dict[str, Any]:
    """tokenizer.json: byte-pair encoding with byte fallback.

    With `spaced`, every text gets a leading space, after a special token too, as in SentencePiece's LLaMA tokenizer.
    """
    if spaced:
        pieces = [Piece(p.text.replace(" ", SPACE), p.score, p.kind) for p in pieces]
    first_space = [
        {"type": "Prepend", "prepend": SPACE},
        {"type": "Replace", "pattern": {"String": " "}, "content": SPACE},
    ]
    decoders: list[dict[str, Any]] = [{"type": "ByteFallback"}, {"type": "Fuse"}]
    if spaced:
        decoders.insert(0, {"type": "Replace", "pattern": {"String": SPACE}, "content": " "})
        decoders.append({"type": "Strip", "content": " ", "start": 1, "stop": 0})
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {
                "id": i,
                "content": piece.text,
                "single_word": False,
                "lstrip": False,
                "rstrip": False,
                "normalized": False,
                "special": True,
            }
            for i, piece in enumerate(pieces)
            if piece.kind in (PieceKind.CONTROL, PieceKind.UNKNOWN)
        ],
        "normalizer": {"type": "Sequence", "normalizers": first_space} if spaced else None,
        "pre_tokenizer": None,
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [{"SpecialToken": {"id": FIXED[BEGIN], "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
            "pair": [
                {"SpecialToken": {"id": FIXED[BEGIN], "type_id": 0}},
                {"Sequence": {"id": "A", "type_id": 0}},
                {"Sequence": {"id": "B", "type_id": 1}},
            ],
            "special_tokens": {FIXED[BEGIN]: {"id": FIXED[BEGIN], "ids": [BEGIN], "tokens": [FIXED[BEGIN]]}},
        },
        "decoder": {"type": "Sequence", "decoders": decoders},
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": FIXED[UNKNOWN],
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": True,
            "byte_fallback": True,
            "ignore_merges": False,
            "vocab": {piece.text: i for i, piece in enumerate(pieces)},
            "merges": merges(pieces),
        },
    }


def _write(path: Path, values: dict[str, Any]) -> None:
    path.write_text(json.dumps(values, indent=1, ensure_ascii=True), "utf-8")
