"""Tagging in training: batches of sentences, the CRF's log-likelihood, a tagged sentence as sample."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from trainers import device as devices
from trainers.data import IGNORED
from trainers.length_batches import in_order, shuffled
from trainers.task_settings import TagSettings
from tui_lm.architecture import Tagger
from tui_lm.architecture.tagger import character_row
from tui_lm.checkpoint import SavedModel
from tui_lm.corpus import Corpus
from tui_lm.events import Sampled
from tui_lm.models.model import Model, State
from tui_lm.models.tagger import Spelled
from tui_lm.runtime.tagger import TaggerRuntime
from tui_lm.tagged_sentences import TaggedSentence
from tui_lm.tagging.words import word_ids
from tui_lm.tokenizers import Tokenizer
from tui_lm.tokenizers.word import WordTokenizer

VALIDATED = 64  # sentences of a validation batch
LONGEST = 200  # words; the rest of a longer sentence is not learned from


@dataclass(frozen=True, slots=True)
class SentenceBatch:
    """`inputs` and `targets` [T, B], and the spelling of the words. Padding of `targets` is ignored."""

    inputs: Tensor
    spelled: Spelled
    targets: Tensor

    def part(self, columns: slice) -> SentenceBatch:
        """Some of the sentences: the share of one process."""
        own = self.spelled._replace(
            lengths=self.spelled.lengths[columns], which=self.spelled.which[:, columns].contiguous()
        )
        return SentenceBatch(self.inputs[:, columns], own, self.targets[:, columns])


@dataclass(frozen=True, slots=True)
class Sentences:
    """The words of sentences, their ids and the numbers of their tags."""

    words: Sequence[Sequence[str]]
    ids: Sequence[Sequence[int]]
    tags: Sequence[Sequence[int]]

    @classmethod
    def of(cls, sentences: Sequence[TaggedSentence], labels: Sequence[str], table: WordTokenizer) -> Sentences:
        """Sentences with a tag that `labels` does not have are left out."""
        numbers = {label: number for number, label in enumerate(labels)}
        known = [sentence for sentence in sentences if all(tag in numbers for tag in sentence.tags)]
        words = [sentence.tokens[:LONGEST] for sentence in known]
        tags = [[numbers[tag] for tag in sentence.tags[:LONGEST]] for sentence in known]
        return cls(words, [word_ids(table, row) for row in words], tags)

    def __len__(self) -> int:
        return len(self.words)

    @property
    def size(self) -> int:
        """The number of words."""
        return sum(map(len, self.words))

    @property
    def lengths(self) -> list[int]:
        return [len(ids) for ids in self.ids]

    def batch(self, chosen: Sequence[int]) -> SentenceBatch:
        distinct: dict[str, int] = {}
        which = [torch.tensor([distinct.setdefault(word, len(distinct)) for word in self.words[i]]) for i in chosen]
        spelled = [torch.tensor([character_row(c) for c in word]) for word in distinct]
        return SentenceBatch(
            pad_sequence([torch.tensor(self.ids[i]) for i in chosen]),
            Spelled(
                torch.tensor([len(self.ids[i]) for i in chosen]),
                pad_sequence(spelled),
                torch.tensor([len(row) for row in spelled]),
                pad_sequence(which),
            ),
            pad_sequence([torch.tensor(self.tags[i]) for i in chosen], padding_value=IGNORED),
        )


@dataclass(frozen=True, slots=True)
class TaggedTask:
    """Without a validation part the training part is evaluated."""

    labels: tuple[str, ...]
    train: Sentences
    valid: Sentences

    @classmethod
    def of(cls, labels: tuple[str, ...], corpus: Corpus, tokenizer: Tokenizer) -> TaggedTask:
        assert isinstance(tokenizer, WordTokenizer)
        train, valid = (Sentences.of(corpus.tagged[part], labels, tokenizer) for part in ("train", "val"))
        return cls(labels, train, valid if len(valid) else train)

    @property
    def train_tokens(self) -> int:
        return self.train.size

    @property
    def valid_tokens(self) -> int:
        return self.valid.size

    @property
    def evaluated_tokens(self) -> int:
        return self.valid.size

    def fitted(self, settings: TagSettings) -> TagSettings:
        return replace(settings, batch_size=max(1, min(settings.batch_size, len(self.train) // 4)))

    def steps_in_epoch(self, settings: TagSettings) -> int:
        return -(-len(self.train) // settings.batch_size)

    def epoch(self, settings: TagSettings, model: Model, generator: np.random.Generator) -> Iterator[SentenceBatch]:
        for chosen in shuffled(self.train.lengths, settings.batch_size, generator):
            yield self.train.batch(chosen)

    def loss(
        self, model: Model, batch: SentenceBatch, state: State | None, settings: TagSettings, device: str
    ) -> tuple[Tensor, State | None]:
        """-log p of the tags, a word."""
        spelled = Spelled(*(part.to(device) for part in batch.spelled))
        with devices.autocast(device):
            scores, _ = model(batch.inputs.to(device), spelled)
        tags = batch.targets.to(device).clamp(min=0)
        return model.crf.loss(scores, tags, spelled.lengths).sum() / batch.spelled.lengths.sum(), None

    def validate(self, model: Model, device: str) -> tuple[float, float | None]:
        """Nats a word."""
        model.eval()
        total = 0.0
        with torch.no_grad():
            for chosen in in_order(self.valid.lengths, VALIDATED):
                batch = self.valid.batch(chosen)
                loss, _ = self.loss(model, batch, None, TagSettings(), device)
                total += float(loss) * int(batch.spelled.lengths.sum())
        model.train()
        return total / max(1, self.valid.size), None

    def sample(self, model: SavedModel, step: int, seed: int) -> Sampled:
        """A random sentence of the validation part, with the tags that the network gives it now."""
        chosen = int(np.random.default_rng([seed, step]).integers(len(self.valid)))
        assert isinstance(model.card.architecture, Tagger)
        served = TaggerRuntime(model.card.architecture, model.weights)
        words = self.valid.words[chosen]
        tags, _ = served.chain.allowing(self.labels).viterbi(served.scores([words], [self.valid.ids[chosen]])[0])
        return Sampled(step, None, " ".join(f"{word}/{self.labels[t]}" for word, t in zip(words, tags, strict=True)))
