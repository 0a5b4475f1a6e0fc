"""A pretrained decoder in a GGUF file, as llama.cpp and the programs around it keep it. Needs the package gguf.

Every type of numbers that the package dequantizes is read, one tensor at a time, so that memory is bounded by the
largest one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_lm.architecture import Gpt2, Llama
from tui_lm.checkpoint import Card, SavedModel
from tui_lm.errors import DAMAGE, TuiLmError
from tui_lm.exchange.decoders import DECODERS, rope_factors
from tui_lm.exchange.gguf_layout import ROPE_FACTORS, TABLES, as_float32, from_gguf, gguf_name, gguf_shapes
from tui_lm.exchange.gguf_tokenizer import read_tokenizer
from tui_lm.exchange.pretrained import reordered
from tui_lm.safe_text import visible_line
from tui_lm.tokenizers import Tokenizers

MAGIC = b"GGUF"
AGAIN = "download the file again, or import another model"


class GgufWeights(Mapping[str, NDArray[np.float32]]):
    """The weights under our names. Each is dequantized to float32 at every access and not cached."""

    def __init__(self, tensors: Mapping[str, Any], architecture: Llama | Gpt2, rows: Sequence[int]) -> None:
        self._tensors = tensors
        self._architecture = architecture
        self._rows = rows

    def __getitem__(self, name: str) -> NDArray[np.float32]:
        values = from_gguf(name, _dequantized(self._tensors[gguf_name(name)]), self._architecture)
        return as_float32(reordered(values, self._rows) if name in TABLES else values)

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
        tokenizer, rows = read_tokenizer(facts)
    except TuiLmError:
        raise
    except (*DAMAGE, IndexError, OverflowError) as error:
        raise _damaged() from error
    if max(rows) >= theirs.vocab_size:
        raise TuiLmError("the tokenizer of this model belongs to another model", AGAIN)
    ours = replace(theirs, vocab_size=tokenizer.vocab_size)
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


def _dequantized(tensor: Any) -> NDArray[np.float32]:
    """A tensor [outputs, inputs]."""
    import gguf

    values = np.asarray(gguf.quants.dequantize(tensor.data, tensor.tensor_type), np.float32)
    return values.reshape(_shape(tensor))


def _shape(tensor: Any) -> tuple[int, ...]:
    return tuple(reversed(tensor.shape.tolist()))


def _architecture(facts: Mapping[str, Any], tensors: Mapping[str, Any]) -> Llama | Gpt2:
    """The network, its shapes held against the tensors before anything is read."""
    kind = str(facts["general.architecture"])
    if kind not in (*DECODERS, "gpt2"):
        raise TuiLmError(
            f"models of the type {visible_line(kind[:40])} cannot be imported",
            f"as GGUF, {', '.join(DECODERS)} and gpt2 can",
        )
    architecture = _gpt2(facts, tensors) if kind == "gpt2" else _decoder(facts, tensors, kind)
    expected, found = gguf_shapes(architecture), {name: _shape(tensor) for name, tensor in tensors.items()}
    if any(found.get(name) != shape for name, shape in expected.items()):
        raise TuiLmError(f"the weights of this model do not have the shapes of a {kind} network", AGAIN)
    unknown = found.keys() - expected.keys() - {ROPE_FACTORS, *(("output.weight",) if kind == "gpt2" else ())}
    if unknown:
        raise TuiLmError(
            f"this model has weights that a {kind} network does not have, such as {visible_line(min(unknown)[:60])}",
            "import another model",
        )
    return architecture


def _decoder(facts: Mapping[str, Any], tensors: Mapping[str, Any], kind: str) -> Llama:
    def fact(name: str, default: Any = None) -> Any:
        value = facts.get(f"{kind}.{name}", default)
        if value is None:
            raise KeyError(name)
        return value

    decoder, heads = DECODERS[kind], int(fact("attention.head_count"))
    dim, theta = int(fact("embedding_length")), float(fact("rope.freq_base", 10_000.0))
    width = int(fact("attention.key_length", dim // heads))
    if int(fact("attention.value_length", width)) != width or int(fact("rope.dimension_count", width)) != width:
        raise TuiLmError("this model's heads are not of one width, which this version cannot run", AGAIN)
    if ROPE_FACTORS in tensors:
        factors = tuple(_dequantized(tensors[ROPE_FACTORS]).tolist())
    else:
        scaling = {"rope_type": fact("rope.scaling.type", "none"), "factor": fact("rope.scaling.factor", 1.0)}
        factors = rope_factors({} if scaling["rope_type"] == "none" else scaling, theta, width)
    return Llama(
        vocab_size=_shape(tensors["token_embd.weight"])[0],
        dim=dim,
        hidden_size=int(fact("feed_forward_length")),
        num_layers=int(fact("block_count")),
        num_heads=heads,
        num_kv_heads=int(fact("attention.head_count_kv", heads)),
        context_length=int(fact("context_length", 2048)),
        rope_theta=theta,
        norm_eps=float(fact("attention.layer_norm_rms_epsilon", 1e-6)),
        tie_embeddings="output.weight" not in tensors,
        head_size=None if width * heads == dim else width,
        attention_bias=decoder.attention_bias,
        qk_norm=decoder.qk_norm,
        rope_factors=factors,
    )


def _gpt2(facts: Mapping[str, Any], tensors: Mapping[str, Any]) -> Gpt2:
    """Some files hold the embedding once more, as the output; GPT-2 has only one."""
    return Gpt2(
        vocab_size=_shape(tensors["token_embd.weight"])[0],
        dim=int(facts["gpt2.embedding_length"]),
        hidden_size=int(facts.get("gpt2.feed_forward_length", 4 * facts["gpt2.embedding_length"])),
        num_layers=int(facts["gpt2.block_count"]),
        num_heads=int(facts["gpt2.attention.head_count"]),
        context_length=_shape(tensors["position_embd.weight"])[0],
        norm_eps=float(facts.get("gpt2.attention.layer_norm_epsilon", 1e-5)),
    )
