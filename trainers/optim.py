"""Optimizers by name, and the schedule of the learning rate: it warms up, then falls linearly to zero."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

from trainers.config import TrainingConfig
from trainers.ftrl import Ftrl

Make = Callable[..., Optimizer]

# The optimizers of Ruder 2016 and FTRL, each with the settings that define it. Their best rates differ by orders of
# magnitude: `relative_rate` scales the configured rate, which is AdamW's (docs/optimizers.md).
OPTIMIZERS: dict[str, tuple[Make, float]] = {
    "sgd": (torch.optim.SGD, 150.0),
    "momentum": (partial(torch.optim.SGD, momentum=0.9), 35.0),
    "nesterov": (partial(torch.optim.SGD, momentum=0.9, nesterov=True), 35.0),
    "rmsprop": (partial(torch.optim.RMSprop, alpha=0.99), 0.4),
    "adagrad": (torch.optim.Adagrad, 4.0),
    "adadelta": (torch.optim.Adadelta, 1000.0),
    "ftrl": (Ftrl, 4.0),
    "adam": (torch.optim.Adam, 1.0),
    "adamax": (torch.optim.Adamax, 1.5),
    "nadam": (torch.optim.NAdam, 1.0),
    "adamw": (torch.optim.AdamW, 1.0),
    "amsgrad": (partial(torch.optim.Adam, amsgrad=True), 1.0),
    "muon": (torch.optim.Muon, 4.0),
}
WITH_BETAS = {"adam", "adamax", "nadam", "adamw", "amsgrad"}
FUSED = {"adam", "adamw", "amsgrad"}


def create(model: nn.Module, config: TrainingConfig, device: str) -> list[Optimizer]:
    """The optimizer called `config.optimizer`: one, or two for Muon, which updates hidden matrices only (Jordan 2024).

    Biases and norms do not decay.
    """
    _spare_compiler()
    named = dict(model.named_parameters())
    if config.optimizer == "muon":
        hidden = [name for name, weight in named.items() if weight.dim() == 2 and not _is_outer(name)]
        inner = [named[name] for name in hidden]
        outer = [weight for name, weight in named.items() if name not in hidden]
        return [_one("muon", inner, config, device), _one("adamw", outer, config, device)]
    return [_one(config.optimizer, list(named.values()), config, device)]


def _is_outer(name: str) -> bool:
    """Embeddings and heads are tables, not maps between hidden spaces."""
    return "embed" in name or "head" in name


def update(optimizers: Sequence[Optimizer], learning_rate: float) -> None:
    """Update the weights by their gradients at this rate, and clear the gradients."""
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = learning_rate * group["relative_rate"]
        step(optimizer)
        optimizer.zero_grad(set_to_none=True)


def step(optimizer: Optimizer) -> None:
    """Update the weights, without what torch wraps around a step: hooks, which are not used here, and its compiler."""
    with torch.no_grad():
        inspect.unwrap(type(optimizer).step)(optimizer)


def _spare_compiler() -> None:
    """Keep optimizers from importing torch's compiler only to be excluded from compilation: nothing is compiled here.

    The import takes a second, and leaving another. If a later torch asks in another way, the compiler is loaded again.
    """
    for method in vars(Optimizer).values():
        inner = getattr(method, "__wrapped__", None)
        if inner is not None:
            inner.__dynamo_disable = inner


def _one(name: str, weights: list[nn.Parameter], config: TrainingConfig, device: str) -> Optimizer:
    make, relative_rate = OPTIMIZERS[name]
    options: dict[str, Any] = {"lr": config.learning_rate * relative_rate}
    if name in WITH_BETAS:
        options["betas"] = config.betas
    if name == "ftrl":
        options |= {"l1": config.l1, "l2": config.l2}
    if name in FUSED and device in ("cpu", "cuda"):
        options["fused"] = True
    decay = config.weight_decay if name in ("adamw", "muon") else 0.0  # elsewhere it is L2 regularisation, not decay
    groups = [
        {"params": [weight for weight in weights if weight.dim() > 1], "weight_decay": decay},
        {"params": [weight for weight in weights if weight.dim() <= 1], "weight_decay": 0.0},
    ]
    optimizer = make([group for group in groups if group["params"]], **options)
    for group in optimizer.param_groups:
        group["relative_rate"] = relative_rate
    return optimizer


@dataclass
class Schedule:
    """The learning rate of each step, from 0 to `end`. `end` is None while a time budget is being calibrated."""

    peak: float
    warmup: float  # share of the run
    end: int | None = None
    bend: tuple[int, float] | None = None  # (step, rate) at which a new line to zero begins

    def rate(self, step: int) -> float:
        if self.end is None:
            return self.peak * min(1.0, (step + 1) / 50)
        if self.bend is not None:
            start, rate = self.bend
            return rate * max(0.0, (self.end - step) / max(1, self.end - start))
        rising = (step + 1) / max(1.0, self.warmup * self.end)
        return self.peak * min(1.0, rising) * max(0.0, 1 - step / self.end)

    def replan(self, step: int, steps: int) -> None:
        """Let the rate fall to zero within `steps` from here: earlier than planned, or later."""
        rate = self.rate(step)
        self.end, self.bend = step + steps, (step, rate)
