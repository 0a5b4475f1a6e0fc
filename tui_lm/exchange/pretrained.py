"""Import pretrained models: Hugging Face folders of LLaMA, of the decoders like it, and of GPT-2.

Token ids are our special tokens first, then the model's own vocabulary in its order. `<s>` and `</s>` take over the
embeddings of the model's begin and end tokens. A special token that the model lacks, such as `[other]` for an author,
starts from the mean embedding.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_lm.architecture import Gpt2, Llama
from tui_lm.checkpoint import Card, SavedModel
from tui_lm.errors import TuiLmError
from tui_lm.exchange.decoders import DECODERS, Decoder, rope_factors
from tui_lm.exchange.tensors import read_weights, shapes, weight_files
from tui_lm.safe_text import visible_line
from tui_lm.tokenizers import Specials, Tokenizer, Tokenizers
from tui_lm.tokenizers.bpe import BpeTokenizer
from tui_lm.tokenizers.pieces import Piece, PieceKind, read_pieces, with_first_space, with_pieces
from tui_lm.tokenizers.specials import BEGIN, END, FIXED, OTHER, UNKNOWN

NEW = -1  # in place of a token's id in the pretrained model: it has no such token
BYTES = 256
BUFFERS = ("rotary_emb.inv_freq", ".attn.bias", ".attn.masked_bias", "lm_head.weight")  # computed, or a copy


def import_folder(folder: Path, name: str) -> SavedModel:
    """Read a Hugging Face folder. Raises TuiLmError for an architecture that we cannot run, and for pickled weights."""
    config = _read(folder / "config.json")
    files = weight_files(folder)
    theirs = shapes(files)
    architecture = _architecture(config, theirs)
    tokenizer, rows = _tokenizer(folder, config)
    names = {ours: ours for ours in architecture.weights()}
    if isinstance(architecture, Gpt2) and "wte.weight" in theirs:  # saved as GPT2Model, without the head
        names = {ours.removeprefix("transformer."): ours for ours in names}
    weights = read_weights(files, names)
    expected = architecture.weights()
    if {name: weight.shape for name, weight in weights.items()} != expected:
        raise TuiLmError("the weights of this model do not match its config.json", "download or save it again")
    unknown = [name for name in theirs if name not in names and not name.endswith(BUFFERS)]
    _require(not unknown, f"weights that this architecture does not have, such as {visible_line(''.join(unknown[:1]))}")
    for table in ("model.embed_tokens.weight", "lm_head.weight", "transformer.wte.weight"):
        if table in weights:
            weights[table] = reordered(weights[table], rows)
    architecture = replace(architecture, vocab_size=tokenizer.vocab_size)
    training = {"imported": config["model_type"]}
    card = Card(name, "prose", architecture, tokenizer.name, training=training)
    return SavedModel(card, Tokenizers.shared(tokenizer), weights)


def _architecture(config: Mapping[str, Any], theirs: Mapping[str, tuple[int, ...]]) -> Llama | Gpt2:
    kind = str(config.get("model_type"))
    try:
        if kind in DECODERS:
            return _decoder(config, theirs, DECODERS[kind])
        if kind == "gpt2":
            return _gpt2(config)
    except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
        raise TuiLmError("the config.json of this model is damaged", "download or save it again") from error
    raise TuiLmError(
        f"models of the type {visible_line(kind[:40])} cannot be imported", f"{', '.join(DECODERS)} and gpt2 can"
    )


def _decoder(config: Mapping[str, Any], theirs: Mapping[str, tuple[int, ...]], decoder: Decoder) -> Llama:
    rope = config.get("rope_parameters") or config.get("rope_scaling") or {}
    theta = float(rope.get("rope_theta") or config.get("rope_theta", 10_000.0))
    heads, dim = config["num_attention_heads"], config["hidden_size"]
    width = config.get("head_dim") or dim // heads
    _require(not config.get("attention_bias") and not config.get("mlp_bias"), "biases, unlike its family")
    _require(config.get("hidden_act", "silu") == "silu", "an activation that is not SiLU")
    _require(not config.get("use_sliding_window"), "layers that see a sliding window")
    _require(float(rope.get("partial_rotary_factor") or 1) == 1, "rotary positions in a part of each head")
    return Llama(
        vocab_size=config["vocab_size"],
        dim=dim,
        hidden_size=config["intermediate_size"],
        num_layers=config["num_hidden_layers"],
        num_heads=heads,
        num_kv_heads=config.get("num_key_value_heads") or heads,
        context_length=config.get("max_position_embeddings", 2048),
        rope_theta=theta,
        norm_eps=float(config.get("rms_norm_eps", 1e-6)),
        tie_embeddings="lm_head.weight" not in theirs,
        head_size=None if width * heads == dim else width,
        attention_bias=decoder.attention_bias,
        qk_norm=decoder.qk_norm,
        rope_factors=rope_factors(rope, theta, width),
    )


def _gpt2(config: Mapping[str, Any]) -> Gpt2:
    _require(config.get("activation_function", "gelu_new") == "gelu_new", "an activation that is not GPT-2's")
    _require(not config.get("scale_attn_by_inverse_layer_idx", False), "attention scaled by the layer's index")
    return Gpt2(
        vocab_size=config["vocab_size"],
        dim=config["n_embd"],
        hidden_size=config.get("n_inner") or 4 * config["n_embd"],
        num_layers=config["n_layer"],
        num_heads=config["n_head"],
        context_length=config.get("n_positions", 1024),
        norm_eps=float(config.get("layer_norm_epsilon", 1e-5)),
    )


def _require(fits: bool, what: str) -> None:
    if not fits:
        raise TuiLmError(f"this model has {what}, which this version cannot run", "import another model")


def _tokenizer(folder: Path, config: Mapping[str, Any]) -> tuple[Tokenizer, list[int]]:
    """The tokenizer as one of ours, and for each of our token ids the id in the pretrained model, or NEW."""
    try:
        if (folder / "tokenizer.model").is_file():
            return _sentencepiece((folder / "tokenizer.model").read_bytes())
        if (folder / "tokenizer.json").is_file():
            text = (folder / "tokenizer.json").read_text("utf-8")
        elif (folder / "vocab.json").is_file() and (folder / "merges.txt").is_file():
            text = json.dumps(_byte_level(folder))
        else:
            raise TuiLmError("there is no tokenizer in this folder", "it needs tokenizer.model or tokenizer.json")
        if json.loads(text)["model"]["type"] != "BPE":
            raise TuiLmError("this model's tokenizer is not a byte-pair encoding", "import another model")
        tokenizer = BpeTokenizer(Specials(), _lossless(text))
    except TuiLmError:
        raise
    except Exception as error:  # the package tokenizers raises bare Exceptions
        raise TuiLmError("the tokenizer of this model is damaged", "download or save it again") from error
    end = _first(config.get("eos_token_id"))
    begin = _first(config.get("bos_token_id"))
    fixed = {UNKNOWN: NEW, BEGIN: end if begin == NEW else begin, END: end, OTHER: NEW}
    return tokenizer, [*(fixed[i] for i in range(len(FIXED))), *tokenizer.theirs]


def _lossless(text: str) -> str:
    """A tokenizer.json without Unicode normalisation (Qwen2 composes characters): what is typed must come back."""
    values = json.loads(text)
    normalizer = values.get("normalizer") or {}
    if normalizer.get("type") in ("NFC", "NFKC", "NFD", "NFKD"):
        values["normalizer"] = None
    return json.dumps(values)


def _sentencepiece(model: bytes) -> tuple[Tokenizer, list[int]]:
    """`tokenizer.model` with `[other]` inserted after `<unk>`, `<s>` and `</s>`. We add the leading space ourselves."""
    from tui_lm.tokenizers.subword import SubwordTokenizer

    pieces = read_pieces(model)
    first = next((i for i, piece in enumerate(pieces) if piece.kind is PieceKind.BYTE), 0)
    kinds = [PieceKind.UNKNOWN, *[PieceKind.CONTROL] * (first - 1), *[PieceKind.BYTE] * BYTES]
    if first < OTHER or [piece.kind for piece in pieces[: len(kinds)]] != kinds:
        raise TuiLmError("this model's SentencePiece vocabulary does not have LLaMA's layout", "import another model")
    other = OTHER if first > OTHER and pieces[OTHER].text == FIXED[OTHER] else NEW  # a model exported by tui-lm has it
    ours = [*pieces[:OTHER], Piece(FIXED[OTHER], 0.0, PieceKind.CONTROL), *pieces[first:]]
    changed = with_first_space(with_pieces(model, ours), False)
    return SubwordTokenizer(Specials(), changed), [UNKNOWN, BEGIN, END, other, *range(first, len(pieces))]


def _byte_level(folder: Path) -> dict[str, Any]:
    """GPT-2's vocab.json and merges.txt as a tokenizer.json."""
    lines = (folder / "merges.txt").read_text("utf-8").splitlines()
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    vocabulary = _read(folder / "vocab.json")
    end = "<|endoftext|>"
    return {
        "version": "1.0",
        "added_tokens": [{"id": vocabulary[end], "content": end, "special": True}] if end in vocabulary else [],
        "normalizer": None,
        "pre_tokenizer": level,
        "decoder": level,
        "model": {
            "type": "BPE",
            "vocab": vocabulary,
            "merges": [line for line in lines if line and not line.startswith("#version")],
        },
    }


def reordered(table: NDArray[np.float32], rows: Sequence[int]) -> NDArray[np.float32]:
    """The rows of an embedding [vocabulary, width] in the order of our ids. A new token gets the mean row."""
    if max(rows) >= len(table):
        raise TuiLmError("the tokenizer of this model belongs to another model", "download or save it again")
    ours = table[np.maximum(rows, 0)]
    ours[np.asarray(rows) == NEW] = table.mean(axis=0)
    return ours


def _first(ids: Any) -> int:
    """The id of a special token in config.json: a number, the first of a list, or NEW if there is none."""
    token = ids[0] if isinstance(ids, list) and ids else ids
    return token if isinstance(token, int) else NEW


def _read(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_text("utf-8"))
        if isinstance(values, dict):
            return values
    except (OSError, ValueError, RecursionError):
        pass
    raise TuiLmError(f"there is no readable {path.name} in this folder", "give a folder saved by transformers")
