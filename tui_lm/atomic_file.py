"""Files that are replaced whole or not at all, whenever the process or the machine stops.

The new content is written to a private temporary file in the same folder, synced and renamed; then the folder is
synced, so that the rename itself survives a power failure.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from tui_lm import system

PRIVATE = 0o600  # only the owner reads and writes
_LONGEST = 40  # characters of a file's name in the name of its temporary file


@contextmanager
def replacing(path: Path, *, mode: int = PRIVATE, durable: bool = True) -> Iterator[IO[bytes]]:
    """Open a new file for writing, which replaces `path` if the block succeeds. A link is followed.

    Raises OSError if the folder is missing, read-only or full: then the old file is unchanged and no other one is
    left. With `durable` false nothing waits for the disk; after a power failure the file may be an older one or empty.
    """
    path = path.resolve()
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=_prefix(path))  # mode 0600
    temporary, file = Path(name), os.fdopen(handle, "wb")
    try:
        yield file
        file.flush()
        if durable:
            os.fsync(file.fileno())
        file.close()
        if mode != PRIVATE:
            temporary.chmod(mode)
        system.replace(temporary, path)
    except BaseException:
        with suppress(OSError):  # closing writes what is buffered, and may fail as the block did
            file.close()
        with suppress(OSError):
            temporary.unlink()
        raise
    if durable:
        sync(path.parent)


def write(path: Path, data: bytes, *, mode: int = PRIVATE, durable: bool = True) -> None:
    """Replace the content of `path`, or create it: see `replacing`."""
    with replacing(path, mode=mode, durable=durable) as file:
        file.write(data)


def public_mode(path: Path) -> int:
    """The mode for a file that is not private: the one it has, or the one that the system gives a new file."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def leftovers(path: Path) -> list[Path]:
    """The temporary files that killed processes left of `path`."""
    from glob import escape  # not at every start

    return [*path.parent.glob(f"{escape(_prefix(path))}*")]


def sync(path: Path) -> None:
    """Wait until a file or a folder is on the disk. Windows has no such call for folders."""
    if os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _prefix(path: Path) -> str:
    return f".{path.name[:_LONGEST]}."
