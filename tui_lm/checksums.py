"""Checksums of files: CRC-32, which a bit flipped on a disk or in a copy does not get past.

They tell damage and no malice: who can change a file can change its checksum as well.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping
from pathlib import Path

BLOCK = 1 << 20  # bytes


def checksum(path: Path) -> str:
    """Of a file's bytes, in hexadecimal; a gigabyte takes less than a second. Raises OSError."""
    value = 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            value = zlib.crc32(block, value)
    return f"{value:08x}"


def checksums(folder: Path, without: Collection[str] = ()) -> dict[str, str]:
    """Of every file in a folder and below it, by its path from there, but for those at the top called as said."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    paths = {path.relative_to(folder).as_posix(): path for path in files}
    return {name: checksum(path) for name, path in paths.items() if name not in without}


def damaged(folder: Path, sums: Mapping[str, str], names: Collection[str]) -> list[str]:
    """Those of the files `names` that are there and have another checksum than in `sums`."""
    found = []
    for name in names:
        path = folder / name
        if name in sums and path.is_file() and checksum(path) != sums[name]:
            found.append(name)
    return found
