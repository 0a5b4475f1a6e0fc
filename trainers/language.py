"""Language modelling in training: batches of a stream of text, the cross-entropy of each next token, a sample."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from torch import Tensor
from torch.nn import functional as F

from trainers import device as devices
from trainers.cross_entropy import soft_cross_entropy
from trainers.data import (
    IGNORED,
    Batch,
    TextStream,
    fitting_batch_size,
    fitting_sequence_length,
    steps_in_epoch,
    stream_batches,
    window_batches,
)
from trainers.ids import Ids
from trainers.lesson import Lesson
from trainers.task_settings import StreamSettings, WindowSettings
from trainers.validation import MOST_TOKENS, validate
from tui_lm.checkpoint import SavedModel
from tui_lm.corpus import Corpus
from tui_lm.engine import Engine
from tui_lm.events import Sampled
from tui_lm.models.model import Model, State
from tui_lm.sampling import Sampler
from tui_lm.tokenizers import Tokenizer
from tui_lm.tokenizers.stream import WritingContext

SAMPLE = Sampler(temperature=0.7)
SAMPLE_TOKENS = 120
Settings = StreamSettings | WindowSettings


@dataclass(frozen=True, slots=True)
class LanguageTask:
    """Without a validation part the training part is evaluated."""

    train: TextStream
    valid: TextStream
    lossless: bool  # whether the tokenizer loses nothing, so that bits per character can be computed

    @classmethod
    def of(cls, corpus: Corpus, tokenizer: Tokenizer) -> LanguageTask:
        train = TextStream.of(corpus.utterances["train"], tokenizer, corpus.kind)
        valid = TextStream.of(corpus.utterances["val"], tokenizer, corpus.kind)
        return cls(train, valid if valid.units else train, tokenizer.lossless)

    def taught(self, lesson: Lesson) -> LanguageTask:
        """The task of a student, whose training text and targets are the teacher's lesson."""
        ids = Ids(lesson.ids)
        return replace(self, train=replace(self.train, ids=ids, units=lesson.units, soft=lesson.targets))

    @property
    def train_tokens(self) -> int:
        return len(self.train)

    @property
    def valid_tokens(self) -> int:
        return len(self.valid)

    @property
    def evaluated_tokens(self) -> int:
        return min(MOST_TOKENS, len(self.valid))

    def fitted(self, settings: Settings) -> Settings:
        length = fitting_sequence_length(len(self.train), settings.sequence_length)
        batch_size = fitting_batch_size(len(self.train), settings.batch_size, length)
        return replace(settings, sequence_length=length, batch_size=batch_size)

    def steps_in_epoch(self, settings: Settings) -> int:
        return steps_in_epoch(self.train, settings.batch_size, settings.sequence_length)

    def epoch(self, settings: Settings, model: Model, generator: np.random.Generator) -> Iterator[Batch]:
        device = str(next(model.parameters()).device)  # blocks of batches are moved there at once
        if isinstance(settings, WindowSettings):
            return window_batches(self.train, settings, generator, device)
        return stream_batches(self.train, settings, generator, device)

    def loss(
        self, model: Model, batch: Batch, state: State | None, settings: Settings, device: str
    ) -> tuple[Tensor, State | None]:
        state = None if state is None else model.carry(state, batch.fresh.to(device))
        with devices.autocast(device):
            logits, state = model(batch.inputs.to(device), state)
        targets = batch.targets.to(device).flatten()
        if batch.soft is not None:
            ids, shares = (part.to(device).flatten(0, 1) for part in batch.soft)
            return soft_cross_entropy(logits.float().flatten(0, 1), ids, shares, targets != IGNORED), state
        return F.cross_entropy(logits.float().flatten(0, 1), targets, ignore_index=IGNORED), state

    def validate(self, model: Model, device: str) -> tuple[float, float | None]:
        nats, bits = validate(model, self.valid, device)
        return nats, bits if self.lossless else None

    def sample(self, model: SavedModel, step: int, seed: int) -> Sampled:
        """A message by a random author, or the beginning of a text."""
        engine = Engine(model)
        authors = engine.authors or (None,)
        chance = np.random.default_rng([seed, step])
        author = authors[chance.integers(len(authors))] if engine.kind == "chat" else None
        answer = engine.generate(WritingContext(author=author), sampler=SAMPLE, max_new_tokens=SAMPLE_TOKENS, seed=step)
        return Sampled(step, author, answer.text)
