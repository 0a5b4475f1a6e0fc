"""The best model so far, in memory and in its folder."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from trainers.attachments import Attachments
from trainers.snapshot import Snapshot
from tui_lm import checkpoint
from tui_lm.architecture import Architecture, Llama
from tui_lm.checkpoint import Card, SavedModel
from tui_lm.models.lora import MergedWeights, staying
from tui_lm.models.model import Model
from tui_lm.tokenizers import Tokenizers

SAVE_EVERY = 10.0  # seconds between two checkpoints, at least


@dataclass(slots=True)
class BestModel:
    """The weights of the best evaluation. `loss` is the validation loss in nats a token."""

    card: Card
    tokenizers: Tokenizers
    folder: Path
    attachments: Attachments
    loss: float = math.inf
    bits: float | None = None
    step: int = 0
    weights: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    _saved_at: float = -math.inf

    def offer(self, model: Model, step: int, loss: float, bits: float | None) -> bool:
        """Keep the model if it is the best so far. Returns whether it was kept."""
        if self.weights and not loss < self.loss:
            return False
        self.loss, self.bits, self.step = loss, bits, step
        self.weights = arrays(model, self.card.architecture)
        return True

    def remember_base(self, loss: float, bits: float | None) -> None:
        """The figures of the model that the run begins from, on the same validation text, for the card."""
        metrics = {"validation_loss_before": loss, "validation_bits_per_char_before": bits}
        self.card = replace(self.card, metrics={**self.card.metrics, **metrics})

    def save(self, log: Sequence[str], snapshot: Snapshot | None, *, now: bool = False) -> bool:
        """Write the folder, at most every `SAVE_EVERY` seconds unless `now`. No snapshot: the run has finished."""
        if not now and time.monotonic() - self._saved_at < SAVE_EVERY:
            return False
        metrics = {"best_step": self.step, "validation_loss": self.loss, "validation_bits_per_char": self.bits}
        card = replace(self.card, metrics={**self.card.metrics, **metrics})
        model = SavedModel(card, self.tokenizers, self.weights)

        def attach(folder: Path) -> None:
            self.attachments.write(folder, model, final=now)
            if snapshot is not None:
                snapshot.save(folder)

        checkpoint.save(self.folder, model, log, attach)
        self._saved_at = time.monotonic()
        return True

    @property
    def kept(self) -> SavedModel:
        """The best model so far."""
        return SavedModel(self.card, self.tokenizers, self.weights)

    def as_now(self, model: Model) -> SavedModel:
        """The current weights as a model that can be served."""
        return SavedModel(self.card, self.tokenizers, arrays(model, self.card.architecture))

    def take_up(self) -> list[str]:
        """Load the best model of the interrupted run from the folder. Returns the run's log."""
        saved = checkpoint.load(self.folder)
        metrics = saved.card.metrics
        self.weights = dict(saved.weights)
        self.loss, self.bits = metrics["validation_loss"], metrics["validation_bits_per_char"]
        self.step = metrics["best_step"]
        return (self.folder / checkpoint.EVENTS).read_text("utf-8").splitlines()


def arrays(model: Model, architecture: Architecture) -> Mapping[str, NDArray[Any]]:
    """The model's weights as float32 numpy arrays, under the names of its architecture."""
    if isinstance(architecture, Llama) and staying(model):
        return MergedWeights(model, architecture)
    tensors = model.state_dict()
    return {name: tensors[name].detach().float().cpu().numpy().copy() for name in architecture.weights()}
