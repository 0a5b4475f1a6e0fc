"""A pretrained LLaMA in a GGUF file, as llama.cpp and the programs around it keep it. Needs the package gguf.

Every type of numbers that the package dequantizes is read, one tensor at a time, so that memory is bounded by the
largest one. llama.cpp pairs neighbouring rows of queries and keys where Hugging Face, and we, pair the two halves of a
head. Tensors are [outputs, inputs] once the reader has turned the file's order round.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_lm.architecture import Llama
from tui_lm.checkpoint import Card, SavedModel
from tui_lm.errors import DAMAGE, TuiLmError
from tui_lm.exchange.gguf_file import LAYER, WHOLE
from tui_lm.exchange.pretrained import NEW, reordered
from tui_lm.safe_text import visible_line
from tui_lm.tokenizers import Specials, Tokenizer, Tokenizers
from tui_lm.tokenizers.bpe import BpeTokenizer
from tui_lm.tokenizers.specials import BEGIN, END, FIXED, OTHER, UNKNOWN

MAGIC = b"GGUF"
AGAIN = "download the file again, or import another model"
NORMAL, UNKNOWN_TYPE, CONTROL, USER_DEFINED, UNUSED, BYTE = range(1, 7)  # llama.cpp's token types
# How llama.cpp's names of pre-tokenizers split a text before its bytes are merged.
DIGITS = {"type": "Digits", "individual_digits": True}
GPT2_SPLIT = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
SPLITS: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "smollm": (DIGITS, GPT2_SPLIT),
    "gpt-2": (GPT2_SPLIT,),
}


class GgufWeights(Mapping[str, NDArray[np.float32]]):
    """The weights under our names. Each is dequantized to float32 at every access and not cached."""

    def __init__(self, tensors: Mapping[str, Any], architecture: Llama, rows: Sequence[int]) -> None:
        self._tensors = tensors
        self._architecture = architecture
        self._rows = rows

    def __getitem__(self, name: str) -> NDArray[np.float32]:
        import gguf

        tensor = self._tensors[gguf_name(name)]
        values = np.asarray(gguf.quants.dequantize(tensor.data, tensor.tensor_type), np.float32)
        values = values.reshape(tuple(reversed(tensor.shape.tolist())))
        if name.endswith(("q_proj.weight", "k_proj.weight")):
            pairs = values.reshape(-1, self._architecture.head_width // 2, 2, values.shape[1])
            values = pairs.swapaxes(1, 2).reshape(values.shape)
        if name in ("model.embed_tokens.weight", "lm_head.weight"):
            values = reordered(values, self._rows)
        return np.ascontiguousarray(values)

    def __iter__(self) -> Iterator[str]:
        return iter(self._architecture.weights())

    def __len__(self) -> int:
        return len(self._architecture.weights())


def import_gguf(path: Path, name: str) -> SavedModel:
    """A GGUF file as one of our models; weights are read on access.

    Raises TuiLmError for a damaged file, and for a network or tokenizer that this version cannot run.
    """
    reader = _open(path)
    try:
        facts = {key: field.contents() for key, field in reader.fields.items()}
        tensors = {tensor.name: tensor for tensor in reader.tensors}
        theirs = _architecture(facts, tensors)
        tokenizer, rows = _tokenizer(facts)
    except TuiLmError:
        raise
    except (*DAMAGE, IndexError, OverflowError) as error:
        raise _damaged() from error
    if max(rows) >= theirs.vocab_size:
        raise TuiLmError("the tokenizer of this model belongs to another model", AGAIN)
    ours = Llama(
        tokenizer.vocab_size,
        theirs.dim,
        theirs.hidden_size,
        theirs.num_layers,
        theirs.num_heads,
        theirs.num_kv_heads,
        theirs.context_length,
        theirs.rope_theta,
        theirs.norm_eps,
        theirs.tie_embeddings,
    )
    license = visible_line(str(facts.get("general.license", ""))[:200])
    training = {"imported": "gguf", **({"license": license} if license else {})}
    card = Card(name, "prose", ours, tokenizer.name, training=training)
    return SavedModel(card, Tokenizers.shared(tokenizer), GgufWeights(tensors, ours, rows))


def read_facts(path: Path) -> dict[str, Any]:
    """The header of a GGUF file, without lists. Raises TuiLmError for a damaged file."""
    try:
        return {key: field.contents() for key, field in _open(path).fields.items() if len(field.data) == 1}
    except (*DAMAGE, IndexError) as error:
        raise _damaged() from error


def _open(path: Path) -> Any:
    try:
        import gguf
    except ImportError as error:
        raise TuiLmError("GGUF files need the package gguf", "pip install 'tui-lm[base]'") from error
    try:
        with path.open("rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                raise TuiLmError(f"{visible_line(path.name)} is not a GGUF file", AGAIN)
        return gguf.GGUFReader(path)
    except (OSError, *DAMAGE, IndexError, OverflowError) as error:
        raise _damaged() from error


def _damaged() -> TuiLmError:
    return TuiLmError("this GGUF file is cut short or damaged", AGAIN)


def gguf_name(ours: str) -> str:
    """llama.cpp's name of a weight: "model.layers.0.mlp.up_proj.weight" is "blk.0.ffn_up.weight"."""
    stem = ours.removesuffix(".weight")
    if stem in WHOLE:
        return f"{WHOLE[stem]}.weight"
    _, _, layer, part = stem.split(".", 3)
    return f"blk.{layer}.{LAYER[part]}.weight"


def _architecture(facts: Mapping[str, Any], tensors: Mapping[str, Any]) -> Llama:
    """The network, its shapes held against the tensors before anything is read."""
    kind = visible_line(str(facts["general.architecture"])[:40])
    if kind != "llama":
        raise TuiLmError(f"models of the type {kind} cannot be imported", "LLaMA can, as GGUF")
    if facts.get("llama.rope.scaling.type", "none") != "none" or "rope_freqs.weight" in tensors:
        raise TuiLmError(
            "this model has scaled rotary embeddings, which this version cannot run", "import another model"
        )
    heads = int(facts["llama.attention.head_count"])
    architecture = Llama(
        vocab_size=int(tensors["token_embd.weight"].shape[1]),
        dim=int(facts["llama.embedding_length"]),
        hidden_size=int(facts["llama.feed_forward_length"]),
        num_layers=int(facts["llama.block_count"]),
        num_heads=heads,
        num_kv_heads=int(facts.get("llama.attention.head_count_kv", heads)),
        context_length=int(facts.get("llama.context_length", 2048)),
        rope_theta=float(facts.get("llama.rope.freq_base", 10_000.0)),
        norm_eps=float(facts.get("llama.attention.layer_norm_rms_epsilon", 1e-6)),
        tie_embeddings="output.weight" not in tensors,
    )
    expected = {gguf_name(name): shape for name, shape in architecture.weights().items()}
    found = {name: tuple(reversed(tensor.shape.tolist())) for name, tensor in tensors.items()}
    if any(found.get(name) != shape for name, shape in expected.items()):
        raise TuiLmError("the weights of this model do not have the shapes of a LLaMA", AGAIN)
    if any(name.endswith(".bias") for name in found):
        raise TuiLmError("this model has biases, unlike LLaMA, which this version cannot run", "import another model")
    return architecture


def _tokenizer(facts: Mapping[str, Any]) -> tuple[Tokenizer, list[int]]:
    """The tokenizer as one of ours, and for each of our token ids the id in the file, or NEW."""
    kind = facts["tokenizer.ggml.model"]
    if kind == "gpt2":
        values = _byte_level(facts)
    elif kind == "llama":
        values = _with_byte_fallback(facts)
    else:
        raise TuiLmError(
            f"a tokenizer of the kind {visible_line(str(kind)[:40])} cannot be run", "import a model with LLaMA's"
        )
    tokenizer = BpeTokenizer(Specials(), json.dumps(values))
    end = int(facts.get("tokenizer.ggml.eos_token_id", NEW))
    begin = int(facts.get("tokenizer.ggml.bos_token_id", end))
    unknown = int(facts.get("tokenizer.ggml.unknown_token_id", NEW))
    fixed = {UNKNOWN: unknown, BEGIN: begin, END: end, OTHER: NEW}
    return tokenizer, [*(fixed[i] for i in range(len(FIXED))), *tokenizer.theirs]


def _added(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Control tokens are special; user-defined tokens are never split."""
    tokens, types = facts["tokenizer.ggml.tokens"], facts["tokenizer.ggml.token_type"]
    return [
        {
            "id": i,
            "content": text,
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": False,
            "special": kind != USER_DEFINED,
        }
        for i, (text, kind) in enumerate(zip(tokens, types, strict=True))
        if kind in (CONTROL, UNKNOWN_TYPE, USER_DEFINED, UNUSED)
    ]


def _byte_level(facts: Mapping[str, Any]) -> dict[str, Any]:
    """A tokenizer.json of byte-level merges (Radford et al. 2019)."""
    name = str(facts.get("tokenizer.ggml.pre", "gpt-2"))
    if name not in SPLITS:
        raise TuiLmError(
            f"this version does not know the tokenizer's splitting rules {visible_line(name[:40])}",
            f"models whose rules are {' or '.join(SPLITS)} can be imported",
        )
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "post_processor": None,
        "normalizer": None,
        "added_tokens": _added(facts),
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": list(SPLITS[name])},
        "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
        "model": {
            "type": "BPE",
            "vocab": {text: i for i, text in enumerate(facts["tokenizer.ggml.tokens"])},
            "merges": list(facts["tokenizer.ggml.merges"]),
        },
    }


def _with_byte_fallback(facts: Mapping[str, Any]) -> dict[str, Any]:
    """A tokenizer.json of SentencePiece's merges (LLaMA 1 and 2): the score of a piece is the order of its merge."""
    tokens, scores = facts["tokenizer.ggml.tokens"], facts["tokenizer.ggml.scores"]
    types = facts["tokenizer.ggml.token_type"]
    ids = {text: i for i, text in enumerate(tokens) if types[i] == NORMAL}
    spaced = bool(facts.get("tokenizer.ggml.add_space_prefix", True))
    merges: list[tuple[float, int, str]] = []
    for text, i in ids.items():
        for cut in range(1, len(text)):
            if text[:cut] in ids and text[cut:] in ids:
                merges.append((-float(scores[i]), min(ids[text[:cut]], ids[text[cut:]]), f"{text[:cut]} {text[cut:]}"))
    merges.sort(key=lambda merge: merge[:2])
    space = "\N{LOWER ONE EIGHTH BLOCK}"
    steps: list[dict[str, Any]] = [{"type": "Replace", "pattern": {"String": " "}, "content": space}]
    if spaced:
        steps.insert(0, {"type": "Prepend", "prepend": space})
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "post_processor": None,
        "normalizer": {"type": "Sequence", "normalizers": steps},
        "added_tokens": _added(facts),
        "pre_tokenizer": None,
        "decoder": {
            "type": "Sequence",
            "decoders": [
                {"type": "Replace", "pattern": {"String": space}, "content": " "},
                {"type": "ByteFallback"},
                {"type": "Fuse"},
            ],
        },
        "model": {
            "type": "BPE",
            "unk_token": tokens[int(facts.get("tokenizer.ggml.unknown_token_id", 0))],
            "fuse_unk": True,
            "byte_fallback": True,
            "vocab": {text: i for i, text in enumerate(tokens)},
            "merges": [merge for _, _, merge in merges],
        },
    }
