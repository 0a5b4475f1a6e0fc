"""The settings of a training run. Frozen, and free of torch, so that a command can check them first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from trainers.task_settings import StreamSettings, TaskSettings
from tui_lm.architecture import Architecture
from tui_lm.models.rates import DropoutRates

OPTIMIZERS = (
    "sgd", "momentum", "nesterov", "rmsprop", "adagrad", "adadelta", "ftrl",
    "adam", "adamax", "nadam", "adamw", "amsgrad", "muon",
)  # fmt: skip
DESCENTS = ("stochastic", "mini-batch", "batch")


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """The settings that all tasks share, and those of the run's `task`.

    Either `steps` or `seconds` is given; a budget in seconds is converted into steps once, after calibration.

    descent: what a step sees of the text, "mini-batch" as the task says, "stochastic" one sequence, "batch" all of it;
    l1, l2: the penalties of FTRL, which no other optimizer takes;
    warmup: the share of the run in which the learning rate rises; grad_clip: the largest norm of the gradient;
    evaluations: how many the run has; patience: evaluations without a better validation loss after which the run winds
    down; frozen_layers: the number of layers, counted from the input, whose weights stay; ema: the number of steps that
    the moving average of the weights spans, 0 for none; compile: whether torch compiles the network before the first
    step; dropout: its probabilities, by where it is applied; teacher: the model whose expectations are learned from;
    lora: the rank of the change of each matrix, 0 to learn the matrices themselves.
    """

    architecture: Architecture
    task: TaskSettings = field(default_factory=StreamSettings)
    steps: int | None = None
    seconds: float | None = None
    seed: int = 0
    device: str = "auto"
    optimizer: str = "adamw"
    learning_rate: float = 0.012
    betas: tuple[float, float] = (0.8, 0.99)
    weight_decay: float = 0.1
    descent: str = "mini-batch"
    l1: float = 0.0
    l2: float = 0.0
    grad_clip: float = 1.0
    warmup: float = 0.03
    evaluations: int = 24
    patience: int = 6
    frozen_layers: int = 0
    ema: int = 0
    compile: bool = False
    dropout: DropoutRates = field(default_factory=DropoutRates)
    teacher: str | None = None
    lora: int = 0

    def __post_init__(self) -> None:
        if (self.steps is None) == (self.seconds is None):
            raise ValueError("a run has either a number of steps or a time budget")

    @classmethod
    def from_json(
        cls, values: Mapping[str, Any], architecture: Architecture, settings: type[TaskSettings]
    ) -> TrainingConfig:
        """The inverse of `to_json`. Raises LookupError, TypeError or ValueError for anything else."""
        task = settings(**{key: value for key, value in values["task"].items() if key != "name"})
        dropout, betas = DropoutRates(**values["dropout"]), tuple(values["betas"])
        return cls(architecture, **{**values, "task": task, "dropout": dropout, "betas": betas})

    def to_json(self) -> dict[str, Any]:
        """The settings for a model's card, without the architecture, which the card holds already."""
        values = asdict(self)
        del values["architecture"]
        return {**values, "task": {"name": self.task.TASK, **values["task"]}}
