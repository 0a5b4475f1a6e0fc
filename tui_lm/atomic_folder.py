"""Folders that are replaced, renamed and removed whole or not at all, whenever the process or the machine stops.

A new folder is written beside its place as `.NAME.PID.new`, synced, and renamed; for a moment the old one is
`.NAME.old`. One that is removed becomes `.NAME.removed` first. What a killed process left of these is mended or
swept away when the folder is next looked for; a lock keeps that from meeting a process that is at it.
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
    """A new private folder that takes the place of `folder` when the block ends well.

    Raises OSError where that fails, and LockHeldError where another process goes on writing there; what was there
    before is there still.
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


def rename(folder: Path, place: Path) -> None:
    """Give a folder another name. Raises OSError, and LockHeldError where another process writes there."""
    with locks.held(folder, "write"), locks.held(place, "write"):
        folder.rename(place)
        sync(place.parent)


def remove(folder: Path) -> None:
    """Delete a folder. It vanishes under its name at once, so that a crash leaves nothing half deleted."""
    with locks.held(folder, "write"):
        _mend(folder)
        grave = folder.with_name(f".{folder.name}.removed")
        folder.rename(grave)
        sync(folder.parent)
        shutil.rmtree(grave)


def mend_all(parent: Path) -> None:
    """Mend and sweep what killed processes left in `parent`; what another process is at stays."""
    found = (_LEFT.fullmatch(path.name) for path in parent.iterdir())
    for name in {match["name"] for match in found if match}:
        mend(parent / name, wait=0)


def mend(folder: Path, wait: float = locks.PATIENCE) -> None:
    """As `mend_all`, for one folder; a process that is at it is waited for where the folder is not there."""
    if not any(folder.parent.glob(f".{_escaped(folder.name)}.*")):
        return
    if folder.exists():
        wait = 0
    with suppress(OSError, locks.LockHeldError), locks.held(folder, "write", wait):
        _mend(folder)


def _mend(folder: Path) -> None:
    """Put back what stood under the name before, if nothing does; delete the rest. For who holds the lock."""
    old = folder.with_name(f".{folder.name}.old")
    if old.is_dir() and not folder.exists():
        old.rename(folder)
    for path in folder.parent.glob(f".{_escaped(folder.name)}.*"):
        match = _LEFT.fullmatch(path.name)
        if match and match["name"] == folder.name:
            shutil.rmtree(path, ignore_errors=True)


def _escaped(name: str) -> str:
    return re.sub(r"([*?[])", r"[\1]", name)
