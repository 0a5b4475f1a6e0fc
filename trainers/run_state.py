"""What changes in a run: weights, optimizers, the schedule, the position in the text. A snapshot restores it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import torch
from numpy.typing import NDArray

from trainers import device as devices
from trainers import optim, transfer
from trainers.config import TrainingConfig
from trainers.ema import Ema
from trainers.epochs import Epochs
from trainers.ranks import Ranks
from trainers.snapshot import Snapshot, capture_tensors, restore_tensors
from trainers.task import Task
from tui_lm import models
from tui_lm.models import lora
from tui_lm.models.model import State


class RunState:
    """A run before its first step. `weights` are those to begin from, None for random ones.

    `replica` is the model as it is called in training: compiled, and with gradients averaged over all processes.
    `state` is what a recurrent network carries to the next batch.
    """

    def __init__(
        self,
        config: TrainingConfig,
        task: Task[Any],
        device: str,
        weights: Mapping[str, NDArray[Any]] | None,
        ranks: Ranks,
    ) -> None:
        self.device, self.ranks = device, ranks
        torch.manual_seed(config.seed)
        self.model = models.create(config.architecture, config.dropout).to(device)
        transfer.begin(self.model, weights, config.frozen_layers)
        if config.lora:
            lora.adapt(self.model, config.lora, devices.product_type(device))
        network = devices.compiled(self.model) if config.compile else self.model
        self.replica = ranks.replicated(network, device)
        if not ranks.first:  # the weights are the first process's, but dropout on other streams needs another seed
            torch.manual_seed(config.seed + ranks.rank)
        self.ema = Ema(self.model, config.ema)
        self.optimizers = optim.create(self.model, config, device)
        self.schedule = optim.Schedule(config.learning_rate, config.warmup, config.steps)
        self.evaluations = config.evaluations  # fewer if the time budget is short
        self.epochs = Epochs(task, self.model, config.seed)
        self.state: State | None = None
        self.step = 0
        self.losses = torch.zeros((), device=device)  # summed since the last report
        self.stale = 0  # evaluations since the best
        self.winding_down = False  # after `patience` evaluations without a better loss
        self.rollbacks = 0

    @property
    def learning_rate(self) -> float:
        """The rate of this step: the schedule's, halved by every rollback."""
        return self.schedule.rate(self.step) * 0.5**self.rollbacks

    def snapshot(self, batch: int, spent: float, files: Mapping[str, Sequence[str]]) -> Snapshot:
        """A copy of everything. `batch` is the size of a batch, `spent` the seconds so far, `files` the sources."""
        return Snapshot(
            capture_tensors(self.model, self.optimizers, self.ema, self.state, batch, self.ranks),
            {
                "step": self.step,
                "chunk": self.epochs.done,
                "epoch_began": self.epochs.began,
                "schedule": asdict(self.schedule),
                "evaluations": self.evaluations,
                "stale": self.stale,
                "no_longer_better": self.winding_down,
                "rollbacks": self.rollbacks,
                "spent": spent,
                "batch": batch,
                "files": {use: list(paths) for use, paths in files.items()},
            },
        )

    def restore(self, snapshot: Snapshot) -> None:
        """Return to a snapshot. Rollbacks are not undone: they halve the learning rate from then on."""
        numbers = snapshot.numbers
        self.state = restore_tensors(snapshot.tensors, self.model, self.optimizers, self.ema, self.device, self.ranks)
        self.step, self.epochs.done, self.epochs.began = numbers["step"], numbers["chunk"], numbers["epoch_began"]
        self.schedule = optim.Schedule(**numbers["schedule"])
        self.evaluations = numbers["evaluations"]
        self.stale, self.winding_down = numbers["stale"], numbers["no_longer_better"]
        self.losses.zero_()
