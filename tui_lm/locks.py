"""Locks between processes: one run at a time trains a model, and one process at a time writes in its folder.

A lock is an empty file that the operating system locks (flock; on Windows, its first byte). The system releases it
when its holder ends, even if it is killed. The file is in the user's data folder, and its name is a hash of the path
that it locks: so a folder can be renamed while it is locked, and models outside the data folder can be locked too.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from tui_lm import paths, system
from tui_lm.errors import TuiLmError

Use = Literal["train", "write"]
POLL = 0.02  # seconds between two attempts
PATIENCE = 30.0  # seconds to wait for a lock; writing a model takes less


class LockHeldError(Exception):
    """Another process holds the lock."""


@contextmanager
def held(folder: Path, use: Use, wait: float = PATIENCE) -> Iterator[None]:
    """Hold the lock of `folder` for this use. Raises LockHeldError if another process holds it for `wait` seconds.

    Nothing is locked if the data folder is read-only or the file system has no locks.
    """
    handle = _opened(folder, use)
    if handle is None:
        yield
        return
    try:
        until = time.monotonic() + wait
        while not system.lock(handle):
            if time.monotonic() >= until:
                raise LockHeldError
            time.sleep(POLL)
        yield
    finally:
        os.close(handle)  # releases the lock


def is_held(folder: Path, use: Use) -> bool:
    """Whether a process, this one included, holds the lock."""
    try:
        with held(folder, use, wait=0):
            return False
    except LockHeldError:
        return True


def _opened(folder: Path, use: Use) -> int | None:
    """The open lock file, or None if it cannot be opened."""
    name = hashlib.blake2b(os.fsencode(folder.resolve()), digest_size=12).hexdigest()
    try:
        directory = paths.make_private(paths.data_dir() / "locks")
        return os.open(directory / f"{name}.{use}", os.O_RDWR | os.O_CREAT, 0o600)
    except (OSError, TuiLmError):
        return None
