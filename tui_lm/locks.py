"""Locks between processes: one run at a time trains a model, one process at a time writes in its folder.

A lock is an empty file that the system locks (flock; on Windows, its first byte): it is free again when its holder
ends, however it ends. The file lies in the user's data folder under a hash of what it locks, so that it survives the
renaming of folders, and models that lie elsewhere can be locked too.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from tui_lm import paths
from tui_lm.errors import TuiLmError

Use = Literal["train", "write"]
POLL = 0.02  # seconds between two tries
PATIENCE = 30.0  # seconds; writing a model takes less


class LockHeldError(Exception):
    """Another process holds the lock."""


@contextmanager
def held(folder: Path, use: Use, wait: float = PATIENCE) -> Iterator[None]:
    """Hold the lock of `folder` for this use. Raises LockHeldError where another has it for longer than `wait` seconds.

    Where no lock can be had, since the data folder cannot be written or the system has none, nothing is locked.
    """
    handle = _opened(folder, use)
    if handle is None:
        yield
        return
    try:
        until = time.monotonic() + wait
        while not _locked(handle):
            if time.monotonic() >= until:
                raise LockHeldError
            time.sleep(POLL)
        yield
    finally:
        os.close(handle)  # which gives the lock back


def is_held(folder: Path, use: Use) -> bool:
    """Whether some process holds the lock."""
    try:
        with held(folder, use, wait=0):
            return False
    except LockHeldError:
        return True


def _opened(folder: Path, use: Use) -> int | None:
    name = hashlib.blake2b(os.fsencode(folder.resolve()), digest_size=12).hexdigest()
    try:
        place = paths.make_private(paths.data_dir() / "locks")
        return os.open(place / f"{name}.{use}", os.O_RDWR | os.O_CREAT, 0o600)
    except (OSError, TuiLmError):
        return None


def _locked(handle: int) -> bool:
    """Try to lock an open file; True also where the system knows no locks."""
    try:
        import fcntl
    except ImportError:
        return _locked_on_windows(handle)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # some network file systems
        return True
    return True


def _locked_on_windows(handle: int) -> bool:
    try:
        import msvcrt
    except ImportError:
        return True
    try:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
    except OSError:
        return False
    return True
