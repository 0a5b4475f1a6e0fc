"""A full disk, a file size limit or a read-only data folder gives a clear error and loses nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from tests.torture.kills import CHAT, OLD, OTHER, learn, no_leftovers, save
from tui_lm import checkpoint
from tui_lm.checkpoint import SavedModel

SIZE = 1 << 21  # bytes of the test disk
SENT = "".join(f'{{"sent": "we ate pear {i} in the cathedral"}}\n' for i in range(60))
WRITING = {
    "train": ["train", "chat.txt", "--steps", "4", "--size", "tiny", "--name", "small", "--overwrite"],
    "train another": ["train", "chat.txt", "--steps", "4", "--size", "tiny", "--name", "another"],
    "import": ["models", "import", "mini-folder", "--name", "back"],
    "export": ["models", "export", "mini", "HOME/out", "--to", "hf"],
    "rename": ["models", "rename", "small", "another"],
    "forget": ["models", "forget", "small"],
    "remove": ["models", "remove", "mini", "--yes"],
}
READING = {
    "complete": ["complete", "see y", "-m", "small"],
    "generate": ["generate", "see", "-m", "small", "--max-new-tokens", "3"],
    "stdio": ["complete", "--stdio", "-m", "small"],
    "inspect": ["inspect", "see", "-m", "small"],
    "evaluate": ["evaluate", "small", "chat.txt", "--json"],
    "read": ["read", "chat.txt"],
    "models": ["models"],
}

Run = Callable[..., subprocess.CompletedProcess[str]]


@contextmanager
def mounted(folder: Path, size: int) -> Iterator[None]:
    """Mounts a file system in memory. Skips the test if that is not allowed."""
    folder.mkdir(mode=0o700, parents=True)
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("mounting needs root on Linux")
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "tmpfs", folder], capture_output=True)
    if made.returncode:
        pytest.skip("mounting is not allowed here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@pytest.fixture
def disk(home: Path, tmp_path: Path) -> Iterator[Path]:
    """A data folder on a small disk with the models "small", which has learned from typing, and "mini"."""
    from tui_lm.exchange.huggingface import export_folder

    with mounted(home, SIZE):
        fill(home, tmp_path)
        export_folder(OTHER, tmp_path / "mini-folder")
        yield home


def fill(home: Path, tmp_path: Path) -> None:
    (tmp_path / "chat.txt").write_text(CHAT, "utf-8")
    save(OLD)
    save(OTHER, "mini")
    learn("aubergine")


@pytest.fixture
def run(tmp_path: Path, home: Path) -> Run:
    def run(arguments: list[str], limit: int | None = None) -> subprocess.CompletedProcess[str]:
        def limited() -> None:
            import resource

            if limit is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        command = [sys.executable, "-m", "tui_lm", *(part.replace("HOME", str(home)) for part in arguments)]
        return subprocess.run(
            command, input=SENT, capture_output=True, text=True, cwd=tmp_path, preexec_fn=limited, timeout=1200
        )

    return run


def is_clear(done: subprocess.CompletedProcess[str]) -> None:
    """Asserts that the command succeeded, or ended with an error and a hint."""
    assert done.returncode in (0, 1), done.stderr
    assert "Traceback" not in done.stderr
    if done.returncode:
        assert [line.split(":")[0] for line in done.stderr.splitlines()[-2:]] == ["error", "hint"], done.stderr


def is_answered(act: str, done: subprocess.CompletedProcess[str]) -> None:
    """Asserts that a command which only reads succeeded, and that the pipe answered every line."""
    if act == "stdio":
        assert len(done.stdout.splitlines()) == SENT.count("\n")
    elif act in READING:
        assert done.returncode == 0, done.stderr


def is_whole(name: str, model: SavedModel) -> None:
    folder = checkpoint.find(name)
    checkpoint.require_intact(folder, checkpoint.describe(folder))
    found = checkpoint.load(folder).weights
    assert all(np.array_equal(found[key], weight) for key, weight in model.weights.items())


def nothing_is_lost(act: str, done: subprocess.CompletedProcess[str]) -> None:
    """Asserts, with space again, that every model is intact."""
    names = checkpoint.names()
    assert set(names) <= {"small", "mini", "another", "back"}
    if act == "train" and done.returncode == 0:
        checkpoint.load(checkpoint.find("small"))
    else:
        is_whole("another" if "small" not in names else "small", OLD)
    if act != "remove" or done.returncode:
        is_whole("mini", OTHER)
    for name in names:
        checkpoint.load(checkpoint.find(name))
    no_leftovers("small", "mini", "another", "back")


@pytest.mark.torture
@pytest.mark.parametrize("free", [0, 8 << 10, 40 << 10, 200 << 10], ids=lambda free: f"{free >> 10} KB free")
@pytest.mark.parametrize("act", [*WRITING, "stdio", "generate"])
def test_a_full_disk_loses_nothing(act: str, free: int, disk: Path, run: Run) -> None:
    status = os.statvfs(disk)
    with (disk / "filler").open("wb") as filler:
        filler.write(bytes(max(0, status.f_bavail * status.f_frsize - free)))
    done = run({**WRITING, **READING}[act])
    (disk / "filler").unlink()
    is_clear(done)
    is_answered(act, done)
    nothing_is_lost(act, done)


@pytest.mark.torture
@pytest.mark.parametrize("limit", [0, 3000, 20_000], ids=lambda limit: f"{limit} bytes a file")
@pytest.mark.parametrize("act", [*WRITING, "stdio", "generate"])
def test_a_file_size_limit_loses_nothing(act: str, limit: int, home: Path, tmp_path: Path, run: Run) -> None:
    """The same without a mounted disk: the process may not write longer files."""
    from tui_lm.exchange.huggingface import export_folder

    fill(home, tmp_path)
    export_folder(OTHER, tmp_path / "mini-folder")
    done = run({**WRITING, **READING}[act], limit)
    is_clear(done)
    is_answered(act, done)
    nothing_is_lost(act, done)


@pytest.mark.torture
@pytest.mark.parametrize("act", [*WRITING, *READING])
def test_a_read_only_data_folder_loses_nothing(act: str, disk: Path, run: Run) -> None:
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    done = run({**WRITING, **READING}[act])
    subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
    is_clear(done)
    is_answered(act, done)
    assert done.returncode == (act in {*WRITING, "stdio"}), done.stderr
    nothing_is_lost("", done)
