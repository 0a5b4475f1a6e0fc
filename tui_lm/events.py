"""The events of a training run, as values and as JSON lines.

`trainers.run` yields them; the progress bar, the app and `events.jsonl` read them. `Sampled` contains text, so it is
shown but never stored: see `stored`.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from types import NoneType
from typing import Any


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The run is about to start. `steps` is None if a time budget has not been converted to steps yet."""

    name: str
    description: str
    device: str
    parameters: int
    train_tokens: int
    valid_tokens: int
    steps: int | None


@dataclass(frozen=True, slots=True)
class StepDone:
    """One optimizer step. `loss` is in nats per token, `seconds` since the start, `seconds_left` an estimate."""

    step: int
    steps: int
    epoch: float
    loss: float
    learning_rate: float
    gradient_norm: float
    tokens_per_second: float
    seconds: float
    seconds_left: float


@dataclass(frozen=True, slots=True)
class Evaluated:
    """One validation. `loss` is in nats per token; `bits_per_char` is None for word tokenizers."""

    step: int
    loss: float
    bits_per_char: float | None
    best: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class Sampled:
    """A text that the model wrote to show its progress."""

    step: int
    author: str | None
    text: str


@dataclass(frozen=True, slots=True)
class CheckpointSaved:
    """The model was saved in `folder`."""

    step: int
    folder: str


@dataclass(frozen=True, slots=True)
class RolledBack:
    """Something went wrong, and the run continues from an earlier `step`. `reason` says what happened."""

    step: int
    reason: str
    learning_rate: float


@dataclass(frozen=True, slots=True)
class RunFinished:
    """`reason` is "finished", "early stop" or "interrupted". The saved model is the one of `best_step`."""

    reason: str
    steps: int
    best_step: int
    best_loss: float
    bits_per_char: float | None
    seconds: float
    folder: str


Event = RunStarted | StepDone | Evaluated | Sampled | CheckpointSaved | RolledBack | RunFinished
_KINDS = {
    "run_started": RunStarted,
    "step_done": StepDone,
    "evaluated": Evaluated,
    "sampled": Sampled,
    "checkpoint_saved": CheckpointSaved,
    "rolled_back": RolledBack,
    "run_finished": RunFinished,
}
_TYPES: dict[str, Any] = {"int": int, "float": (int, float), "str": str, "bool": bool, "None": NoneType}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def to_json(event: Event) -> str:
    """One line of JSON, without a line break: {"event": "step_done", ...}."""
    return json.dumps({"event": _NAMES[type(event)], **asdict(event)}, ensure_ascii=False)


def from_json(line: str) -> Event:
    """The event of one line. Raises ValueError if the line is not an event of this version."""
    try:
        values: Any = json.loads(line)
        kind = _KINDS[values.pop("event")]
        types = {field.name: str(field.type) for field in fields(kind)}
    except (LookupError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError("not an event of this version") from error
    if values.keys() != types.keys() or not all(_fits(values[name], types[name]) for name in types):
        raise ValueError("not an event of this version")
    return kind(**values)  # type: ignore[no-any-return]


def _fits(value: Any, annotation: str) -> bool:
    """Whether a JSON value has the type of a field; integers must fit into 64 bits."""
    if isinstance(value, int) and abs(value) >= 1 << 63:
        return False
    return any(isinstance(value, _TYPES[name]) for name in annotation.split(" | "))


def can_be_drawn(step: int, loss: float) -> bool:
    """Whether a point of a loss curve makes sense. In a damaged file it may not."""
    return step >= 0 and 0 <= loss < 1e6


def stored(event: Event) -> bool:
    """Whether the event may be stored in a model folder, which holds numbers and no text."""
    return not isinstance(event, Sampled)
