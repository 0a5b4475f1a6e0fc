"""The interface of every family to training. Shapes: T time, B batch, V vocabulary."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from torch import Tensor, nn

State = tuple[Any, ...]
"""What a network carries from one chunk of text to the next; empty where it carries nothing."""


class Model(nn.Module, ABC):
    """The training pass of a family: always logits; the loss lives in the trainer.

    `context` is the most tokens of one pass, or None where the state is carried from chunk to chunk.
    """

    context: int | None = None

    @abstractmethod
    def forward(self, inputs: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Token ids [T, B] and the state after the chunk before -> logits [T, B, V] and the state after this one."""

    @abstractmethod
    def carry(self, state: State, fresh: Tensor) -> State:
        """The state for the next chunk: cut off from its past, and zero for the streams [B] that are `fresh`."""
