"""Folders that are replaced, renamed and removed whole or not at all, whenever the process or the machine stops.

A new folder is written beside the old one as `.NAME.PID.new`, synced, and renamed; between two renames the old one is
`.NAME.old`. A folder that is removed becomes `.NAME.removed` first. What a killed process leaves of these is repaired
or deleted when the folder is next looked up, under a lock, so that a running process is not disturbed.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tui_lm import locks, paths
from tui_lm.atomic_file import sync

_LEFT = re.compile(r"\.(?P<name>.+?)\.(?:old|removed|\d+\.new)")


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """A new private folder that replaces `folder` if the block succeeds.

    Raises OSError if that fails, and LockHeldError if another process is writing there; then the old folder is
    unchanged.
    """
    paths.make_private(folder.parent)
    temporary = folder.with_name(f".{folder.name}.{os.getpid()}.new")
    old = folder.with_name(f".{folder.name}.old")
    with locks.held(folder, "write"):
        _mend(folder)
        try:
            temporary.mkdir(mode=0o700)
            yield temporary
            for path in temporary.rglob("*"):
                path.chmod(0o700 if path.is_dir() else 0o600)
                sync(path)
            sync(temporary)
            if folder.exists():
                folder.rename(old)
            temporary.rename(folder)
            sync(folder.parent)
        finally:
            _mend(folder)


def rename(folder: Path, target: Path) -> None:
    """Rename a folder. Raises OSError, and LockHeldError if another process is writing in either."""
    with locks.held(folder, "write"), locks.held(target, "write"):
        folder.rename(target)
        sync(target.parent)


def remove(folder: Path) -> None:
    """Delete a folder. Its name is free at once, so a crash leaves nothing half deleted under it."""
    with locks.held(folder, "write"):
        _mend(folder)
        grave = folder.with_name(f".{folder.name}.removed")
        folder.rename(grave)
        sync(folder.parent)
        shutil.rmtree(grave)


def mend_all(parent: Path) -> None:
    """Repair or delete what killed processes left in `parent`. Folders that another process is writing stay."""
    found = (_LEFT.fullmatch(path.name) for path in parent.iterdir())
    for name in {match["name"] for match in found if match}:
        mend(parent / name, wait=0)


def mend(folder: Path, wait: float = locks.PATIENCE) -> None:
    """The same for one folder. If it does not exist, wait for a process that may be replacing it."""
    if not any(folder.parent.glob(f".{_escaped(folder.name)}.*")):
        return
    if folder.exists():
        wait = 0
    with suppress(OSError, locks.LockHeldError), locks.held(folder, "write", wait):
        _mend(folder)


def _mend(folder: Path) -> None:
    """Put the old folder back if there is no new one; delete the other leftovers. The caller holds the lock."""
    old = folder.with_name(f".{folder.name}.old")
    if old.is_dir() and not folder.exists():
        old.rename(folder)
    for path in folder.parent.glob(f".{_escaped(folder.name)}.*"):
        match = _LEFT.fullmatch(path.name)
        if match and match["name"] == folder.name:
            shutil.rmtree(path, ignore_errors=True)


def _escaped(name: str) -> str:
    return re.sub(r"([*?[])", r"[\1]", name)
