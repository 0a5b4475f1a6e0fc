"""Batches of examples of similar length."""

from __future__ import annotations

import numpy as np

from trainers.length_batches import in_order, shuffled

LENGTHS = [int(length) for length in np.random.default_rng(0).integers(1, 100, 1003)]


def test_every_example_is_in_one_batch() -> None:
    for batches in (shuffled(LENGTHS, 8, np.random.default_rng(1)), in_order(LENGTHS, 8)):
        found = [index for batch in batches for index in batch]
        assert sorted(found) == [*range(len(LENGTHS))]


def test_little_of_a_batch_is_padding() -> None:
    batches = [[LENGTHS[i] for i in batch] for batch in shuffled(LENGTHS, 8, np.random.default_rng(1))]
    padded = sum(max(batch) * len(batch) for batch in batches)
    assert padded < 1.15 * sum(LENGTHS)


def test_the_order_is_random_and_the_same_for_the_same_seed() -> None:
    first, again, other = (list(shuffled(LENGTHS, 8, np.random.default_rng(seed))) for seed in (1, 1, 2))
    assert first == again != other
    assert first != list(in_order(LENGTHS, 8))
