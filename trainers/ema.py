"""An exponential moving average of the weights, which is evaluated and kept in place of the last weights.

At any moment it does for a noisy run what a falling learning rate does at the end (Polyak & Juditsky 1992).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class Ema:
    """`steps` is about how many steps the average spans; 0 turns it off, and the weights themselves are used."""

    def __init__(self, model: nn.Module, steps: int) -> None:
        self.steps = steps
        self._own = list(model.parameters()) if steps else []
        self._mean = [parameter.detach().clone() for parameter in self._own]

    def update(self, step: int) -> None:
        """Include the weights after `step` steps. Early in a run the average spans fewer steps."""
        if self._own:
            weight = max(1 / self.steps, 1 / (1 + step / 4))
            torch._foreach_lerp_(self._mean, [parameter.detach() for parameter in self._own], weight)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Inside, the model has the averaged weights."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    def _swap(self) -> None:
        with torch.no_grad():
            for own, mean in zip(self._own, self._mean, strict=True):
                kept = own.clone()
                own.copy_(mean)
                mean.copy_(kept)

    def tensors(self) -> dict[str, Tensor]:
        return {str(number): mean for number, mean in enumerate(self._mean)}

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        for number, mean in enumerate(self._mean):
            mean.copy_(tensors[str(number)])
