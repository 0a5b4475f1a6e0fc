"""Language modelling: to predict each next token of one long stream, a chat or a text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from torch import Tensor
from torch.nn import functional as F

from trainers import device as devices
from trainers.config import TrainingConfig
from trainers.data import IGNORED, Batch, TextStream, epoch, fitting_chunk, fitting_streams, steps_in_epoch, windows
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


@dataclass(frozen=True, slots=True)
class LanguageTask:
    """Without a validation part the training part is what is judged on."""

    train: TextStream
    valid: TextStream
    lossless: bool  # whether the tokenizer loses nothing, so that bits a character can be counted

    @classmethod
    def of(cls, corpus: Corpus, tokenizer: Tokenizer) -> LanguageTask:
        train = TextStream.of(corpus.utterances["train"], tokenizer, corpus.kind)
        valid = TextStream.of(corpus.utterances["val"], tokenizer, corpus.kind)
        return cls(train, valid if valid.units else train, tokenizer.lossless)

    @property
    def train_tokens(self) -> int:
        return len(self.train)

    @property
    def valid_tokens(self) -> int:
        return len(self.valid)

    @property
    def judged_tokens(self) -> int:
        return min(MOST_TOKENS, len(self.valid))

    def fitted(self, config: TrainingConfig) -> TrainingConfig:
        chunk = fitting_chunk(len(self.train), config.chunk)
        return replace(config, chunk=chunk, streams=fitting_streams(len(self.train), config.streams, chunk))

    def steps_in_epoch(self, config: TrainingConfig) -> int:
        return steps_in_epoch(self.train, config.streams, config.chunk)

    def epoch(self, config: TrainingConfig, model: Model, generator: np.random.Generator) -> Iterator[Batch]:
        reading = epoch if model.context is None else windows
        device = str(next(model.parameters()).device)  # where a block of batches is brought at once
        return reading(self.train, config.streams, config.chunk, config.reset, config.unnamed, generator, device)

    def loss(
        self, model: Model, batch: Batch, state: State | None, config: TrainingConfig, device: str
    ) -> tuple[Tensor, State | None]:
        state = None if state is None else model.carry(state, batch.fresh.to(device))
        with devices.autocast(device):
            logits, state = model(batch.inputs.to(device), state)
        targets = batch.targets.to(device).flatten()
        return F.cross_entropy(logits.float().flatten(0, 1), targets, ignore_index=IGNORED), state

    def validate(self, model: Model, device: str) -> tuple[float, float | None]:
        nats, bits = validate(model, self.valid, device)
        return nats, bits if self.lossless else None

    def sample(self, model: SavedModel, step: int, seed: int) -> Sampled:
        """A message by the authors in turn, or the beginning of a text."""
        engine = Engine(model)
        authors = engine.authors or (None,)
        chance = np.random.default_rng([seed, step])
        author = authors[chance.integers(len(authors))] if engine.kind == "chat" else None
        answer = engine.generate(WritingContext(author=author), sampler=SAMPLE, max_new_tokens=SAMPLE_TOKENS, seed=step)
        return Sampled(step, author, answer.text)
