"""The split of a corpus into training, validation and test parts, as percentages."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, TypeVar

from tui_lm.errors import TuiLmError

T = TypeVar("T")
Part = Literal["train", "val", "test"]
PARTS: tuple[Part, ...] = ("train", "val", "test")
ROUNDING = 0.1001  # percentage points by which three rounded shares may miss 100
PRECISION = 1000  # a share counts in thousandths of a per cent, so that a cut is exact integer arithmetic


@dataclass(frozen=True, slots=True)
class Fractions:
    """Shares of train, val and test in per cent, to three decimals. They sum to 100."""

    train: float = 90
    val: float = 5
    test: float = 5

    @classmethod
    def parse(cls, text: str) -> Fractions:
        """From "90,5,5" or "94.7,5.3,0". Raises TuiLmError unless the shares sum to 100 within rounding."""
        try:
            train, val, test = (float(part) for part in text.split(","))
        except ValueError:
            train = val = test = math.nan
        total = train + val + test
        if not (min(train, val, test) >= 0 and train > 0 and abs(total - 100) <= ROUNDING):
            raise TuiLmError(
                f"a split is three shares that sum to 100, not {text!r}",
                "for example 90,5,5 or 94.7,5.3,0",
                exit_code=2,
                about="split",
            )
        return cls(*(_whole(round(100 * share / total, 3)) for share in (train, val, test)))

    def without(self, *parts: Part) -> Fractions:
        """These shares when `parts` come from other files; their share goes to the training part."""
        val, test = (0 if part in parts else getattr(self, part) for part in ("val", "test"))
        return Fractions(_whole(round(100 - val - test, 3)), val, test)

    def cuts(self, length: int) -> tuple[int, int]:
        """The indices at which val and test begin among `length` items in time order."""
        train, val = round(self.train * PRECISION), round(self.val * PRECISION)
        whole = 100 * PRECISION
        return length * train // whole, length * (train + val) // whole if self.test else length

    def part_of(self, key: str, seed: int) -> Part:
        """The part of a sentence pair, by a hash of its source that is the same on every machine."""
        digest = hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8, salt=seed.to_bytes(8, "big"))
        percentile = int.from_bytes(digest.digest(), "big") % 10_000 / 100
        if percentile < self.train:
            return "train"
        return "val" if percentile < self.train + self.val or not self.test else "test"

    def parted(self, examples: Iterable[T], key: Callable[[T], str], seed: int) -> dict[Part, list[T]]:
        """The examples of each part: those with an equal key stay together."""
        parts: dict[Part, list[T]] = {part: [] for part in PARTS}
        for example in examples:
            parts[self.part_of(key(example), seed)].append(example)
        return parts


def _whole(share: float) -> float:
    """An integer for a share without decimals: cards of 0.1.0 hold integers."""
    return int(share) if share == int(share) else share
