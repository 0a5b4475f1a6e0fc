"""What is looked at: one moment, layer, head, unit and candidate token, which all views follow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from tui_lm.errors import TuiLmError
from tui_lm.inspection.notation import Notation
from tui_lm.inspection.recording import Recording

Measure = Literal["weight", "norm", "rollout"]


@dataclass(frozen=True, slots=True)
class Cursor:
    """None is for the view to choose: the last step, the last layer, every head, the most telling units.

    `time` and `layer` may count from the end. `target` is the token whose logit is explained (None: the most probable
    one). `pinned` is a second moment to compare with, `marked` a unit that is marked among the others.
    """

    time: int | None = None
    layer: int | None = None
    head: int | None = None
    unit: int | None = None
    marked: int | None = None
    name: str | None = None
    pinned: int | None = None
    target: int | None = None
    notation: Notation = "pytorch"
    temperature: float = 1.0
    hide_first: bool = False
    measure: Measure = "weight"
    top: int = 20
    only_top: bool = False

    def on(self, recording: Recording) -> Place:
        """This cursor on a recording. Raises TuiLmError for what is not there."""
        steps, layers = len(recording), recording.layers
        time = _index("time", -1 if self.time is None else self.time, steps, "steps")
        layer = _index("layer", -1 if self.layer is None else self.layer, layers, "layers")
        pinned = None if self.pinned is None else _index("pinned time", self.pinned, steps, "steps")
        heads = [head for head in recording.heads(layer) if head is not None]
        if self.head is not None and heads:
            _index("head", self.head, len(heads), "heads")
        if self.unit is not None:
            _index("unit", self.unit, recording.at(time, layer, recording.names[-1]).size, "units")
        if self.name is not None and self.name not in (*recording.names, "attention"):
            raise TuiLmError(
                f"{recording.architecture.label} has nothing called {self.name}",
                f"it has {', '.join(recording.names)}",
                exit_code=2,
            )
        target = self.target
        if target is None:
            target = int(np.argmax(recording.allowed(recording.steps[time].logits)))
        return Place(time, layer, pinned, target, self)


@dataclass(frozen=True, slots=True)
class Place:
    """A cursor whose time, layer and target stand; the rest is the cursor's."""

    time: int
    layer: int
    pinned: int | None
    target: int
    cursor: Cursor


def target_of(recording: Recording, text: str) -> int:
    """The token that `text` begins with, or that is labelled so: "end" is the end of a message."""
    named = next((t for t in range(len(recording.tokenizer.specials)) if recording.label(t) == text), None)
    if named is not None:
        return named
    tokens = recording.tokenizer.encode(text)
    if not tokens:
        raise TuiLmError("a token is needed whose logit is to be explained", "for example --target e", exit_code=2)
    return tokens[0]


def _index(what: str, index: int, length: int, of: str) -> int:
    if not -length <= index < length:
        raise TuiLmError(
            f"there is no {what} {index}: there are {length} {of}", f"count from 0 to {length - 1}", exit_code=2
        )
    return index % length
