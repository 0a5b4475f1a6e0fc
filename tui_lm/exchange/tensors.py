"""Read the weights of a pretrained model from one or more safetensors files. Pickled weights are refused."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_lm.errors import TuiLmError

LARGEST_HEADER = 100 << 20  # bytes
DAMAGE = (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError)  # what reading damaged JSON raises
TYPES = {"F32": np.float32, "F16": np.float16, "F64": np.float64, "BF16": np.uint16}


def weight_files(folder: Path) -> list[Path]:
    """The safetensors files of a folder. Raises TuiLmError if there are none, or if the index names a file outside."""
    index = folder / "model.safetensors.index.json"
    if (folder / "model.safetensors").is_file():
        return [folder / "model.safetensors"]
    if index.is_file():
        try:
            names = sorted(set(json.loads(index.read_text("utf-8"))["weight_map"].values()))
            inside = all(Path(name).name == name and name.endswith(".safetensors") for name in names)
        except DAMAGE as error:
            raise _damaged() from error
        if not inside:
            raise _damaged()
        return [folder / name for name in names]
    if any(folder.glob("*.bin")) or any(folder.glob("*.pt*")):
        raise TuiLmError(
            "this model's weights are pickled, and a pickle can run any program while it is read",
            "save it again as safetensors: model.save_pretrained(DIR, safe_serialization=True)",
        )
    raise TuiLmError("there are no weights in this folder", "it should hold model.safetensors")


def read_weights(files: list[Path], names: Mapping[str, str]) -> dict[str, NDArray[np.float32]]:
    """The weights whose names are keys of `names`, as float32 under the mapped names. Others are not read."""
    weights: dict[str, NDArray[np.float32]] = {}
    for file in files:
        header, begin = _header(file)
        data = np.memmap(file, np.uint8, "r")
        for name, entry in header.items():
            if name in names:
                weights[names[name]] = _tensor(entry, data[begin:])
    return weights


def shapes(files: list[Path]) -> dict[str, tuple[int, ...]]:
    """The shape of every weight in the files, by name."""
    return {name: entry["shape"] for file in files for name, entry in _header(file)[0].items()}


def _header(file: Path) -> tuple[dict[str, Any], int]:
    """The entries of a safetensors header by name, and the offset of the data in bytes."""
    try:
        with file.open("rb") as stream:
            (length,) = struct.unpack("<Q", stream.read(8))
            if length > LARGEST_HEADER:
                raise _damaged()
            header = json.loads(stream.read(length))
        header.pop("__metadata__", None)
        entries = {
            name: {"dtype": entry["dtype"], "shape": tuple(entry["shape"]), "data_offsets": entry["data_offsets"]}
            for name, entry in header.items()
        }
        return entries, 8 + length
    except (*DAMAGE, struct.error) as error:
        raise _damaged() from error


def _tensor(entry: Mapping[str, Any], data: NDArray[np.uint8]) -> NDArray[np.float32]:
    try:
        begin, end = entry["data_offsets"]
        if not 0 <= begin <= end <= len(data):
            raise _damaged()
        values = np.frombuffer(data[begin:end].tobytes(), TYPES[entry["dtype"]]).reshape(entry["shape"])
    except DAMAGE as error:
        raise _damaged() from error
    if entry["dtype"] == "BF16":  # the upper half of a float32
        return (values.astype(np.uint32) << 16).view(np.float32)
    return values.astype(np.float32)


def _damaged() -> TuiLmError:
    return TuiLmError(
        "the weights of this model are damaged, or of an unknown number type", "download or save it again"
    )
