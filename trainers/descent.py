"""Gradient descent by the part of the text that a step sees: one example, a batch, or all of it. No torch."""

from __future__ import annotations

from dataclasses import replace

from trainers.config import TrainingConfig
from trainers.plan import epochs


def with_descent(config: TrainingConfig, tokens: int, *, steps_given: bool) -> TrainingConfig:
    """The plan of a run with its steps as `config.descent` makes them, on a text of `tokens` tokens.

    A stochastic step sees one sequence, so there are as many more of them as a batch holds; a step of batch gradient
    descent sees the whole text, so there are as many as the plan has passes. A number of steps that the user has given
    stays.
    """
    if config.descent == "stochastic":
        steps = None if config.steps is None else config.steps * (1 if steps_given else config.task.batch)
        return replace(config, task=config.task.with_batch(1), steps=steps)
    if config.descent == "batch" and config.steps is not None and not steps_given:
        return replace(config, steps=max(1, round(epochs(config, tokens))))
    return config
