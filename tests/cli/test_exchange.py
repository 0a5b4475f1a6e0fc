"""`tui-lm models export`: writes a complete folder, or says why it cannot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.test_bad_input import assert_two_lines
from tui_lm import checkpoint
from tui_lm.checkpoint import SavedModel


@pytest.fixture
def llama(make_llama: Callable[..., SavedModel], home: Path) -> str:
    model = make_llama("subword")
    checkpoint.save(home / "models" / "mini", model)
    return "mini"


def test_export_writes_a_hugging_face_folder_and_warns_of_private_text(llama: str, tui_lm: Run, tmp_path: Path) -> None:
    code, _, err = tui_lm("models", "export", llama, tmp_path / "out", "--to", "hf")
    assert code == 0, err
    assert "private" in err
    assert {"config.json", "model.safetensors", "tokenizer.json", "tokenizer.model", "README.md"} <= {
        path.name for path in (tmp_path / "out").iterdir()
    }


def test_export_refuses_other_architectures_used_folders_and_unknown_formats(
    saved: Path, llama: str, tui_lm: Run, tmp_path: Path
) -> None:
    for arguments in (("small", tmp_path / "a", "--to", "hf"), (llama, saved, "--to", "hf")):
        code, _, err = tui_lm("models", "export", *arguments)
        assert code == 1
        assert_two_lines(err)
    code, _, err = tui_lm("models", "export", llama, tmp_path / "b", "--to", "onnx")
    assert code == 2
    assert_two_lines(err)


def test_generate_warns_once_the_text_is_longer_than_the_context(
    make_llama: Callable[..., SavedModel], home: Path, tui_lm: Run
) -> None:
    model = make_llama("char", context=16)
    checkpoint.save(home / "models" / "short", model)
    for length, said in (("1", False), ("40", True)):
        code, _, err = tui_lm("generate", "see", "-m", "short", "--seed", "3", "--max-new-tokens", length)
        assert code == 0
        assert ("context of this model is 16 tokens" in err) == said
