"""An exported folder holds the whole model, and transformers generates what tui-lm generates."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from tests.conftest import AUTHORS
from tests.exchange.conftest import PROMPTS
from tui_lm.checkpoint import SavedModel
from tui_lm.errors import TuiLmError
from tui_lm.exchange.huggingface import export_folder
from tui_lm.runtime import create
from tui_lm.tokenizers.specials import BEGIN, END
from tui_lm.tokenizers.stream import message_ids, opening

Make = Callable[..., SavedModel]


@pytest.mark.parametrize("kind", ["char", "subword"])
def test_the_folder_holds_weights_and_tokenizer(kind: str, make_llama: Make, tmp_path: Path) -> None:
    model = make_llama(kind)
    export_folder(model, tmp_path / "out")
    assert load_file(tmp_path / "out" / "model.safetensors").keys() == model.weights.keys()
    vocabulary = json.loads((tmp_path / "out" / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
    assert sorted(vocabulary.values()) == list(range(model.tokenizer.vocab_size))
    assert (tmp_path / "out" / "tokenizer.model").exists() == (kind == "subword")


def test_no_author_name_is_exported(make_llama: Make, tmp_path: Path) -> None:
    export_folder(make_llama("subword"), tmp_path / "out")
    for name in ("README.md", "config.json", "tokenizer_config.json", "tokenizer.json"):
        text = (tmp_path / "out" / name).read_text("utf-8")
        assert not any(author in text for author in AUTHORS), name
    assert "may contain private text" in (tmp_path / "out" / "README.md").read_text("utf-8")


def test_a_model_that_others_cannot_run_is_refused(make_model: Make, make_llama: Make, tmp_path: Path) -> None:
    with pytest.raises(TuiLmError, match="only a mini-LLaMA"):
        export_folder(make_model(), tmp_path / "a")
    with pytest.raises(TuiLmError, match="this model is a minGRU"):
        export_folder(make_model("mingru"), tmp_path / "a")
    with pytest.raises(TuiLmError, match="no other program has one"):
        export_folder(make_llama("word"), tmp_path / "b")
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "mine.txt").write_text("mine")
    with pytest.raises(TuiLmError, match="not empty"):
        export_folder(make_llama(), tmp_path / "c")
    assert sorted(path.name for path in tmp_path.iterdir() if path.name in "abc" or path.name[0] == ".") == ["c"]


def greedy(model: SavedModel, prompt: list[int], length: int) -> list[int]:
    runtime = create(model.card.architecture, model.weights)
    logits, state = runtime.prefill(prompt)
    generated: list[int] = []
    while len(generated) < length:
        generated.append(int(logits[0].argmax()))
        if generated[-1] == END:
            break
        logits, state = runtime.step([generated[-1]], state)
    return generated


@pytest.mark.parametrize("kind", ["char", "subword"])
@pytest.mark.parametrize("tied", [True, False])
def test_transformers_generates_the_same_tokens(kind: str, tied: bool, make_llama: Make, tmp_path: Path) -> None:
    """For 20 prompts: the same token ids for the prompt, and the same ids generated after it."""
    transformers = pytest.importorskip("transformers", reason="needs the extra `export`")
    model = make_llama(kind, tied=tied)
    export_folder(model, tmp_path / "out")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # theirs
        tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path / "out")
        network = transformers.AutoModelForCausalLM.from_pretrained(tmp_path / "out").eval()
        for i, prompt in enumerate(PROMPTS):
            ids = [BEGIN, *model.tokenizer.encode(prompt)]
            theirs = tokenizer(prompt)["input_ids"]
            assert theirs == ids, prompt
            if prompt:
                assert tokenizer.decode(theirs, skip_special_tokens=True) == prompt
            length = 200 if i == 3 else 20
            with torch.no_grad():
                whole = network.generate(torch.tensor([ids]), max_new_tokens=length, do_sample=False, pad_token_id=END)
            assert whole[0, len(ids) :].tolist() == greedy(model, ids, length), prompt


@pytest.mark.parametrize("kind", ["char", "subword"])
def test_the_chat_template_gives_the_token_stream_of_training(kind: str, make_llama: Make, tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers", reason="needs the extra `export`")
    model = make_llama(kind)
    export_folder(model, tmp_path / "out")
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path / "out")
    messages = [{"role": "user", "content": "what's for dinner?"}, {"role": "assistant", "content": "pasta"}]
    ids = tokenizer.apply_chat_template(messages, add_generation_prompt=True)["input_ids"]
    ours = message_ids(model.tokenizer, "what's for dinner?", "Ann") + message_ids(model.tokenizer, "pasta", "Bob")
    assert ids == [*ours, *opening(model.tokenizer, "Bob")]


def test_weights_are_exported_unchanged(make_llama: Make, tmp_path: Path) -> None:
    model = make_llama(tied=False)
    export_folder(model, tmp_path / "out")
    for name, weight in load_file(tmp_path / "out" / "model.safetensors").items():
        np.testing.assert_array_equal(weight, model.weights[name])
