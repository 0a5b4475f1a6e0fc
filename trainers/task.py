"""What a network is taught: batches of one kind of text, a loss on them, a judgement on text that it has not seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
from torch import Tensor

from trainers.config import TrainingConfig
from tui_lm.checkpoint import SavedModel
from tui_lm.events import Sampled
from tui_lm.models.model import Model, State


class Task(Protocol):
    """A batch is whatever `epoch` yields and `loss` takes; the loop hands it from the one to the other."""

    @property
    def train_tokens(self) -> int: ...

    @property
    def valid_tokens(self) -> int: ...

    @property
    def judged_tokens(self) -> int:
        """Those that an evaluation reads."""
        ...

    def fitted(self, config: TrainingConfig) -> TrainingConfig:
        """The config with batches that this text can fill."""
        ...

    def steps_in_epoch(self, config: TrainingConfig) -> int: ...

    def epoch(self, config: TrainingConfig, model: Model, generator: np.random.Generator) -> Iterator[Any]:
        """One pass over the training text. All chance comes from `generator`, so that an epoch can be read again."""
        ...

    def loss(
        self, model: Model, batch: Any, state: State | None, config: TrainingConfig, device: str
    ) -> tuple[Tensor, State | None]:
        """The mean loss in nats a predicted token, and the state that the next batch begins with."""
        ...

    def validate(self, model: Model, device: str) -> tuple[float, float | None]:
        """(nats a predicted token, bits a character where that can be said) on the validation part."""
        ...

    def sample(self, model: SavedModel, step: int, seed: int) -> Sampled:
        """What the model writes now, for whoever watches."""
        ...
