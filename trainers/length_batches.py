"""Batches of examples of similar length, so that little of a batch is padding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

SORTED = 16  # batches whose examples are sorted by length together


def shuffled(lengths: Sequence[int], batch_size: int, generator: np.random.Generator) -> Iterator[list[int]]:
    """The indices of all examples, in batches and in random order."""
    order, together = generator.permutation(len(lengths)), SORTED * batch_size
    cuts: list[list[int]] = []
    for at in range(0, len(order), together):
        cuts += in_order(lengths, batch_size, order[at : at + together].tolist())
    for number in generator.permutation(len(cuts)):
        yield cuts[number]


def in_order(lengths: Sequence[int], batch_size: int, chosen: Sequence[int] | None = None) -> Iterator[list[int]]:
    """The indices of all examples, or of those that are `chosen`, in batches from the shortest to the longest."""
    order = sorted(range(len(lengths)) if chosen is None else chosen, key=lengths.__getitem__)
    for at in range(0, len(order), batch_size):
        yield order[at : at + batch_size]
