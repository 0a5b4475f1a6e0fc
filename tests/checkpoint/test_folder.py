"""A model folder is whole or refused, and replaced whole or left alone."""

from __future__ import annotations

import errno
import stat
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tui_lm import checkpoint
from tui_lm.checkpoint import SavedModel
from tui_lm.errors import TuiLmError


def test_only_the_owner_can_read_a_model(saved: Path) -> None:
    assert stat.S_IMODE(saved.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in saved.iterdir()} == {0o600}
    assert stat.S_IMODE(saved.parent.stat().st_mode) == 0o700


def test_a_new_folder_holds_four_files(saved: Path) -> None:
    names = {path.name for path in saved.iterdir()}
    assert names == {"config.json", "model.safetensors", "tokenizer.json", "events.jsonl"}


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
@pytest.mark.parametrize("keep", [0, 0.5, 0.98])
def test_a_file_cut_short_is_refused(saved: Path, name: str, keep: float) -> None:
    path = saved / name
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])
    with pytest.raises(TuiLmError) as error:
        checkpoint.load(saved)
    assert error.value.hint


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_missing_file_is_refused(saved: Path, name: str) -> None:
    (saved / name).unlink()
    with pytest.raises(TuiLmError):
        checkpoint.load(saved)


def test_a_full_disk_leaves_the_old_model(
    saved: Path, make_model: Callable[..., SavedModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path.name: path.read_bytes() for path in saved.iterdir()}
    model = make_model("gru")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("tui_lm.tensor_file.write", full)
    with pytest.raises(TuiLmError, match="No space left"):
        checkpoint.save(saved, model)
    assert {path.name: path.read_bytes() for path in saved.iterdir()} == before
    assert [path.name for path in saved.parent.iterdir()] == ["small"], "no temporary files are left"


def test_saving_again_replaces_the_model(saved: Path, make_model: Callable[..., SavedModel]) -> None:
    model = make_model("gru", layers=2)
    checkpoint.save(saved, model, ['{"event": "x"}'])
    loaded = checkpoint.load(saved)
    assert loaded.card.architecture.family == "gru"
    np.testing.assert_array_equal(loaded.weights["head.bias"], model.weights["head.bias"])
    assert [path.name for path in saved.parent.iterdir()] == ["small"]
