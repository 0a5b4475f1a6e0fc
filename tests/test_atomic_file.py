"""A file is replaced whole or not at all."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tui_lm import atomic_file

DIE_WHILE_WRITING = """
import os, signal, sys
from pathlib import Path
from tui_lm import atomic_file
with atomic_file.replacing(Path(sys.argv[1])) as file:
    file.write(b"new")
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""

FAIL_WHILE_WRITING = """
import resource, signal, sys
from pathlib import Path
from tui_lm import atomic_file
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    with atomic_file.replacing(Path(sys.argv[1])) as file:
        try:
            file.write(bytes(5000))
            file.flush()
        except OSError as error:
            raise ValueError("too large") from error
except ValueError as error:
    print(error)
"""


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("durable", [True, False])
def test_a_file_is_created_and_replaced(tmp_path: Path, durable: bool) -> None:
    path = tmp_path / "counts"
    for data in (b"old", b"new"):
        atomic_file.write(path, data, durable=durable)
        assert path.read_bytes() == data
    assert [*tmp_path.iterdir()] == [path]


def test_only_the_owner_can_read_a_file(tmp_path: Path) -> None:
    path = tmp_path / "counts"
    path.touch(mode=0o644)
    atomic_file.write(path, b"new")
    assert mode(path) == 0o600


def test_a_file_that_is_not_private_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.touch()
    path.chmod(0o640)
    atomic_file.write(path, b"new", mode=atomic_file.public_mode(path))
    assert mode(path) == 0o640


def test_a_new_file_that_is_not_private_has_the_mode_of_any_other(tmp_path: Path) -> None:
    path, other = tmp_path / "letter.txt", tmp_path / "other.txt"
    other.touch()
    atomic_file.write(path, b"new", mode=atomic_file.public_mode(path))
    assert mode(path) == mode(other)


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"old")
    (tmp_path / "link").symlink_to("target")
    atomic_file.write(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_bytes() == b"new"


@pytest.mark.parametrize("step", ["os.fsync", "pathlib.Path.replace"])
def test_a_failure_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    path = tmp_path / "counts"
    path.write_bytes(b"old")
    monkeypatch.setattr(step, full)
    with pytest.raises(OSError, match="No space"):
        atomic_file.write(path, b"new")
    assert path.read_bytes() == b"old"
    assert [*tmp_path.iterdir()] == [path]


def test_an_error_while_writing_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "counts"
    path.write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt), atomic_file.replacing(path) as file:
        file.write(b"new")
        raise KeyboardInterrupt
    assert path.read_bytes() == b"old"
    assert [*tmp_path.iterdir()] == [path]


def test_a_killed_process_leaves_the_old_file_and_a_leftover_that_is_found(tmp_path: Path) -> None:
    path = tmp_path / "counts"
    path.write_bytes(b"old")
    (tmp_path / ".countless.x").touch()
    killed = subprocess.run([sys.executable, "-c", DIE_WHILE_WRITING, path], env={**os.environ}, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    assert path.read_bytes() == b"old"
    (left,) = atomic_file.leftovers(path)
    assert left.read_bytes() == b"new"
    assert mode(left) == 0o600


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit of file sizes")
def test_the_first_error_is_raised_although_closing_fails_too(tmp_path: Path) -> None:
    path = tmp_path / "counts"
    path.write_bytes(b"old")
    command = [sys.executable, "-c", FAIL_WHILE_WRITING, path]
    ran = subprocess.run(command, env={**os.environ}, timeout=60, capture_output=True, text=True)
    assert (ran.stdout, ran.stderr) == ("too large\n", "")
    assert path.read_bytes() == b"old"
    assert [*tmp_path.iterdir()] == [path]


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        atomic_file.write(tmp_path / "nowhere" / "counts", b"new")
