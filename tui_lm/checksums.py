"""CRC-32 checksums of files. They detect accidental damage on a disk or in a copy, not tampering."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping
from pathlib import Path

BLOCK = 1 << 20  # bytes


def checksum(path: Path) -> str:
    """The CRC-32 of a file, in hexadecimal. A gigabyte takes less than a second. Raises OSError."""
    value = 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            value = zlib.crc32(block, value)
    return f"{value:08x}"


def checksums(folder: Path, without: Collection[str] = ()) -> dict[str, str]:
    """The checksum of each file in a folder and its subfolders, by relative path, without the paths in `without`."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    paths = {path.relative_to(folder).as_posix(): path for path in files}
    return {name: checksum(path) for name, path in paths.items() if name not in without}


def damaged(folder: Path, sums: Mapping[str, str], names: Collection[str]) -> list[str]:
    """The files among `names` that exist and whose checksum differs from the one in `sums`."""
    found = []
    for name in names:
        path = folder / name
        if name in sums and path.is_file() and checksum(path) != sums[name]:
            found.append(name)
    return found
