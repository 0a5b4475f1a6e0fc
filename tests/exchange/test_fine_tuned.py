"""A fine-tuned base leaves as it is: other programs cut a text into the same tokens and write the same text after it.

The tests need transformers and the extra `base`; those of llama.cpp need llama-cpp-python.
"""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.conftest import AUTHORS, TEXTS
from tests.exchange.conftest import PROMPTS
from tests.exchange.families import save_folder
from tests.exchange.test_huggingface import greedy
from trainers.transfer import beginning
from tui_lm.checkpoint import SavedModel
from tui_lm.errors import TuiLmError
from tui_lm.exchange import bases
from tui_lm.exchange.gguf_base import import_gguf
from tui_lm.exchange.gguf_file import export_gguf
from tui_lm.exchange.huggingface import export_folder
from tui_lm.runtime import create
from tui_lm.tokenizers import Specials, Tokenizers
from tui_lm.tokenizers.specials import BEGIN, END
from tui_lm.tokenizers.stream import message_ids, opening

transformers = pytest.importorskip("transformers", reason="needs the extra `peers`")
pytest.importorskip("gguf", reason="needs the extra `base`")
FAMILIES = ("llama2", "llama3", "qwen2", "qwen3")
TYPED = [prompt for prompt in PROMPTS if prompt]


@pytest.fixture(scope="module", params=FAMILIES)
def tuned(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> SavedModel:
    """A base with a trimmed vocabulary and authors, as fine-tuning leaves it."""
    folder = tmp_path_factory.mktemp(request.param)
    save_folder(request.param, folder / "theirs")
    base = bases.open_base(str(folder / "theirs"), "base").model
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("trainers.plan.PRETRAINED", 1000)
        patch.setattr("tui_lm.tokenizers.bpe.FIRST_MERGES", 10)
        start = beginning(base, Specials(AUTHORS), TEXTS)
    assert start.tokenizer.vocab_size < base.tokenizer.vocab_size
    card = replace(base.card, kind="chat", architecture=start.architecture, authors=AUTHORS, me="Bob")
    chance = np.random.default_rng(4)  # tokens that were one row, such as the authors', are no longer
    weights = {name: w + chance.normal(0, 0.02, w.shape).astype(np.float32) for name, w in start.weights.items()}
    return SavedModel(card, Tokenizers.shared(start.tokenizer), weights)


def test_transformers_writes_the_same_text(tuned: SavedModel, tmp_path: Path) -> None:
    export_folder(tuned, tmp_path / "out")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # theirs
        tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path / "out")
        network = transformers.AutoModelForCausalLM.from_pretrained(tmp_path / "out").eval()
        for prompt in TYPED:
            ids = [BEGIN, *tuned.tokenizer.encode(prompt)]
            theirs = tokenizer(prompt)["input_ids"]
            assert theirs == ids, prompt
            assert tokenizer.decode(theirs, skip_special_tokens=True) == prompt
            with torch.no_grad():
                whole = network.generate(torch.tensor([ids]), max_new_tokens=20, do_sample=False, pad_token_id=END)
            assert whole[0, len(ids) :].tolist() == greedy(tuned, ids, 20), prompt
        spoken = tokenizer.apply_chat_template(
            [{"role": "user", "content": "see you"}, {"role": "assistant", "content": "ok"}],
            add_generation_prompt=True,
            tokenize=False,
        )
        ours = message_ids(tuned.tokenizer, "see you", "Ann") + message_ids(tuned.tokenizer, "ok", "Bob")
        ours += opening(tuned.tokenizer, "Bob")
        assert tokenizer(spoken, add_special_tokens=False)["input_ids"] == ours


def test_a_gguf_file_holds_the_same_network_and_tokens(tuned: SavedModel, tmp_path: Path) -> None:
    if tuned.card.architecture.rope_factors:  # type: ignore[union-attr]
        assert "scaled" in tuned.card.architecture.label
    export_gguf(tuned, tmp_path / "m.gguf")
    back = import_gguf(tmp_path / "m.gguf", "back")
    authors = len(AUTHORS)  # whose tokens are special, so that an import leaves them out
    for prompt in TYPED:
        ids, again = ([BEGIN, *m.tokenizer.encode(prompt)] for m in (tuned, back))
        assert [token - authors if token > 3 else token for token in ids] == again
        one, other = (create(m.card.architecture, dict(m.weights)) for m in (tuned, back))
        kept = [token for token in range(tuned.tokenizer.vocab_size) if not 3 <= token < 4 + authors]
        logits, expected = other.prefill(again)[0][:, 4:], one.prefill(ids)[0][:, kept[3:]]
        np.testing.assert_allclose(logits, expected, atol=1e-4)


def test_llama_cpp_writes_the_same_text(tuned: SavedModel, tmp_path: Path) -> None:
    llama_cpp = pytest.importorskip("llama_cpp", reason="needs llama-cpp-python")
    export_gguf(tuned, tmp_path / "m.gguf")
    whole = {"type_k": llama_cpp.GGML_TYPE_F32, "type_v": llama_cpp.GGML_TYPE_F32}
    theirs = llama_cpp.Llama(str(tmp_path / "m.gguf"), n_ctx=128, n_threads=1, verbose=False, **whole)
    for prompt in TYPED:
        ids = [BEGIN, *tuned.tokenizer.encode(prompt)]
        assert theirs.tokenize(prompt.encode(), add_bos=True) == ids, prompt
        generated: list[int] = []
        for token in theirs.generate(ids, temp=0.0, repeat_penalty=1.0):
            generated.append(token)
            if len(generated) == 20 or token == theirs.token_eos():
                break
        assert generated == greedy(tuned, ids, 20), prompt


def test_splitting_rules_without_a_name_in_llama_cpp_are_refused_before_a_file_is_there(
    tuned: SavedModel, tmp_path: Path
) -> None:
    model = tuned.tokenizer.model  # type: ignore[attr-defined]
    if "Split" not in model:
        pytest.skip("this tokenizer does not split by a pattern")
    changed = type(tuned.tokenizer)(tuned.tokenizer.specials, model.replace("(?i:'s|", "(?i:'x|"))  # type: ignore[call-arg]
    with pytest.raises(TuiLmError, match="no name for the way"):
        export_gguf(replace(tuned, tokenizers=Tokenizers.shared(changed)), tmp_path / "m.gguf")
    assert not list(tmp_path.iterdir())
