"""A GGUF file holds the model in llama.cpp's layout, and llama.cpp generates what tui-lm generates.

The tests need the packages gguf and llama-cpp-python.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.exchange.conftest import PROMPTS
from tests.exchange.test_huggingface import greedy
from tui_lm.checkpoint import SavedModel
from tui_lm.errors import TuiLmError
from tui_lm.exchange.gguf_file import TYPES, export_gguf
from tui_lm.tokenizers.specials import BEGIN

Make = Callable[..., SavedModel]


def test_without_the_package_the_hint_says_what_to_install(
    make_llama: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "gguf", None)
    with pytest.raises(TuiLmError, match="need the package gguf"):
        export_gguf(make_llama(), tmp_path / "m.gguf")
    assert not list(tmp_path.glob("*gguf*"))


@pytest.mark.parametrize("kind", TYPES)
def test_the_file_holds_every_weight(kind: str, make_llama: Make, tmp_path: Path) -> None:
    gguf = pytest.importorskip("gguf", reason="needs the extra `export`")
    model = make_llama(tied=False)
    export_gguf(model, tmp_path / "m.gguf", kind)
    tensors = {tensor.name: tensor for tensor in gguf.GGUFReader(tmp_path / "m.gguf").tensors}
    assert len(tensors) == len(model.weights)
    for name, ours in (("ffn_down", "mlp.down_proj"), ("attn_v", "self_attn.v_proj")):
        tensor = tensors[f"blk.1.{name}.weight"]
        values = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
        np.testing.assert_allclose(values, model.weights[f"model.layers.1.{ours}.weight"], atol=0.005)
    with pytest.raises(TuiLmError, match="of this name exists"):
        export_gguf(model, tmp_path / "m.gguf", kind)


@pytest.mark.parametrize("kind", ["char", "subword"])
def test_llama_cpp_generates_the_same_tokens(kind: str, make_llama: Make, tmp_path: Path) -> None:
    pytest.importorskip("gguf", reason="needs the extra `export`")
    llama_cpp = pytest.importorskip("llama_cpp", reason="needs llama-cpp-python")
    model = make_llama(kind)
    export_gguf(model, tmp_path / "m.gguf")
    whole = {
        "type_k": llama_cpp.GGML_TYPE_F32,
        "type_v": llama_cpp.GGML_TYPE_F32,
    }  # its key-value cache is float16 by default
    theirs = llama_cpp.Llama(str(tmp_path / "m.gguf"), n_ctx=512, n_threads=1, verbose=False, **whole)
    for i, prompt in enumerate(PROMPTS):
        ids = [BEGIN, *model.tokenizer.encode(prompt)]
        assert theirs.tokenize(prompt.encode(), add_bos=True) == ids, prompt
        generated: list[int] = []
        for token in theirs.generate(ids, temp=0.0, repeat_penalty=1.0):
            generated.append(token)
            if len(generated) == (200 if i == 3 else 20) or token == theirs.token_eos():
                break
        assert generated == greedy(model, ids, 200 if i == 3 else 20), prompt
