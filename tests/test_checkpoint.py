"""A model folder is whole or refused, replaced whole or left alone."""

from __future__ import annotations

import errno
import json
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tui_lm import checkpoint, locks
from tui_lm.checkpoint import SavedModel
from tui_lm.errors import TuiLmError


def test_a_folder_is_private(saved: Path) -> None:
    assert stat.S_IMODE(saved.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in saved.iterdir()} == {0o600}
    assert stat.S_IMODE(saved.parent.stat().st_mode) == 0o700


def test_a_folder_holds_what_the_design_allows(saved: Path) -> None:
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


def edit(folder: Path, **changes: object) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **changes}), encoding="utf-8")


def test_a_newer_format_says_update(saved: Path) -> None:
    edit(saved, format_version=checkpoint.FORMAT_VERSION + 1)
    with pytest.raises(TuiLmError, match="newer"):
        checkpoint.load(saved)


@pytest.mark.parametrize(
    "changes",
    [
        {"architecture": None},
        {"architecture": {"family": "mamba"}},
        {"architecture": {"family": "lstm", "vocab_size": 10**12, "dim": 1, "hidden_size": 1}},
        {"architecture": {"family": "lstm", "vocab_size": 9, "dim": 1, "hidden_size": -1}},
        {"architecture": {"family": "lstm", "secret": 1}},
        {"split": [1]},
        {"metrics": 3},
        {"tokenizer": "bytes"},
    ],
)
def test_a_card_that_makes_no_sense_is_refused(saved: Path, changes: dict[str, object]) -> None:
    edit(saved, **changes)
    with pytest.raises(TuiLmError):
        checkpoint.load(saved)


def test_weights_of_another_shape_are_refused_before_memory_is_taken(saved: Path) -> None:
    card = json.loads((saved / "config.json").read_text("utf-8"))["architecture"]
    edit(saved, architecture={**card, "hidden_size": 1 << 19})
    with pytest.raises(TuiLmError):
        checkpoint.load(saved)


def test_a_full_disk_leaves_the_old_model(
    saved: Path, make_model: Callable[..., SavedModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path.name: path.read_bytes() for path in saved.iterdir()}
    model = make_model("gru")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("safetensors.numpy.save_file", full)
    with pytest.raises(TuiLmError, match="No space left"):
        checkpoint.save(saved, model.card, model.tokenizer, model.weights)
    assert {path.name: path.read_bytes() for path in saved.iterdir()} == before
    assert [path.name for path in saved.parent.iterdir()] == ["small"], "nothing is left lying about"


def test_a_crash_between_the_two_renames_is_mended(saved: Path) -> None:
    saved.rename(saved.with_name(".small.old"))
    assert checkpoint.names() == ["small"]
    assert checkpoint.load(checkpoint.find("small")).card.name == "small"


def test_saving_again_replaces_the_model(saved: Path, make_model: Callable[..., SavedModel]) -> None:
    model = make_model("gru", layers=2)
    checkpoint.save(saved, model.card, model.tokenizer, model.weights, ['{"event": "x"}'])
    loaded = checkpoint.load(saved)
    assert loaded.card.architecture.family == "gru"
    np.testing.assert_array_equal(loaded.weights["head.bias"], model.weights["head.bias"])
    assert [path.name for path in saved.parent.iterdir()] == ["small"]


def test_find_by_name_and_by_folder(saved: Path) -> None:
    assert checkpoint.find("small") == saved
    assert checkpoint.find(str(saved)) == saved


@pytest.mark.parametrize("name", ["nobody", "..", "../small", "/etc", "", ".small.old", "a\x1b[2J"])
def test_an_unknown_model_is_an_error_that_lists_those_there_are(saved: Path, name: str) -> None:
    with pytest.raises(TuiLmError) as error:
        checkpoint.find(name)
    assert "small" in error.value.hint
    assert error.value.message.isprintable()


@pytest.mark.parametrize("name", ["..", "a/b", "", ".hidden", "-m", "a\nb", "x" * 101, " a"])
def test_names_that_could_lead_elsewhere_are_refused(name: str) -> None:
    with pytest.raises(TuiLmError):
        checkpoint.require_name(name)


def test_rename_and_remove(saved: Path) -> None:
    checkpoint.rename("small", "tiny")
    assert checkpoint.names() == ["tiny"]
    checkpoint.remove("tiny")
    assert checkpoint.names() == []
    assert list(saved.parent.iterdir()) == []


def test_a_made_up_name_gets_a_number_if_it_is_taken(saved: Path) -> None:
    assert checkpoint.free_name("small") == "small-2"
    assert checkpoint.free_name("other") == "other"


def leave(saved: Path, *names: str) -> None:
    """Folders as a killed process leaves them."""
    for name in names:
        shutil.copytree(saved, saved.with_name(name))


def test_what_killed_processes_left_is_swept_away(saved: Path) -> None:
    leave(saved, ".small.old", ".small.removed", ".small.1.new", ".gone.removed", ".two.99.new")
    assert checkpoint.names() == ["small"]
    assert [path.name for path in saved.parent.iterdir()] == ["small"]


def test_what_a_process_is_writing_is_not_swept_away(saved: Path) -> None:
    leave(saved, ".small.1.new", ".two.1.new")
    with locks.held(saved, "write"):
        assert checkpoint.names() == ["small"]
        assert sorted(path.name for path in saved.parent.iterdir()) == [".small.1.new", "small"]


def test_names_with_dots_are_not_mistaken(saved: Path) -> None:
    for name in ("a.old", "a.1.new", "a.removed"):
        leave(saved, name)
    leave(saved, ".a.old.old")
    assert checkpoint.names() == ["a.1.new", "a.old", "a.removed", "small"]
    (saved.with_name("a.old")).rename(saved.with_name(".a.old.old"))
    assert checkpoint.find("a.old").is_dir()


def test_a_name_that_is_a_pattern_touches_no_other_model(saved: Path) -> None:
    leave(saved, "[a-z]mall", ".small.1.new")
    checkpoint.remove("[a-z]mall")
    assert (saved.with_name(".small.1.new")).is_dir()
    assert checkpoint.names() == ["small"]


def test_a_rename_onto_a_model_is_refused(saved: Path) -> None:
    leave(saved, "tiny")
    with pytest.raises(TuiLmError, match="already"):
        checkpoint.rename("small", "tiny")
    assert checkpoint.names() == ["small", "tiny"]
