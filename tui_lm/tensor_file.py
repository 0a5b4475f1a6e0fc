"""Safetensors files as memory-mapped arrays, and written one array at a time.

A file that is mapped takes memory only for the pages that are read; one that is written needs memory for its largest
array alone. The format is a length, a JSON header with the type, shape and position of each array, and the numbers.
"""

from __future__ import annotations

import json
import mmap
import struct
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_lm import system
from tui_lm.errors import DAMAGE

TYPES = {
    "U8": np.uint8,
    "I8": np.int8,
    "U32": np.uint32,
    "U64": np.uint64,
    "I32": np.int32,
    "F32": np.float32,
    "F64": np.float64,
}
NAMES = {np.dtype(kind): name for name, kind in TYPES.items()}
LARGEST_HEADER = 1 << 20  # bytes
ALIGNMENT = 64  # bytes: the numbers begin at a multiple, as fast kernels want them


def mapped(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of a file by name, as read-only views of it. Raises OSError or ValueError where it is damaged."""
    try:
        with path.open("rb") as file:
            data = system.map_file(file)
        (length,) = struct.unpack_from("<Q", data)
        if length > LARGEST_HEADER:
            raise ValueError("the header is too long")
        header: dict[str, Any] = json.loads(data[8 : 8 + length])
        header.pop("__metadata__", None)
        found = {}
        for name, entry in header.items():
            begin, end = entry["data_offsets"]
            kind = np.dtype(TYPES[entry["dtype"]])
            if min(entry["shape"], default=0) < 0 or (end - begin) % kind.itemsize or 8 + length + end > len(data):
                raise ValueError("an array lies outside the file")
            flat = np.frombuffer(data, kind, (end - begin) // kind.itemsize, 8 + length + begin)
            found[name] = flat.reshape(entry["shape"])
        return found
    except OSError:
        raise
    except (*DAMAGE, struct.error) as error:
        raise ValueError("this is not a safetensors file, or it is damaged") from error


def release(arrays: Iterable[NDArray[Any]]) -> None:
    """Give back the memory of the pages of mapped arrays. They are read from the file again when they are needed."""
    system.release({id(data): data for data in map(_file_of, arrays) if data is not None}.values())


def _file_of(array: NDArray[Any]) -> mmap.mmap | None:
    base: Any = array
    while isinstance(base, np.ndarray | memoryview):
        base = base.base if isinstance(base, np.ndarray) else base.obj
    return base if isinstance(base, mmap.mmap) else None


def write(path: Path, shapes: Mapping[str, tuple[int, ...]], arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write `arrays`, whose shapes and float32 type are known before the first is read. Raises OSError."""
    header: dict[str, Any] = {}
    end = 0
    for name, shape in shapes.items():
        size = 4 * int(np.prod(shape, dtype=np.int64))
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [end, end + size]}
        end += size
    text = json.dumps(header).encode("ascii")
    text += b" " * (-(8 + len(text)) % ALIGNMENT)
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)))
        file.write(text)
        for name, shape in shapes.items():
            array = np.ascontiguousarray(arrays[name], np.float32)
            if array.shape != shape:
                raise ValueError(f"{name} has the shape {array.shape}, not {shape}")
            array.tofile(file)
