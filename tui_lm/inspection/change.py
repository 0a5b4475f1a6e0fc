"""An edit of a network: which activation to replace, at which steps, and by what.

A change is written [LAYER:]NAME[#HEAD][.UNIT][@FIRST[-LAST]]=HOW. The last layer is the default.

    forget.17=0                set the forget gate of unit 17 to 0 at every step
    0:hidden_state.3@5=mean    set unit 3 of layer 0 at step 5 to its mean over this text
    attention#2@4-=uniform     give head 2 equal weights from step 4 on
    read#1=zero                remove the output of head 1 ("read" is the output of a head)
    cell_state@6=copy:2        copy the cell state of step 2 to step 6
    update=clamp:0.1:0.9       keep the gate between 0.1 and 0.9
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tui_lm.errors import TuiLmError
from tui_lm.inspection.recording import READOUT, Recording

Array = NDArray[np.floating]
How = Literal["set", "mean", "clamp", "copy", "uniform"]
WRITTEN = re.compile(r"(?:(\d+):)?(\w+)(?:#(\d+))?(?:\.(\d+))?(?:@(\d+)(-(\d*))?)?=(.+)")
HINT = "for example forget.17@5=0; after = stands a number, zero, mean, uniform, copy:STEP or clamp:LOW:HIGH"


@dataclass(frozen=True, slots=True)
class Change:
    """None means the last layer, all units, all heads, and for `last` the end of the text."""

    name: str
    how: How = "set"
    value: float = 0.0  # of "set"
    low: float = 0.0  # of "clamp"
    high: float = 1.0
    source: int = 0  # the step that "copy" copies from
    layer: int | None = None
    unit: int | None = None
    head: int | None = None
    first: int = 0
    last: int | None = None

    @classmethod
    def parse(cls, text: str) -> Change:
        """A change from its written form. Raises TuiLmError if it cannot be parsed."""
        match = WRITTEN.fullmatch(text.strip())
        if match is None:
            raise TuiLmError("cannot parse this change", HINT, exit_code=2)
        layer, name, head, unit, first, to, last, how = match.groups()
        change = cls(
            name,
            layer=None if layer is None else int(layer),
            head=None if head is None else int(head),
            unit=None if unit is None else int(unit),
            first=int(first or 0),
            last=(int(last) if last else None) if first is None or to else int(first),
        )
        word, *values = how.split(":")
        try:
            numbers = [float(value) for value in values]
            if word in ("mean", "uniform", "zero") and not numbers:
                return change if word == "zero" else replace(change, how="mean" if word == "mean" else "uniform")
            if word == "clamp" and len(numbers) == 2:
                return replace(change, how="clamp", low=numbers[0], high=numbers[1])
            if word == "copy" and len(numbers) == 1:
                return replace(change, how="copy", source=int(values[0]))
            if not numbers:
                return replace(change, value=float(word))
        except ValueError:
            pass
        raise TuiLmError("cannot parse the new value of this change", HINT, exit_code=2)

    def __str__(self) -> str:
        return f"{self.what} {self.deed}"

    @property
    def what(self) -> str:
        """A description of the change for people."""
        where = "" if self.layer is None else f"layer {self.layer}: "
        head = "" if self.head is None else f" of head {self.head}"
        return f"{where}{self.name}{head}" + ("" if self.unit is None else f" of unit {self.unit}")

    @property
    def deed(self) -> str:
        """The new value and when it applies, for people."""
        how = {
            "set": f"= {self.value:g}",
            "mean": "= its mean over this text",
            "clamp": f"kept between {self.low:g} and {self.high:g}",
            "copy": f"= that of step {self.source}",
            "uniform": "= equal weights",
        }[self.how]
        when = f"at step {self.first}" if self.last == self.first else f"at steps {self.first} to {self.last}"
        if self.last is None:
            when = f"from step {self.first} on" if self.first else "at every step"
        return f"{how} {when}"

    @property
    def written(self) -> str:
        """The written form, which `parse` reads."""
        where = "" if self.layer is None else f"{self.layer}:"
        what = (
            self.name + ("" if self.head is None else f"#{self.head}") + ("" if self.unit is None else f".{self.unit}")
        )
        when = "" if (self.first, self.last) == (0, None) else f"@{self.first}"
        if self.last != self.first and when:
            when += f"-{'' if self.last is None else self.last}"
        how = {
            "set": f"{self.value:g}",
            "mean": "mean",
            "clamp": f"clamp:{self.low:g}:{self.high:g}",
            "copy": f"copy:{self.source}",
            "uniform": "uniform",
        }[self.how]
        return f"{where}{what}{when}={how}"

    def on(self, recording: Recording) -> Change:
        """The change with its layer and last step known. Raises TuiLmError if the network lacks it."""
        layer = recording.layers - 1 if self.layer is None else self.layer
        if not 0 <= layer < recording.layers:
            hint = f"there are {recording.layers} layers, counted from 0"
            raise TuiLmError(f"there is no layer {layer}", hint, exit_code=2)
        last = len(recording) - 1 if self.last is None else self.last
        sizes = {name: a.values.shape[1] for (of, name, _), a in recording.steps[0].activations.items() if of == layer}
        sizes.pop(READOUT, None)  # computed from activations that can be changed
        heads = [head for head in recording.heads(layer) if head is not None]
        names = [*sizes, *(["read"] if heads else [])]
        of_heads = self.name in ("attention", "read")
        wrong = [
            (self.name not in names, f"there is no {self.name} to change", f"there are {', '.join(names)}"),
            (
                self.head is not None and not (of_heads and self.head in heads),
                f"{self.name} has no head {self.head}",
                f"attention and read have {len(heads)} heads in each layer",
            ),
            (
                self.unit is not None and (of_heads or self.unit >= sizes.get(self.name, 0)),
                f"{self.name} has no unit {self.unit}",
                "gates and states have units, counted from 0",
            ),
            (
                not 0 <= self.first <= last < len(recording),
                f"there are no steps {self.first} to {last}",
                f"there are {len(recording)} steps, counted from 0",
            ),
            (
                self.how == "copy" and not 0 <= self.source < len(recording),
                f"there is no step {self.source} to copy from",
                f"there are {len(recording)} steps, counted from 0",
            ),
            (
                self.how == "uniform" and self.name != "attention",
                "only attention can be uniform",
                "use mean for gates and states",
            ),
            (
                self.how == "mean" and self.name == "attention",
                "rows of attention differ in length, so they have no mean",
                "use uniform for attention",
            ),
        ]
        for is_so, message, hint in wrong:
            if is_so:
                raise TuiLmError(message, hint, exit_code=2)
        return replace(self, layer=layer, last=last)

    def put(self, values: Array, substitute: Mapping[int | None, Array], head: int | None) -> Array:
        """The values [B, n] that replace `values`; "mean" and "copy" take them from `substitute`, by head."""
        match self.how:
            case "set":
                wanted = np.full_like(values, self.value)
            case "clamp":
                wanted = np.clip(values, self.low, self.high)
            case "uniform":
                wanted = np.full_like(values, 1 / values.shape[1])
            case _:
                wanted = np.zeros_like(values)
                found = substitute[head][-values.shape[1] :]
                # A copied row of attention keeps its weights on the same tokens; later tokens get none.
                wanted[:, : len(found)] = found
        if self.unit is None:
            return wanted
        changed = values.copy()
        changed[:, self.unit] = wanted[:, self.unit]
        return changed


def originals(recording: Recording, change: Change) -> dict[int | None, Array]:
    """The replacement values of "mean" and "copy" by head; empty for other changes."""
    if change.how not in ("mean", "copy"):
        return {}
    assert change.layer is not None
    if change.name == "read":
        found = head_outputs(recording, change.layer)
    else:
        heads = recording.heads(change.layer) if change.name == "attention" else (None,)
        steps = range(len(recording))
        found = {head: [recording.at(time, change.layer, change.name, head) for time in steps] for head in heads}
    if change.how == "copy":
        return {head: rows[change.source] for head, rows in found.items()}
    return {head: np.mean(rows, axis=0) for head, rows in found.items()}


def head_outputs(recording: Recording, wanted: int) -> dict[int | None, list[Array]]:
    """The output of each head of layer `wanted` at every step, from running the steps again."""
    found: dict[int | None, list[Array]] = {head: [] for head in recording.heads(wanted)}

    def watch(layer: int, name: str, values: Array, head: int | None = None) -> Array:
        if (layer, name) == (wanted, "read"):
            found[head].append(values[0])
        return values

    state = recording.start
    for step in recording.steps:
        _, state = recording.runtime.step([step.token], state, None, watch)
    return found
