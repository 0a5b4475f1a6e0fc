"""An imported model generates what it generated before, damaged folders are refused, and no pickle is read."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file

from tests.conftest import TEXTS
from tests.exchange.conftest import PROMPTS
from tui_lm import checkpoint
from tui_lm.architecture import Gpt2
from tui_lm.checkpoint import SavedModel
from tui_lm.engine import Engine
from tui_lm.errors import TuiLmError
from tui_lm.exchange.huggingface import export_folder
from tui_lm.exchange.pretrained import import_folder
from tui_lm.runtime import create
from tui_lm.sampling import Sampler
from tui_lm.tokenizers.specials import BEGIN, END, OTHER
from tui_lm.tokenizers.stream import WritingContext

Make = Callable[..., SavedModel]
GREEDY = {"sampler": Sampler(temperature=0), "max_new_tokens": 30}


@pytest.fixture
def folder(make_llama: Make, tmp_path: Path) -> Path:
    export_folder(make_llama("subword"), tmp_path / "theirs")
    return tmp_path / "theirs"


def edit(path: Path, **changes: Any) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **changes}), "utf-8")


def test_an_exported_model_can_be_imported_again(folder: Path, make_llama: Make, tmp_path: Path) -> None:
    """All but the authors, whose names are not exported."""
    ours, back = make_llama("subword"), import_folder(folder, "back")
    assert back.card.kind == "prose"
    for prompt in PROMPTS:
        theirs = [BEGIN, *ours.tokenizer.encode(prompt)]
        ids = [BEGIN, *back.tokenizer.encode(prompt)]
        assert [token + 2 * (token > OTHER) for token in ids] == theirs
        expected, _ = create(ours.card.architecture, ours.weights).prefill(theirs)
        logits, _ = create(back.card.architecture, back.weights).prefill(ids)
        np.testing.assert_allclose(logits, np.delete(expected, [OTHER + 1, OTHER + 2], axis=1), atol=1e-5)
    checkpoint.save(tmp_path / "back", back)
    engine = Engine.open(tmp_path / "back")
    assert engine.generate(WritingContext("see you"), **GREEDY).tokens > 0
    assert back.card.architecture.vocab_size == ours.card.architecture.vocab_size - 2


def test_weights_in_two_files_and_in_float16_are_read(folder: Path) -> None:
    whole = import_folder(folder, "a").weights
    weights = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    names = sorted(weights)
    for i, part in enumerate((names[::2], names[1::2])):
        save_file({name: weights[name].astype(np.float16) for name in part}, folder / f"model-{i}.safetensors")
    files = {name: f"model-{i % 2}.safetensors" for i, name in enumerate(names)}
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": files}))
    for name, weight in import_folder(folder, "a").weights.items():
        assert weight.dtype == np.float32
        np.testing.assert_allclose(weight, whole[name], atol=1e-3)


def test_bfloat16_is_the_upper_half_of_float32(folder: Path) -> None:
    whole = import_folder(folder, "a").weights
    data = bytearray((folder / "model.safetensors").read_bytes())
    length = int.from_bytes(data[:8], "little")
    header, numbers = json.loads(data[8 : 8 + length]), data[8 + length :]
    for entry in header.values():
        if "dtype" in entry:
            entry |= {"dtype": "BF16", "data_offsets": [offset // 2 for offset in entry["data_offsets"]]}
    halves = np.frombuffer(bytes(numbers), np.uint16)[1::2].tobytes()
    text = json.dumps(header).encode()
    (folder / "model.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + halves)
    for name, weight in import_folder(folder, "a").weights.items():
        np.testing.assert_allclose(weight, whole[name], rtol=0.01, atol=1e-30)


def test_pickled_weights_are_refused_without_reading_them(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(TuiLmError, match="pickled"):
        import_folder(folder, "a")


def test_an_index_that_names_a_file_outside_the_folder_is_refused(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    files = {"model.norm.weight": "../../secret.safetensors"}
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": files}))
    with pytest.raises(TuiLmError, match="damaged"):
        import_folder(folder, "a")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model_type": "mamba"}, "cannot be imported"),
        ({"rope_parameters": {"rope_type": "yarn"}}, "scaled rotary"),
        ({"attention_bias": True}, "biases"),
        ({"num_hidden_layers": 3}, "do not match"),
        ({"rms_norm_eps": "small"}, "damaged"),
        ({"vocab_size": -3}, "damaged"),
    ],
    ids=str,
)
def test_an_unsupported_or_damaged_config_is_refused(changes: dict[str, Any], message: str, folder: Path) -> None:
    edit(folder / "config.json", **changes)
    with pytest.raises(TuiLmError, match=message):
        import_folder(folder, "a")


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.model"])
@pytest.mark.parametrize("cut", [0, 9, 500])
def test_a_truncated_file_is_refused(name: str, cut: int, folder: Path) -> None:
    (folder / name).write_bytes((folder / name).read_bytes()[:cut])
    with pytest.raises(TuiLmError):
        import_folder(folder, "a")


VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=3)
    | st.lists(st.integers())
    | st.just({})
)


@given(what=st.sampled_from(["config.json", "index"]), data=st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_damaged_json_raises_nothing_but_an_error_with_a_hint(what: str, data: st.DataObject, folder: Path) -> None:
    """Any value in place of any other, in config.json or in the index of the weight files."""
    whole = (folder / "config.json").read_bytes()
    if what == "config.json":
        key = data.draw(st.sampled_from(sorted(json.loads(whole))))
        edit(folder / "config.json", **{key: data.draw(VALUES)})
    else:
        files = data.draw(VALUES | st.dictionaries(st.text(max_size=3), VALUES, max_size=3))
        (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": files}))
        (folder / "model.safetensors").rename(folder / "away")
    try:
        with suppress(TuiLmError):
            import_folder(folder, "a")
    finally:
        (folder / "config.json").write_bytes(whole)
        if what == "index":
            (folder / "away").rename(folder / "model.safetensors")


@pytest.fixture
def gpt2_folder(tmp_path: Path) -> Path:
    """A GPT-2 with random weights and byte-level pieces learned from our texts, as transformers would save it."""
    tokenizers = pytest.importorskip("tokenizers", reason="needs the extra `import`")
    folder = tmp_path / "gpt2"
    folder.mkdir()
    level = tokenizers.ByteLevelBPETokenizer()
    level.train_from_iterator(TEXTS, 400, 2, False, ["<|endoftext|>"])
    level.save_model(str(folder))
    size = level.get_vocab_size()
    shape = Gpt2(size, 32, 128, 2, 4, 64)
    generator = np.random.default_rng(3)
    weights = {
        name.removeprefix("transformer."): (generator.standard_normal(sizes) * 0.3).astype(np.float32)
        for name, sizes in shape.weights().items()
    }
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    config = {
        "model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": size, "n_embd": 32, "n_layer": 2,
        "n_head": 4, "n_positions": 64, "activation_function": "gelu_new", "layer_norm_epsilon": 1e-5,
        "bos_token_id": 0, "eos_token_id": 0,
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def test_a_gpt2_tokenizer_encodes_every_text(gpt2_folder: Path, tmp_path: Path) -> None:
    model = import_folder(gpt2_folder, "gpt")
    for text in [*PROMPTS, "<|endoftext|>", "lone \ud83d surrogate", "nul \0"]:
        ids = model.tokenizer.encode(text)
        assert model.tokenizer.decode(ids) == text
        assert all(token > OTHER for token in ids), "text that looks like a special token is ordinary text"
    checkpoint.save(tmp_path / "gpt", model)
    engine = Engine.open(tmp_path / "gpt")
    assert engine.tokenizer.surfaces == model.tokenizer.surfaces
    assert engine.generate(WritingContext("see you"), max_new_tokens=100, seed=1).tokens > 0, (
        "also beyond its 64 positions"
    )


def test_an_imported_gpt2_generates_what_transformers_generates(gpt2_folder: Path) -> None:
    transformers = pytest.importorskip("transformers", reason="needs the extra `peers`")
    import torch

    model = import_folder(gpt2_folder, "gpt")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # theirs
        tokenizer = transformers.AutoTokenizer.from_pretrained(gpt2_folder)
        network = transformers.AutoModelForCausalLM.from_pretrained(gpt2_folder).eval()
        for prompt in PROMPTS:
            theirs = tokenizer(prompt)["input_ids"] or [0]
            ours = model.tokenizer.encode(prompt) or [END]
            known = model.tokenizer.theirs  # type: ignore[attr-defined]
            assert [0 if token == END else known[token - 4] for token in ours] == theirs, prompt
            with torch.no_grad():
                whole = network.generate(torch.tensor([theirs]), max_new_tokens=20, do_sample=False, pad_token_id=0)[
                    0, len(theirs) :
                ].tolist()
            generated = [0 if token in (BEGIN, END) else known[token - 4] for token in greedy(model, ours, 20)]
            assert whole == generated, prompt


def greedy(model: SavedModel, prompt: list[int], length: int) -> list[int]:
    """Greedy decoding of a model whose begin and end tokens are one token."""
    runtime = create(model.card.architecture, model.weights)
    logits, state = runtime.prefill(prompt)
    generated: list[int] = []
    while len(generated) < length and (not generated or generated[-1] not in (BEGIN, END)):
        generated.append(int(logits[0].argmax()))
        logits, state = runtime.step([generated[-1]], state)
    return generated


def test_a_char_model_can_be_imported_again_from_its_tokenizer_json(make_llama: Make, tmp_path: Path) -> None:
    pytest.importorskip("tokenizers", reason="needs the extra `import`")
    ours = make_llama("char")
    export_folder(ours, tmp_path / "theirs")
    back = import_folder(tmp_path / "theirs", "back")
    for prompt in PROMPTS:
        assert back.tokenizer.decode(back.tokenizer.encode(prompt)) == prompt
    mine = Engine(ours).generate(WritingContext("see"), **GREEDY)
    assert Engine(back).generate(WritingContext("see"), **GREEDY).text == mine.text


def test_without_the_package_the_hint_says_what_to_install(
    make_llama: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_folder(make_llama("char"), tmp_path / "theirs")
    monkeypatch.setitem(__import__("sys").modules, "tokenizers", None)
    with pytest.raises(TuiLmError) as refused:
        import_folder(tmp_path / "theirs", "a")
    assert "tui-lm[import]" in refused.value.hint
