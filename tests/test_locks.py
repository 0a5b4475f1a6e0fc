"""A lock is held by one process at a time, and free when its holder ends, however it ends."""

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
    """Another process that trains the model "small"."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(saved), "train"], stdout=subprocess.PIPE, text=True, env={**os.environ}
    )
    assert process.stdout is not None and process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_it_is_free_when_its_holder_is_killed(holder: subprocess.Popen[str], saved: Path) -> None:
    assert locks.is_held(saved, "train")
    assert not locks.is_held(saved, "write")
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert not locks.is_held(saved, "train")


@pytest.mark.parametrize("act", ["train", "rename", "rename onto", "remove"])
def test_a_model_that_is_being_trained_is_left_alone(act: str, holder: subprocess.Popen[str], saved: Path) -> None:
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
    assert "--name" in error.value.hint
    if act != "rename onto":
        assert {path.name: path.read_bytes() for path in saved.iterdir()} == before


def test_a_name_that_a_run_is_about_to_take_is_taken(home: Path) -> None:
    folder = home / "models" / "chat"
    with locks.held(folder, "train"):
        assert checkpoint.free_name("chat") == "chat-2"
    assert checkpoint.free_name("chat") == "chat"


def test_a_folder_has_one_lock_whatever_it_is_called_by(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(saved.parent)
    with locks.held(saved, "write"):
        assert locks.is_held(Path("small"), "write")


def test_lock_files_are_private_and_say_nothing(saved: Path, home: Path) -> None:
    with locks.held(saved, "write"):
        pass
    files = [*(home / "locks").iterdir()]
    assert files and all(stat.S_IMODE(path.stat().st_mode) == 0o600 and not path.read_bytes() for path in files)
    assert stat.S_IMODE((home / "locks").stat().st_mode) == 0o700
    assert not any("small" in path.name for path in files)


def test_without_a_place_for_locks_nothing_is_locked(saved: Path, home: Path) -> None:
    shutil.rmtree(home / "locks")
    (home / "locks").write_text("in the way")
    with locks.held(saved, "write"), locks.held(saved, "write", wait=0):
        pass
