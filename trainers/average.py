"""Averages of the weights over the last steps, which are judged and kept in place of the last weights.

An exponential moving average (Polyak & Juditsky 1992) does for a noisy run what a falling rate does, at any moment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class Average:
    """`horizon` is about how many steps are averaged over; with 0 there is no average, and the weights stand."""

    def __init__(self, model: nn.Module, horizon: int) -> None:
        self.horizon = horizon
        self._own = list(model.parameters()) if horizon else []
        self._mean = [parameter.detach().clone() for parameter in self._own]

    def update(self, step: int) -> None:
        """Take the weights after `step` steps into account. Early on it averages over fewer."""
        if self._own:
            weight = max(1 / self.horizon, 1 / (1 + step / 4))
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
