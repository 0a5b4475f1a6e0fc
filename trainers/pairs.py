"""Learning to translate: to predict each next token of a target, given its source and the target so far.

Shapes: S source, T time, B sentences. Sentences of like length share a batch of about as many tokens as any other, so
that little of it is padding.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from trainers import device as devices
from trainers.config import TrainingConfig
from trainers.cross_entropy import cross_entropy
from trainers.data import IGNORED
from tui_lm import runtime
from tui_lm.checkpoint import SavedModel
from tui_lm.corpus import Corpus
from tui_lm.events import Sampled
from tui_lm.models.model import Model, State
from tui_lm.sentence_pairs import Pair
from tui_lm.tokenizers import Tokenizers
from tui_lm.tokenizers.specials import BEGIN, END

LONGEST = 256  # tokens of a side; longer sentences are not learned from
JITTER = 2.0  # tokens: how far from their length sentences are sorted, so that batches differ between epochs
SAMPLE_TOKENS = 60
Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PairBatch:
    """`source` [S, B] with its `lengths` [B]; `inputs` and `targets` [T, B]. Sources and targets end with `</s>`."""

    source: Tensor
    lengths: Tensor
    inputs: Tensor
    targets: Tensor

    @classmethod
    def of(cls, sources: Sequence[Ids], targets: Sequence[Ids]) -> PairBatch:
        wanted = _padded(targets, IGNORED)
        inputs = torch.where(wanted == IGNORED, END, wanted).roll(1, dims=0)
        inputs[0] = BEGIN
        return cls(_padded(sources, END), torch.tensor([len(ids) for ids in sources]), inputs, wanted)

    def part(self, columns: slice) -> PairBatch:
        """Some of the sentences."""
        return PairBatch(
            self.source[:, columns], self.lengths[columns], self.inputs[:, columns], self.targets[:, columns]
        )


class Examples(Protocol):
    """Sources with their targets."""

    def __len__(self) -> int: ...

    def lengths(self) -> NDArray[np.float64]:
        """Of source and target [2, examples]."""
        ...

    def batches(self, tokens: int, generator: np.random.Generator | None) -> Iterator[PairBatch]:
        """All of them once, in batches of at most `tokens` on either side; in random order with a generator."""
        ...


@dataclass(frozen=True, slots=True)
class Sentences:
    """The ids of one part of a corpus: each source with its target, both without `<s>` and with `</s>`."""

    sources: Sequence[Ids]
    targets: Sequence[Ids]

    @classmethod
    def of(cls, pairs: Sequence[Pair], tokenizers: Tokenizers) -> Sentences:
        sources = [np.array([*tokenizers.source.encode(pair.source), END]) for pair in pairs]
        targets = [np.array([*tokenizers.target.encode(pair.target), END]) for pair in pairs]
        kept = [i for i in range(len(pairs)) if len(sources[i]) <= LONGEST and len(targets[i]) <= LONGEST]
        return cls([sources[i] for i in kept], [targets[i] for i in kept])

    def __len__(self) -> int:
        return len(self.sources)

    def lengths(self) -> NDArray[np.float64]:
        return np.array([[len(ids) for ids in side] for side in (self.sources, self.targets)], dtype=np.float64)

    def batches(self, tokens: int, generator: np.random.Generator | None) -> Iterator[PairBatch]:
        for chosen in bucketed(self.lengths(), tokens, generator):
            yield PairBatch.of([self.sources[i] for i in chosen], [self.targets[i] for i in chosen])


def bucketed(
    lengths: NDArray[np.float64], tokens: int, generator: np.random.Generator | None
) -> Iterator[NDArray[np.int64]]:
    """The places of all pairs, of whose sides these are the `lengths` [2, pairs], in groups of like length.

    A group has at most `tokens` on either side with its padding; with a generator the order is random.
    """
    source, target = lengths
    if generator is not None:
        source = source + generator.uniform(-JITTER, JITTER, len(source))
        target = target + generator.uniform(-JITTER, JITTER, len(target))
    order = np.lexsort((target, np.round(source)))
    longest_side = lengths.max(axis=0)
    cuts = [0]
    longest = 0.0
    for place, length in enumerate(longest_side[order]):
        longest = max(longest, length)
        if place > cuts[-1] and (place - cuts[-1] + 1) * longest > tokens:
            cuts.append(place)
            longest = length
    groups = np.split(order, cuts[1:])
    for number in range(len(groups)) if generator is None else generator.permutation(len(groups)):
        yield groups[number]


def _padded(rows: Sequence[Ids], padding: int) -> Tensor:
    """Ids side by side [longest, B]."""
    table = np.full((max(map(len, rows)), len(rows)), padding, dtype=np.int64)
    for column, ids in enumerate(rows):
        table[: len(ids), column] = ids
    return torch.from_numpy(table)


@dataclass(frozen=True, slots=True)
class PairTask:
    """Without a validation part the training part is what is judged on."""

    train: Examples
    valid: Examples
    show: Callable[[SavedModel, np.random.Generator], tuple[str | None, str]]  # for whoever watches: who says what
    units: int | None = None  # characters of the validation targets, and an end each, where bits can be counted

    @classmethod
    def of(cls, corpus: Corpus, tokenizers: Tokenizers) -> PairTask:
        judged = corpus.pairs["val"] or corpus.pairs["train"]
        return cls(
            Sentences.of(corpus.pairs["train"], tokenizers),
            Sentences.of(judged, tokenizers),
            _Translated([pair.source for pair in judged]),
        )

    @property
    def train_tokens(self) -> int:
        return int(self.train.lengths()[1].sum())

    @property
    def valid_tokens(self) -> int:
        return int(self.valid.lengths()[1].sum())

    @property
    def judged_tokens(self) -> int:
        return self.valid_tokens

    def fitted(self, config: TrainingConfig) -> TrainingConfig:
        enough = self.train_tokens // (4 * config.chunk)  # a few batches an epoch, however few the sentences
        return replace(config, streams=max(1, min(config.streams, enough)))

    def steps_in_epoch(self, config: TrainingConfig) -> int:
        longest = self.train.lengths().max(axis=0, initial=1)
        return max(1, round(float(longest.sum()) / (config.streams * config.chunk)))

    def epoch(self, config: TrainingConfig, model: Model, generator: np.random.Generator) -> Iterator[PairBatch]:
        return self.train.batches(config.streams * config.chunk, generator)

    def loss(
        self, model: Model, batch: PairBatch, state: State | None, config: TrainingConfig, device: str
    ) -> tuple[Tensor, State | None]:
        logits, targets = _logits(model, batch, device)
        return cross_entropy(logits, targets, config.smoothing), None

    def validate(self, model: Model, device: str) -> tuple[float, float | None]:
        total, count = 0.0, 0
        model.eval()
        with torch.no_grad():
            for batch in self.valid.batches(4096, None):
                logits, targets = _logits(model, batch, device)
                predicted = int((targets != IGNORED).sum())
                total += cross_entropy(logits, targets).item() * predicted
                count += predicted
        model.train()
        return total / max(1, count), total / math.log(2) / self.units if self.units else None

    def sample(self, model: SavedModel, step: int, seed: int) -> Sampled:
        return Sampled(step, *self.show(model, np.random.default_rng([seed, step])))


@dataclass(frozen=True, slots=True)
class _Translated:
    """One of the `sources` by chance, and what it becomes."""

    sources: Sequence[str]

    def __call__(self, model: SavedModel, generator: np.random.Generator) -> tuple[None, str]:
        source = self.sources[int(generator.integers(len(self.sources)))]
        served = runtime.create(model.card.architecture, model.weights)
        tokens: list[int] = []
        logits, state = served.prefill([*model.tokenizers.source.encode(source), END])
        while (best := int(logits[0].argmax())) != END and len(tokens) < SAMPLE_TOKENS:
            tokens.append(best)
            logits, state = served.step([best], state)
        return None, f"{source} \N{RIGHTWARDS ARROW} {model.tokenizer.decode(tokens)}"


def _logits(model: Model, batch: PairBatch, device: str) -> tuple[Tensor, Tensor]:
    """Logits [T B, V], and their targets [T B]."""
    with devices.autocast(device):
        state = model.encode(batch.source.to(device), batch.lengths.to(device))
        logits, _ = model(batch.inputs.to(device), state)
    return logits.flatten(0, 1), batch.targets.to(device).flatten()
