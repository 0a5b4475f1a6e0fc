"""What happens while training, as values and as JSON lines.

`trainers.run` yields them; the progress bar, the app and `events.jsonl` read them. `Sampled` carries text and is
therefore shown but never stored: `stored()` says which lines may be kept in a model folder.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from types import NoneType
from typing import Any


@dataclass(frozen=True, slots=True)
class RunStarted:
    """Before the first step. `steps` is None until a time budget has been turned into steps."""

    name: str
    description: str
    device: str
    parameters: int
    train_tokens: int
    valid_tokens: int
    steps: int | None


@dataclass(frozen=True, slots=True)
class StepDone:
    """`loss` in nats a token, `seconds` since the start, `seconds_left` an estimate."""

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
    """Validation: `loss` in nats a token, `bits_per_char` None for word tokenizers."""

    step: int
    loss: float
    bits_per_char: float | None
    best: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class Sampled:
    step: int
    author: str | None
    text: str


@dataclass(frozen=True, slots=True)
class CheckpointSaved:
    step: int
    folder: str


@dataclass(frozen=True, slots=True)
class RolledBack:
    """Something went wrong; the run goes on from an earlier `step`. `reason` says what was done about it."""

    step: int
    reason: str
    learning_rate: float


@dataclass(frozen=True, slots=True)
class RunFinished:
    """`reason`: "finished", "early stop" or "interrupted". The saved model is that of `best_step`."""

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
    """One line without its newline: {"event": "step_done", ...}."""
    return json.dumps({"event": _NAMES[type(event)], **asdict(event)}, ensure_ascii=False)


def from_json(line: str) -> Event:
    """The event of one line. Raises ValueError where it is none."""
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
    """Whether a value of JSON is of the type of a field, and a number that can be reckoned with."""
    if isinstance(value, int) and abs(value) >= 1 << 63:
        return False
    return any(isinstance(value, _TYPES[name]) for name in annotation.split(" | "))


def can_be_drawn(step: int, loss: float) -> bool:
    """Whether a point of a curve makes sense; in a damaged record it need not."""
    return step >= 0 and 0 <= loss < 1e6


def stored(event: Event) -> bool:
    """Whether the event may be kept in a model folder: numbers only, no text."""
    return not isinstance(event, Sampled)
