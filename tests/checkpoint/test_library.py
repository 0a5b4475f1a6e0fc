"""Models are found, renamed and removed by name, and no name leads elsewhere."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tui_lm import checkpoint, locks
from tui_lm.errors import TuiLmError


def test_a_crash_between_the_two_renames_of_a_save_is_repaired(saved: Path) -> None:
    saved.rename(saved.with_name(".small.old"))
    assert checkpoint.names() == ["small"]
    assert checkpoint.load(checkpoint.find("small")).card.name == "small"


def test_a_model_is_found_by_its_name_or_its_folder(saved: Path) -> None:
    assert checkpoint.find("small") == saved
    assert checkpoint.find(str(saved)) == saved


@pytest.mark.parametrize("name", ["nobody", "..", "../small", "/etc", "", ".small.old", "a\x1b[2J"])
def test_the_error_for_an_unknown_model_lists_the_models(saved: Path, name: str) -> None:
    with pytest.raises(TuiLmError) as error:
        checkpoint.find(name)
    assert "small" in error.value.hint
    assert error.value.message.isprintable()


@pytest.mark.parametrize("name", ["..", "a/b", "", ".hidden", "-m", "a\nb", "x" * 101, " a"])
def test_names_that_could_be_paths_are_refused(name: str) -> None:
    with pytest.raises(TuiLmError):
        checkpoint.require_name(name)


def test_a_model_can_be_renamed_and_removed(saved: Path) -> None:
    checkpoint.rename("small", "tiny")
    assert checkpoint.names() == ["tiny"]
    checkpoint.remove("tiny")
    assert checkpoint.names() == []
    assert list(saved.parent.iterdir()) == []


def test_a_taken_name_gets_a_number(saved: Path) -> None:
    assert checkpoint.free_name("small") == "small-2"
    assert checkpoint.free_name("other") == "other"


def leave_copies(saved: Path, *names: str) -> None:
    """Copies of a model under the names that a killed process leaves."""
    for name in names:
        shutil.copytree(saved, saved.with_name(name))


def test_leftovers_of_killed_processes_are_deleted(saved: Path) -> None:
    leave_copies(saved, ".small.old", ".small.removed", ".small.1.new", ".gone.removed", ".two.99.new")
    assert checkpoint.names() == ["small"]
    assert [path.name for path in saved.parent.iterdir()] == ["small"]


def test_a_folder_that_is_being_written_is_not_deleted(saved: Path) -> None:
    leave_copies(saved, ".small.1.new", ".two.1.new")
    with locks.held(saved, "write"):
        assert checkpoint.names() == ["small"]
        assert sorted(path.name for path in saved.parent.iterdir()) == [".small.1.new", "small"]


def test_a_name_that_looks_like_a_leftover_is_a_model(saved: Path) -> None:
    for name in ("a.old", "a.1.new", "a.removed"):
        leave_copies(saved, name)
    leave_copies(saved, ".a.old.old")
    assert checkpoint.names() == ["a.1.new", "a.old", "a.removed", "small"]
    (saved.with_name("a.old")).rename(saved.with_name(".a.old.old"))
    assert checkpoint.find("a.old").is_dir()


def test_a_name_with_wildcards_touches_no_other_model(saved: Path) -> None:
    leave_copies(saved, "[a-z]mall", ".small.1.new")
    checkpoint.remove("[a-z]mall")
    assert (saved.with_name(".small.1.new")).is_dir()
    assert checkpoint.names() == ["small"]


def test_a_model_is_not_renamed_to_a_name_that_is_taken(saved: Path) -> None:
    leave_copies(saved, "tiny")
    with pytest.raises(TuiLmError, match="already"):
        checkpoint.rename("small", "tiny")
    assert checkpoint.names() == ["small", "tiny"]
