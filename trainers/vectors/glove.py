"""GloVe (Pennington, Socher & Manning 2014): weighted least squares on the logarithms of co-occurrence counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from trainers.vectors.cooccurrence import Counts, cooccurrences, harmonic
from trainers.vectors.negative_sampling import add_rows
from trainers.vectors.settings import GloveSettings
from trainers.vectors.text import WordStream


@dataclass(slots=True)
class GloveTables:
    """`words` and `contexts` [V, D + 1], the last column is the bias; the sums of their squared gradients (AdaGrad)."""

    words: Tensor
    contexts: Tensor
    words_squared: Tensor
    contexts_squared: Tensor

    @classmethod
    def new(cls, words: int, dim: int, seed: int) -> GloveTables:
        generator = torch.Generator().manual_seed(seed)
        first, second = ((torch.rand(words, dim + 1, generator=generator) - 0.5) / (dim + 1) for _ in range(2))
        return cls(first, second, torch.ones(words, dim + 1), torch.ones(words, dim + 1))

    def vectors(self) -> Tensor:
        """The sum of the vectors of a word as word and as context, as the paper recommends."""
        return (self.words + self.contexts)[:, :-1]


class GloveCounts:
    """The counts of a text in random order. Batch i of epoch e depends on the seed, e and i alone."""

    def __init__(self, stream: WordStream, settings: GloveSettings, seed: int) -> None:
        self.counts: Counts = cooccurrences(stream, settings.window, harmonic)
        self.settings, self.seed = settings, seed
        self._order = (-1, np.zeros(0, np.int64))

    @property
    def steps_in_epoch(self) -> int:
        return max(1, -(-len(self.counts.values) // self.settings.batch_counts))

    def batch(self, step: int) -> tuple[Tensor, Tensor, Tensor]:
        """(rows, columns, counts)."""
        epoch, index = divmod(step, self.steps_in_epoch)
        if self._order[0] != epoch:
            self._order = (epoch, np.random.default_rng([self.seed, epoch]).permutation(len(self.counts.values)))
        size = self.settings.batch_counts
        chosen = self._order[1][index * size : (index + 1) * size]
        rows, columns, values = (torch.from_numpy(each[chosen]) for each in self.counts)
        return rows, columns, values.float()


def glove(
    tables: GloveTables, rows: Tensor, columns: Tensor, counts: Tensor, settings: GloveSettings, rate: float
) -> float:
    """One AdaGrad step down the gradient of 1/2 f(x) (w c + b + b' - log x)^2; returns its mean.

    Gradients of a batch are summed, and their squares are added before the step, so that a frequent word, which occurs
    many times in a batch, moves no further than `rate` times the root of its occurrences.
    """
    word, context = tables.words.index_select(0, rows), tables.contexts.index_select(0, columns)
    error = (word[:, :-1] * context[:, :-1]).sum(1) + word[:, -1] + context[:, -1] - counts.log()
    weighted = (counts / settings.x_max).clamp(max=1) ** settings.weight_exponent * error
    of_word = weighted[:, None] * torch.cat([context[:, :-1], torch.ones(len(rows), 1)], 1)
    of_context = weighted[:, None] * torch.cat([word[:, :-1], torch.ones(len(rows), 1)], 1)
    for table, squared, index, gradient in (
        (tables.words, tables.words_squared, rows, of_word),
        (tables.contexts, tables.contexts_squared, columns, of_context),
    ):
        add_rows(squared, index, gradient**2)
        add_rows(table, index, -rate * gradient * squared.index_select(0, index).rsqrt())
    return float((weighted * error).sum() / 2 / len(rows))
