"""The token ids of a text: an array in memory, or for a long text in a private file that is memory-mapped."""

from __future__ import annotations

import mmap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_lm import system
from tui_lm.scratch import ScratchFile

IN_MEMORY = 64_000_000  # ids
BLOCK = 1 << 20  # ids that are written together, about


@dataclass(frozen=True, slots=True)
class Ids:
    """`array` [N] of unsigned integers, as narrow as the vocabulary allows. `at` reads it without keeping its pages."""

    array: NDArray[Any]
    _mapped: mmap.mmap | None = None
    _scratch: ScratchFile | None = field(default=None, repr=False)

    @classmethod
    def of(cls, pieces: Iterable[Sequence[int]], vocab_size: int, most: int = IN_MEMORY) -> Ids:
        """The pieces, concatenated: up to `most` ids in memory, more in a file."""
        kind = np.dtype(np.uint16 if vocab_size <= 1 << 16 else np.uint32)
        held: list[NDArray[Any]] = []
        blocks = _blocks(pieces, kind)
        for block in blocks:
            held.append(block)
            if sum(map(len, held)) > most:
                return cls._in_file(chain(held, blocks), kind)
        return cls(np.concatenate(held) if held else np.empty(0, kind))

    @classmethod
    def _in_file(cls, blocks: Iterable[NDArray[Any]], kind: np.dtype[Any]) -> Ids:
        scratch = ScratchFile()
        for block in blocks:
            scratch.write(block.tobytes())
        scratch.file.flush()
        mapped = mmap.mmap(scratch.file.fileno(), 0, access=mmap.ACCESS_READ)
        return cls(np.frombuffer(mapped, kind), mapped, scratch)

    def __len__(self) -> int:
        return len(self.array)

    def head(self, count: int) -> Ids:
        return Ids(self.array[:count], self._mapped, self._scratch)

    def at(self, positions: Any) -> NDArray[np.int64]:
        """The ids at `positions`, an array of any shape or a slice. The file's pages are released afterwards."""
        found: NDArray[np.int64] = self.array[positions].astype(np.int64)
        if self._mapped is not None:
            system.release([self._mapped])
        return found


def _blocks(pieces: Iterable[Sequence[int]], kind: np.dtype[Any]) -> Iterable[NDArray[Any]]:
    """The pieces in arrays of about `BLOCK` ids."""
    held: list[int] = []
    for piece in pieces:
        held.extend(piece)
        if len(held) >= BLOCK:
            yield np.array(held, kind)
            held.clear()
    if held:
        yield np.array(held, kind)
