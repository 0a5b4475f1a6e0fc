"""Fingerprints of a chat's messages: which of them a model has seen, and in which part of its split.

People export the same chat again each month. A training that goes on with the newer export keeps every old message in
its old part, so that no message of the test part is ever trained on.

The file in the model folder holds keyed hashes (BLAKE2b with a random key of its own), not messages: whoever opens it
cannot read them, but can test a guess of a text and its day. It is private (0600) and is not exported.
"""

from __future__ import annotations

import os
import sys
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

from tui_lm import atomic_file
from tui_lm.errors import TuiLmError
from tui_lm.split import PARTS, Fractions, Part

FILE = "fingerprints.bin"
MAGIC = b"tui-lm messages 1\n"
KEY_BYTES, HASH_BYTES = 16, 8
DAY = 24 * 3600.0  # seconds; exports of one chat agree on the day of a message, if not always on its second

Hashes = array  # of unsigned 64-bit integers


class Marker:
    """Hashes messages in the order of an export. The same text again on one day is told apart by its number."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._day = -1
        self._seen: Counter[int] = Counter()  # of the latest day
        self._seen_without_time: Counter[int] = Counter()

    def mark(self, text: str, sent_at: float | None) -> int:
        """The hash of a message; its author is left out, because people rename their contacts."""
        day = -1 if sent_at is None else int(sent_at // DAY)
        if day > self._day:
            self._day = day
            self._seen.clear()
        seen = self._seen if day >= 0 else self._seen_without_time
        first = self._hash(f"{day}\n{text}")
        seen[first] += 1
        return first if seen[first] == 1 else self._hash(f"{day} {seen[first]}\n{text}")

    def _hash(self, text: str) -> int:
        data = text.encode("utf-8", "surrogatepass")
        return int.from_bytes(blake2b(data, key=self._key, digest_size=HASH_BYTES).digest(), "little")


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """The hashes of the messages of each part, sorted."""

    key: bytes = field(default_factory=lambda: os.urandom(KEY_BYTES))
    parts: Mapping[Part, Hashes[int]] = field(default_factory=dict)

    def __len__(self) -> int:
        return sum(map(len, self.parts.values()))

    def part_of(self, mark: int) -> Part | None:
        """The part of a message that the model has seen; None for a new one."""
        for part, hashes in self.parts.items():
            index = bisect_left(hashes, mark)
            if index < len(hashes) and hashes[index] == mark:
                return part
        return None

    def divide(self, marks: Sequence[int], fractions: Fractions) -> list[Part]:
        """The part of each message of an export: its old one, or a share of the new messages, in time order."""
        parts = [self.part_of(mark) for mark in marks] if len(self) else [None] * len(marks)
        val, test = fractions.cuts(parts.count(None))
        new = 0
        divided: list[Part] = []
        for part in parts:
            divided.append(part or ("train" if new < val else "val" if new < test else "test"))
            new += part is None
        return divided

    def with_parts(self, parts: Mapping[Part, Iterable[int]]) -> Fingerprints:
        """These and more. A message that is known stays in its part."""
        merged = {}
        for part in PARTS:
            known, new = self.parts.get(part, ()), parts.get(part, ())
            merged[part] = array("Q", sorted({*known, *(mark for mark in new if self.part_of(mark) is None)}))
        return Fingerprints(self.key, merged)

    def save(self, folder: Path) -> None:
        """Write them, whole or not at all. Raises OSError on failure."""
        counts = [len(self.parts.get(part, ())) for part in PARTS]
        data = [_bytes(array("Q", [*counts, *(mark for part in PARTS for mark in self.parts.get(part, ()))]))]
        atomic_file.write(folder / FILE, b"".join([MAGIC, self.key, *data]))


def load(folder: Path) -> Fingerprints | None:
    """Those of a model folder; None if it has none. Raises TuiLmError if the file is damaged."""
    try:
        data = (folder / FILE).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise TuiLmError(f"{FILE} of the model cannot be read: {error.strerror}", "correct its permissions") from error
    start = len(MAGIC) + KEY_BYTES
    numbers = array("Q")
    if data.startswith(MAGIC) and len(data) >= start and (len(data) - start) % numbers.itemsize == 0:
        numbers.frombytes(data[start:])
        if sys.byteorder == "big":
            numbers.byteswap()
    counts, hashes = numbers[: len(PARTS)], numbers[len(PARTS) :]
    if len(counts) < len(PARTS) or sum(counts) != len(hashes):
        raise TuiLmError(
            f"{FILE} of the model is damaged",
            "delete the file; a training that goes on from this model then takes all messages for new ones",
        )
    parts = {}
    for part, count in zip(PARTS, counts, strict=True):
        parts[part], hashes = hashes[:count], hashes[count:]
    return Fingerprints(data[len(MAGIC) : start], parts)


def _bytes(numbers: Hashes[int]) -> bytes:
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()
