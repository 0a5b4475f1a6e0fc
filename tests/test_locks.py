"""One process at a time holds a lock, and a killed process releases it."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tui_lm import checkpoint, locks
from tui_lm.errors import TuiLmError

HOLD = """
import sys, time
from pathlib import Path
from tui_lm import locks
with locks.held(Path(sys.argv[1]), sys.argv[2]):
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def holder(saved: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the training lock of the model "small"."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(saved), "train"], stdout=subprocess.PIPE, text=True, env={**os.environ}
    )
    assert process.stdout is not None and process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_killed_process_releases_its_lock(holder: subprocess.Popen[str], saved: Path) -> None:
    assert locks.is_held(saved, "train")
    assert not locks.is_held(saved, "write")
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert not locks.is_held(saved, "train")


@pytest.mark.parametrize("act", ["train", "rename", "rename onto", "remove"])
def test_a_model_in_training_cannot_be_trained_renamed_or_removed(
    act: str, holder: subprocess.Popen[str], saved: Path
) -> None:
    before = {path.name: path.read_bytes() for path in saved.iterdir()}
    with pytest.raises(TuiLmError, match="another process") as error:
        if act == "rename":
            checkpoint.rename("small", "other")
        elif act == "rename onto":
            saved.with_name("two").mkdir()
            (saved / "config.json").rename(saved.with_name("two") / "config.json")
            checkpoint.rename("two", "small")
        elif act == "remove":
            checkpoint.remove("small")
        else:
            with checkpoint.training(saved):
                pass
    assert "another name" in error.value.hint
    if act != "rename onto":
        assert {path.name: path.read_bytes() for path in saved.iterdir()} == before


def test_the_name_of_a_run_is_taken_before_its_first_save(home: Path) -> None:
    folder = home / "models" / "chat"
    with locks.held(folder, "train"):
        assert checkpoint.free_name("chat") == "chat-2"
    assert checkpoint.free_name("chat") == "chat"


def test_relative_and_absolute_paths_of_a_folder_share_its_lock(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(saved.parent)
    with locks.held(saved, "write"):
        assert locks.is_held(Path("small"), "write")


def test_lock_files_are_private_and_do_not_contain_the_name(saved: Path, home: Path) -> None:
    with locks.held(saved, "write"):
        pass
    files = [*(home / "locks").iterdir()]
    assert files and all(stat.S_IMODE(path.stat().st_mode) == 0o600 and not path.read_bytes() for path in files)
    assert stat.S_IMODE((home / "locks").stat().st_mode) == 0o700
    assert not any("small" in path.name for path in files)


def test_nothing_is_locked_if_lock_files_cannot_be_created(saved: Path, home: Path) -> None:
    shutil.rmtree(home / "locks")
    (home / "locks").write_text("in the way")
    with locks.held(saved, "write"), locks.held(saved, "write", wait=0):
        pass
