"""The batches of a text for negative sampling: subsampled words, their windows, and noise."""

from __future__ import annotations

import numpy as np
import torch

from trainers.vectors.negative_sampling import BLOCK, NOTHING, SHARED, Batch, Drawn
from trainers.vectors.settings import NegativeSamplingSettings
from trainers.vectors.text import WordStream


class Windows:
    """Batch i of epoch e depends on the seed, e and i alone, so a run continues from any step."""

    def __init__(self, stream: WordStream, settings: NegativeSamplingSettings, seed: int) -> None:
        self.stream, self.settings, self.seed = stream, settings, seed
        self.kept = stream.kept_share(settings.subsampling)
        self.noise = stream.noise(settings.noise_exponent)
        self._order = (-1, np.zeros(0, np.int64))

    @property
    def steps_in_epoch(self) -> int:
        return max(1, -(-len(self.stream) // self.settings.batch_words))

    def batch(self, step: int) -> Batch:
        return Batch.of(self.drawn(step), self.settings.window)

    def drawn(self, step: int) -> Drawn:
        """A run of the text that no other step of the epoch reads; the runs of an epoch come in random order."""
        epoch, index = divmod(step, self.steps_in_epoch)
        if self._order[0] != epoch:
            self._order = (epoch, np.random.default_rng([self.seed, epoch]).permutation(self.steps_in_epoch))
        chance = np.random.default_rng([self.seed, epoch, index])
        size = self.settings.batch_words
        begin = int(self._order[1][index]) * size
        words, texts = self.stream.words[begin : begin + size], self.stream.texts[begin : begin + size]
        stays = chance.random(len(words)) < self.kept[words]
        words, texts = words[stays], texts[stays]
        missing = -len(words) % BLOCK or (BLOCK if not len(words) else 0)
        reach = chance.integers(1, self.settings.window + 1, len(words) + missing)
        words, texts = (np.pad(each, (0, missing), constant_values=NOTHING) for each in (words, texts))
        noise = np.searchsorted(
            self.noise, chance.random((len(words) // BLOCK, SHARED[self.settings.objective])), side="right"
        )
        return Drawn(*map(torch.from_numpy, (words, texts, reach, noise)))
