"""A task in training: batches of one kind of example, a loss, and an evaluation on the validation part."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol, TypeVar

import numpy as np
from torch import Tensor

from trainers.task_settings import TaskSettings
from tui_lm.checkpoint import SavedModel
from tui_lm.events import Sampled
from tui_lm.models.model import Model, State

S = TypeVar("S", bound=TaskSettings)


class Task(Protocol[S]):
    """A batch is what `epoch` yields and `loss` takes; the loop only hands it on.

    With several processes it needs `targets` [T, B] and `part(columns)`, as `ranks.Columns` says.
    """

    @property
    def train_tokens(self) -> int: ...

    @property
    def valid_tokens(self) -> int: ...

    @property
    def evaluated_tokens(self) -> int:
        """The number of tokens that an evaluation reads."""
        ...

    def fitted(self, settings: S) -> S:
        """The settings with batches that this text can fill."""
        ...

    def steps_in_epoch(self, settings: S) -> int: ...

    def epoch(self, settings: S, model: Model, generator: np.random.Generator) -> Iterator[Any]:
        """The batches of one pass over the training text. They depend on `generator` alone, so that they can be
        repeated."""
        ...

    def loss(
        self, model: Model, batch: Any, state: State | None, settings: S, device: str
    ) -> tuple[Tensor, State | None]:
        """The mean loss in nats a predicted token, and the state that the next batch begins with."""
        ...

    def validate(self, model: Model, device: str) -> tuple[float, float | None]:
        """(nats a predicted token, bits a character or None) on the validation part."""
        ...

    def sample(self, model: SavedModel, step: int, seed: int) -> Sampled:
        """A text that the model writes now."""
        ...
