"""Keys and values of a transformer's tokens: an append-only memory behind an immutable state.

Shapes: L layers, B branches (the beam), K key/value heads, S tokens, d head width. A `Past` says how much of a shared
buffer is its own; a step from the newest `Past` writes behind it and copies nothing, and a step from an older one
begins a branch: what came before is shared as the trunk, which is never written again by that branch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]
MOST_SPARE = 256  # tokens: a buffer doubles up to here, then grows by a quarter
FIRST_ROOM = 32  # capacity of a new buffer, in tokens


class Buffer:
    """Keys and values [L, B, K, room, d]; the first `filled` tokens are written and never change again."""

    def __init__(self, keys: Array, values: Array, filled: int = 0) -> None:
        self.keys, self.values, self.filled = keys, values, filled

    @classmethod
    def empty(cls, shape: tuple[int, int, int, int, int], dtype: np.dtype[np.floating]) -> Buffer:
        return cls(np.empty(shape, dtype), np.empty(shape, dtype))

    @property
    def room(self) -> int:
        return int(self.keys.shape[3])


@dataclass(frozen=True, slots=True)
class Segment:
    """The tokens from `start` to `end` of a buffer; B is 1 if all branches share them."""

    buffer: Buffer
    start: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.start

    @property
    def newest(self) -> bool:
        return self.buffer.filled == self.end

    def read(self, layer: int) -> tuple[Array, Array]:
        """Keys and values [B, K, S, d] of a layer."""
        part = slice(self.start, self.end)
        return self.buffer.keys[layer, :, :, part], self.buffer.values[layer, :, :, part]

    def last(self, tokens: int) -> Segment:
        return Segment(self.buffer, max(self.start, self.end - max(0, tokens)), self.end)


@dataclass(frozen=True, slots=True)
class Past:
    """The keys and values that a transformer still sees. `position` counts all tokens since the start."""

    position: int
    trunk: Segment | None  # shared by all branches
    branch: Segment  # of each branch alone

    @property
    def branches(self) -> int:
        return int(self.branch.buffer.keys.shape[1])

    @property
    def segments(self) -> tuple[Segment, ...]:
        return (self.branch,) if self.trunk is None else (self.trunk, self.branch)

    def extended(self, tokens: int, window: int) -> Past:
        """A past with room for `tokens` more behind this one, which the caller writes with `write`.

        Keeps the last `window` - 1 earlier tokens, which are all that the first new token attends to.
        """
        kept = window - 1
        trunk, branch = self.trunk, self.branch
        if not branch.newest and trunk is None and branch.length > FIRST_ROOM and self.branches == 1:
            trunk, branch = branch, _copy(branch.last(0), tokens)
        elif not branch.newest or branch.end + tokens > branch.buffer.room:
            branch = _copy(branch.last(kept), tokens)
        else:
            branch = branch.last(kept)
        if trunk is not None:
            trunk = trunk.last(kept - branch.length)
            trunk = trunk if trunk.length else None
        branch.buffer.filled = branch.end + tokens
        return Past(self.position + tokens, trunk, Segment(branch.buffer, branch.start, branch.end + tokens))

    def write(self, layer: int, keys: Array, values: Array) -> None:
        """Put keys and values [B, K, T, d] into the room of the last T tokens."""
        part = slice(self.branch.end - keys.shape[2], self.branch.end)
        self.branch.buffer.keys[layer, :, :, part] = keys
        self.branch.buffer.values[layer, :, :, part] = values

    def select(self, rows: Sequence[int]) -> Past:
        """The past of `rows` of the branches."""
        if list(rows) == list(range(self.branches)):
            return self
        if self.branches == 1 and self.trunk is None:
            empty = self.branch.last(0)
            trunk = self.branch if self.branch.length else None
            return Past(self.position, trunk, _copy(empty, 0, rows))
        return Past(self.position, self.trunk, _copy(self.branch, 0, rows))


def _copy(segment: Segment, tokens: int, rows: Sequence[int] | None = None) -> Segment:
    """The segment in a buffer of its own, with room for `tokens` more, and some to spare."""
    length = segment.length
    part = slice(segment.start, segment.end)
    keys, values = segment.buffer.keys[:, :, :, part], segment.buffer.values[:, :, :, part]
    if rows is not None:
        keys, values = keys[:, rows], values[:, rows]
    layers, branches, heads, _, width = keys.shape
    total = length + tokens
    spare = max(FIRST_ROOM, min(total, max(MOST_SPARE, total // 4))) if rows is None else 8
    buffer = Buffer.empty((layers, branches, heads, total + spare, width), keys.dtype)
    buffer.keys[:, :, :, :length] = keys
    buffer.values[:, :, :, :length] = values
    buffer.filled = length
    return Segment(buffer, 0, length)


def start(layers: int, heads: int, width: int, dtype: np.dtype[np.floating]) -> Past:
    buffer = Buffer.empty((layers, 1, heads, FIRST_ROOM, width), dtype)
    return Past(0, None, Segment(buffer, 0, 0))
