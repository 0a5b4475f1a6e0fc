"""Translation in training: predict each next token of a target from its source and the target so far.

Shapes: S source, T time, B sentences. A batch holds sentences of similar length, so that little of it is padding; all
batches hold about the same number of tokens.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from trainers import device as devices
from trainers.cross_entropy import cross_entropy
from trainers.data import IGNORED
from trainers.task_settings import ReplySettings, TranslationSettings
from tui_lm import runtime
from tui_lm.checkpoint import SavedModel
from tui_lm.corpus import Corpus
from tui_lm.events import Sampled
from tui_lm.models.model import Model, State
from tui_lm.sentence_pairs import Pair
from tui_lm.tokenizers import Tokenizers
from tui_lm.tokenizers.specials import BEGIN, END

LONGEST = 256  # tokens of a side; longer sentences are omitted
JITTER = 2.0  # tokens of noise on the lengths that sentences are sorted by, so that batches differ between epochs
SAMPLE_TOKENS = 60
FEWEST_BATCHES = 4  # of an epoch, however few the sentences
SMALL_BATCH = 64  # tokens of a batch, however few the sentences
Ids = NDArray[np.int64]
Settings = TranslationSettings | ReplySettings


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
        """The lengths of sources and targets [2, examples]."""
        ...

    def batches(self, tokens: int, generator: np.random.Generator | None) -> Iterator[PairBatch]:
        """All examples once, in batches of at most `tokens` on either side; in random order with a generator."""
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
    """The indices of all pairs in groups of similar length; `lengths` [2, pairs] are those of their sides.

    A group has at most `tokens` on either side, padding included; with a generator the order is random.
    """
    source, target = lengths
    if generator is not None:
        source = source + generator.uniform(-JITTER, JITTER, len(source))
        target = target + generator.uniform(-JITTER, JITTER, len(target))
    order = np.lexsort((target, np.round(source)))
    longest_side = lengths.max(axis=0)
    cuts = [0]
    longest = 0.0
    for index, length in enumerate(longest_side[order]):
        longest = max(longest, length)
        if index > cuts[-1] and (index - cuts[-1] + 1) * longest > tokens:
            cuts.append(index)
            longest = length
    groups = np.split(order, cuts[1:])
    for number in range(len(groups)) if generator is None else generator.permutation(len(groups)):
        yield groups[number]


def _padded(rows: Sequence[Ids], padding: int) -> Tensor:
    """The rows as columns [longest, B]."""
    table = np.full((max(map(len, rows)), len(rows)), padding, dtype=np.int64)
    for column, ids in enumerate(rows):
        table[: len(ids), column] = ids
    return torch.from_numpy(table)


@dataclass(frozen=True, slots=True)
class PairTask:
    """Without a validation part the training part is evaluated."""

    train: Examples
    valid: Examples
    show: Callable[[SavedModel, np.random.Generator], tuple[str | None, str]]  # a sample: author, text
    units: int | None = None  # characters of the validation targets, and one end each; None: bits are not computed

    @classmethod
    def of(cls, corpus: Corpus, tokenizers: Tokenizers) -> PairTask:
        evaluated = corpus.pairs["val"] or corpus.pairs["train"]
        return cls(
            Sentences.of(corpus.pairs["train"], tokenizers),
            Sentences.of(evaluated, tokenizers),
            _Translated([pair.source for pair in evaluated]),
        )

    @property
    def train_tokens(self) -> int:
        return int(self.train.lengths()[1].sum())

    @property
    def valid_tokens(self) -> int:
        return int(self.valid.lengths()[1].sum())

    @property
    def evaluated_tokens(self) -> int:
        return self.valid_tokens

    def fitted(self, settings: Settings) -> Settings:
        most = self.train_tokens // (FEWEST_BATCHES * SMALL_BATCH) * SMALL_BATCH
        return settings.with_batch(min(settings.batch_tokens, max(SMALL_BATCH, most)))

    def steps_in_epoch(self, settings: Settings) -> int:
        longest = self.train.lengths().max(axis=0, initial=1)
        return max(1, round(float(longest.sum()) / settings.batch_tokens))

    def epoch(self, settings: Settings, model: Model, generator: np.random.Generator) -> Iterator[PairBatch]:
        return self.train.batches(settings.batch_tokens, generator)

    def loss(
        self, model: Model, batch: PairBatch, state: State | None, settings: Settings, device: str
    ) -> tuple[Tensor, State | None]:
        logits, targets = _logits(model, batch, device)
        return cross_entropy(logits, targets, settings.label_smoothing), None

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
    """A random one of the `sources`, and its greedy translation."""

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
