"""The batches of a run, epoch after epoch, and the position in them that a snapshot keeps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import numpy as np

from trainers.task import Task
from trainers.task_settings import TaskSettings
from tui_lm.models.model import Model


class Epochs:
    """An epoch's batches depend on the state of `generator` at its start, so that state and `done` are a position."""

    def __init__(self, task: Task[Any], model: Model, seed: int) -> None:
        self.task, self.model = task, model
        self.generator = np.random.default_rng(seed)
        self.began: Mapping[str, Any] = {}  # the generator's state at the start of this epoch
        self.done = 0  # batches of this epoch that were trained on

    def batches(self, settings: TaskSettings) -> Iterator[Any]:
        """All batches from the position on, without end."""
        done = self.done
        while True:
            if done:
                self.generator.bit_generator.state = self.began
            self.began = self.generator.bit_generator.state
            batches = self.task.epoch(settings, self.model, self.generator)
            for self.done, batch in enumerate(islice(batches, done, None), start=done + 1):
                yield batch
            self.done = done = 0
