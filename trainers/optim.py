"""How weights move: AdamW, and a rate that warms up, falls in a straight line and is zero where training ends."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from trainers.config import TrainingConfig


def adamw(model: nn.Module, config: TrainingConfig, device: str) -> torch.optim.Optimizer:
    """AdamW (Loshchilov & Hutter 2019); biases and norms do not decay."""
    matrices = [weight for weight in model.parameters() if weight.dim() > 1]
    vectors = [weight for weight in model.parameters() if weight.dim() <= 1]
    return torch.optim.AdamW(
        [{"params": matrices, "weight_decay": config.weight_decay}, {"params": vectors, "weight_decay": 0.0}],
        lr=config.learning_rate,
        betas=config.betas,
        fused=device in ("cpu", "cuda"),
    )


@dataclass
class Schedule:
    """The learning rate of each step, from 0 to `end`. `end` is None while a time budget is being calibrated."""

    peak: float
    warmup: float  # share of the run
    end: int | None = None
    _bend: tuple[int, float] | None = None  # where the line to zero was begun anew, and the rate there

    def rate(self, step: int) -> float:
        if self.end is None:
            return self.peak * min(1.0, (step + 1) / 50)
        if self._bend is not None:
            start, rate = self._bend
            return rate * max(0.0, (self.end - step) / max(1, self.end - start))
        rising = (step + 1) / max(1.0, self.warmup * self.end)
        return self.peak * min(1.0, rising) * max(0.0, 1 - step / self.end)

    @property
    def winding_down(self) -> bool:
        return self._bend is not None

    def wind_down(self, step: int, steps: int) -> None:
        """Let the rate fall to zero within `steps` from here, earlier than was planned."""
        rate = self.rate(step)
        self.end, self._bend = step + steps, (step, rate)
