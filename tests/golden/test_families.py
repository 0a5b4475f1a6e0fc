"""Pretrained decoders of every family equal transformers: as a folder and as a GGUF file, in training and in serving.

The tests need transformers, and the extra `base`.
"""

from __future__ import annotations

import json
import unicodedata
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.exchange.families import FAMILIES, HARD, save_folder, write_gguf
from tests.golden.test_llama import of_each_step
from tui_lm import checkpoint, models
from tui_lm.checkpoint import SavedModel
from tui_lm.exchange import bases
from tui_lm.runtime import create
from tui_lm.runtime.quantization import quantize
from tui_lm.runtime.quantized_llama import QuantizedLlamaRuntime
from tui_lm.runtime.torch_llama import TorchLlamaRuntime

pytest.importorskip("transformers", reason="needs the extra `peers`")
pytest.importorskip("gguf", reason="needs the extra `base`")
pytest.importorskip("onnxruntime", reason="needs the extra `base`")
LENGTHS = (1, 2, 13, 60)


class Family:
    """transformers' model, its folder, and both of its imports."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.network = save_folder(name, folder / "theirs")
        self.values = json.loads((folder / "theirs/tokenizer.json").read_text("utf-8"))
        write_gguf(name, self.network, self.values, folder / "theirs.gguf")
        self.folder = folder
        sources = {"folder": folder / "theirs", "gguf": folder / "theirs.gguf"}
        self.models = {kind: bases.open_base(str(path), kind).model for kind, path in sources.items()}
        self.offset = len(self.models["gguf"].tokenizer.specials)

    def expected(self, ours: list[int], model: SavedModel) -> np.ndarray:
        """transformers' logits [T, V], in the order of our tokens, which are those of their text and `</s>`."""
        theirs = [2, 1, 2, *model.tokenizer.theirs]  # type: ignore[attr-defined]
        ids = [model.tokenizer.theirs[token - self.offset] for token in ours]  # type: ignore[attr-defined]
        with torch.no_grad():
            logits = self.network(torch.tensor([ids])).logits[0].numpy()
        assert len(theirs) == model.tokenizer.vocab_size - 1
        return logits[:, theirs[3:]]  # type: ignore[no-any-return]


@pytest.fixture(scope="module", params=FAMILIES)
def family(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Family:
    return Family(request.param, tmp_path_factory.mktemp(request.param))


@pytest.mark.parametrize("source", ["folder", "gguf"])
def test_training_and_serving_equal_transformers(family: Family, source: str) -> None:
    model = family.models[source]
    architecture, weights = model.card.architecture, {name: np.array(w) for name, w in model.weights.items()}
    network = models.create(architecture).eval()
    tensors = {name: torch.from_numpy(weight) for name, weight in weights.items()}
    assert not network.load_state_dict(tensors, strict=False).unexpected_keys
    served = [create(architecture, weights)]
    if family.name != "gpt2":
        served.append(TorchLlamaRuntime(architecture, weights, "cpu"))  # type: ignore[arg-type]
    for length in LENGTHS:
        chance = np.random.default_rng(length)
        ids = chance.integers(family.offset, model.tokenizer.vocab_size, size=length).tolist()
        expected = family.expected(ids, model)
        with torch.no_grad():
            trained = network(torch.tensor(ids)[:, None])[0][:, 0].numpy()
        np.testing.assert_allclose(trained[:, family.offset :], expected, atol=2e-4)
        for runtime in served:
            np.testing.assert_allclose(of_each_step(runtime, ids)[:, family.offset :], expected, atol=2e-4)


@pytest.mark.parametrize("source", ["folder", "gguf"])
def test_in_eight_bits_it_differs_by_rounding_only(family: Family, source: str) -> None:
    if family.name == "gpt2":
        pytest.skip("GPT-2 is served in float32")
    model = family.models[source]
    weights = {name: np.array(weight) for name, weight in model.weights.items()}
    ids = np.random.default_rng(5).integers(family.offset, model.tokenizer.vocab_size, size=40).tolist()
    arrays = quantize(model.card.architecture, weights, [ids])  # type: ignore[arg-type]
    rounded = of_each_step(QuantizedLlamaRuntime(model.card.architecture, arrays), ids)  # type: ignore[arg-type]
    expected = family.expected(ids, model)
    error = np.sqrt(np.mean((rounded[:, family.offset :] - expected) ** 2, axis=1)) / expected.std(axis=1)
    assert error.max() < 0.3 and error.mean() < 0.1, "a narrow network rounds coarsely; a wrong one is off by over 1"


@pytest.mark.parametrize("source", ["folder", "gguf"])
def test_hard_texts_are_cut_as_transformers_cuts_them_and_come_back(family: Family, source: str) -> None:
    transformers = pytest.importorskip("transformers")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # theirs
        theirs: Any = transformers.PreTrainedTokenizerFast(tokenizer_file=str(family.folder / "theirs/tokenizer.json"))
    tokenizer = family.models[source].tokenizer
    for text in HARD:
        ids = tokenizer.encode(text)
        assert tokenizer.decode(ids) == text, "no text changes on its way, whatever their normalisation does"
        assert min(ids, default=family.offset) >= family.offset, "a text that looks like a special token is text"
        if unicodedata.normalize("NFC", text) == text and "<|endoftext|>" not in text:
            cut = [tokenizer.theirs[token - family.offset] for token in ids]  # type: ignore[attr-defined]
            assert cut == theirs(text, add_special_tokens=False)["input_ids"], text


def test_what_a_family_has_is_said_by_its_architecture(family: Family) -> None:
    one, other = (model.card.architecture for model in family.models.values())
    parts = {"qwen2": "biases", "qwen3": "query and key norms", "llama3": "scaled rotary positions"}
    assert all(part in one.label for name, part in parts.items() if name == family.name)
    assert one.label == other.label and one.weights() == other.weights()


def test_a_saved_model_is_loaded_as_it_was(family: Family, tmp_path: Path) -> None:
    model = family.models["gguf"]
    checkpoint.save(tmp_path / "saved", model)
    loaded = checkpoint.load(tmp_path / "saved")
    np.testing.assert_allclose(
        getattr(loaded.card.architecture, "rope_factors", ()), getattr(model.card.architecture, "rope_factors", ())
    )
    ids = loaded.tokenizer.encode("see you tomorrow")
    first, second = (create(m.card.architecture, dict(m.weights)).prefill(ids)[0] for m in (model, loaded))
    np.testing.assert_array_equal(first, second)
