"""Files written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from tui_lm import paths


def save_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, without waiting for the disk. Raises OSError where that fails."""
    paths.make_private(path.parent)
    save_whole(path, text, mode=0o600, sync=False)


def save_whole(path: Path, text: str, *, mode: int | None = None, sync: bool = True) -> None:
    """Write beside `path`, sync, rename: a crash leaves the old file or the new one.

    A link is followed; the mode of a file that was there stays, unless one is given. Raises OSError.
    """
    path = path.resolve()
    if mode is None:
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8", "surrogatepass"))
            file.flush()
            os.fchmod(file.fileno(), mode)
            if sync:
                os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(temporary).unlink()
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
