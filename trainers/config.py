"""What a training run is told. Frozen, and free of torch, so that a command can check it before anything is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from tui_lm.architecture import Architecture
from tui_lm.models.rates import DropRates

OPTIMIZERS = (
    "sgd", "momentum", "nesterov", "rmsprop", "adagrad", "adadelta",
    "adam", "adamax", "nadam", "adamw", "amsgrad", "muon",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """One of `steps` and `seconds` says how long; a budget in seconds is turned into steps once, after calibration.

    streams: texts read side by side (B); chunk: tokens through which errors flow back (T); reset: the chance that a
    stream forgets its state between two chunks; unnamed: the share of messages that are shown without their author;
    patience: evaluations without a better validation loss after which the run winds down; frozen: layers, from the
    first on, that learn nothing; average: steps over which the weights are averaged, 0 for not; smoothing: the share
    of each target that is spread over the vocabulary (Szegedy et al. 2016); compiled: whether torch compiles the
    network before the first step. Of sentence pairs a batch holds streams x chunk tokens.
    """

    architecture: Architecture
    steps: int | None = None
    seconds: float | None = None
    seed: int = 0
    device: str = "auto"
    streams: int = 32
    chunk: int = 64
    optimizer: str = "adamw"
    learning_rate: float = 0.012
    betas: tuple[float, float] = (0.8, 0.99)
    weight_decay: float = 0.1
    clip: float = 1.0
    warmup: float = 0.03
    reset: float = 0.04
    unnamed: float = 0.1
    evaluations: int = 24
    patience: int = 6
    frozen: int = 0
    average: int = 0
    smoothing: float = 0.0
    compiled: bool = False
    rates: DropRates = field(default_factory=DropRates)

    def __post_init__(self) -> None:
        if (self.steps is None) == (self.seconds is None):
            raise ValueError("a run has either a number of steps or a time budget")

    @classmethod
    def from_json(cls, values: Mapping[str, Any], architecture: Architecture) -> TrainingConfig:
        """What `to_json` gave. Raises TypeError or ValueError where it is something else."""
        rates, betas = DropRates(**values["rates"]), tuple(values["betas"])
        return cls(architecture, **{**values, "rates": rates, "betas": betas})

    def to_json(self) -> dict[str, Any]:
        """The settings that belong into a model's card: all but its architecture, which is there already."""
        values = asdict(self)
        del values["architecture"]
        return values
