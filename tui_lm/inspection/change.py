"""What is done to a network: which activation, at which steps, and what stands in its place.

A change is written NAME[#HEAD][.UNIT][@FIRST[-LAST]]=HOW, with the layer before the name where there are several:

    forget.17=0            the forget gate of unit 17 is 0 at every step
    0:hidden_state.3@5=mean    unit 3 of layer 0 has, at step 5, its mean over this text
    attention#2@4-=uniform     head 2 looks everywhere alike from step 4 on
    read#1=zero            head 1 says nothing (what a head read is called "read")
    cell_state@6=copy:2    the cell of step 2 stands at step 6
    update=clamp:0.1:0.9   the gate stays between 0.1 and 0.9
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
HINT = "write it as forget.17@5=0, or attention#2=uniform; after = a number, zero, mean, uniform, copy:5, clamp:0:0.5"


@dataclass(frozen=True, slots=True)
class Change:
    """`layer` None is the last one; `unit` and `head` None are all of them; `last` None is the end of the text."""

    name: str
    how: How = "set"
    value: float = 0.0  # of "set"
    low: float = 0.0  # of "clamp"
    high: float = 1.0
    source: int = 0  # the time that "copy" takes from
    layer: int | None = None
    unit: int | None = None
    head: int | None = None
    first: int = 0
    last: int | None = None

    @classmethod
    def parse(cls, text: str) -> Change:
        """From the written form. Raises TuiLmError where it is not one."""
        match = WRITTEN.fullmatch(text.strip())
        if match is None:
            raise TuiLmError("this change cannot be read", HINT, exit_code=2)
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
        raise TuiLmError("it is not clear what is to stand there", HINT, exit_code=2)

    def __str__(self) -> str:
        return f"{self.what} {self.deed}"

    @property
    def what(self) -> str:
        """What is changed, in words."""
        where = "" if self.layer is None else f"layer {self.layer}: "
        head = "" if self.head is None else f" of head {self.head}"
        return f"{where}{self.name}{head}" + ("" if self.unit is None else f" of unit {self.unit}")

    @property
    def deed(self) -> str:
        """What is done to it and when, in words."""
        how = {
            "set": f"= {self.value:g}",
            "mean": "= its mean over this text",
            "clamp": f"kept between {self.low:g} and {self.high:g}",
            "copy": f"= that of step {self.source}",
            "uniform": "= the same everywhere",
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
        """This change with its layer and its steps. Raises TuiLmError for what the network does not have."""
        layer = recording.layers - 1 if self.layer is None else self.layer
        if not 0 <= layer < recording.layers:
            raise TuiLmError(f"there is no layer {layer}", f"there are {recording.layers}, from 0 on", exit_code=2)
        last = len(recording) - 1 if self.last is None else self.last
        sizes = {name: a.values.shape[1] for (of, name, _), a in recording.steps[0].activations.items() if of == layer}
        sizes.pop(READOUT, None)  # what the head reads is worked out of what can be changed
        heads = [head for head in recording.heads(layer) if head is not None]
        names = [*sizes, *(["read"] if heads else [])]
        of_heads = self.name in ("attention", "read")
        wrong = [
            (self.name not in names, f"there is no {self.name} to change", f"there are {', '.join(names)}"),
            (
                self.head is not None and not (of_heads and self.head in heads),
                f"{self.name} has no head {self.head}",
                f"heads are those of attention and read, {len(heads)} in a layer",
            ),
            (
                self.unit is not None and (of_heads or self.unit >= sizes.get(self.name, 0)),
                f"{self.name} has no unit {self.unit}",
                "units are those of gates and states, from 0 on",
            ),
            (
                not 0 <= self.first <= last < len(recording),
                f"there are no steps {self.first} to {last}",
                f"there are {len(recording)} steps, from 0 on",
            ),
            (
                self.how == "copy" and not 0 <= self.source < len(recording),
                f"there is no step {self.source} to copy from",
                f"there are {len(recording)} steps, from 0 on",
            ),
            (
                self.how == "uniform" and self.name != "attention",
                "only attention can be uniform",
                "mean is what gates and states have instead",
            ),
            (
                self.how == "mean" and self.name == "attention",
                "rows of attention are of different lengths and have no mean",
                "uniform is what attention has instead",
            ),
        ]
        for is_so, message, hint in wrong:
            if is_so:
                raise TuiLmError(message, hint, exit_code=2)
        return replace(self, layer=layer, last=last)

    def put(self, values: Array, substitute: Mapping[int | None, Array], head: int | None) -> Array:
        """What stands in the place of `values` [B, n]; "mean" and "copy" take it from `substitute`, by head."""
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
                # A row of attention that is copied keeps to the tokens that it was about: those after them get nothing.
                wanted[:, : len(found)] = found
        if self.unit is None:
            return wanted
        changed = values.copy()
        changed[:, self.unit] = wanted[:, self.unit]
        return changed


def originals(recording: Recording, change: Change) -> dict[int | None, Array]:
    """What "mean" and "copy" of a change put in place, by head; nothing for other changes."""
    if change.how not in ("mean", "copy"):
        return {}
    assert change.layer is not None
    if change.name == "read":
        found = reads(recording, change.layer)
    else:
        heads = recording.heads(change.layer) if change.name == "attention" else (None,)
        steps = range(len(recording))
        found = {head: [recording.at(time, change.layer, change.name, head) for time in steps] for head in heads}
    if change.how == "copy":
        return {head: rows[change.source] for head, rows in found.items()}
    return {head: np.mean(rows, axis=0) for head, rows in found.items()}


def reads(recording: Recording, wanted: int) -> dict[int | None, list[Array]]:
    """What each head of the layer `wanted` read at every step: the steps are taken again, and watched."""
    found: dict[int | None, list[Array]] = {head: [] for head in recording.heads(wanted)}

    def watch(layer: int, name: str, values: Array, head: int | None = None) -> Array:
        if (layer, name) == (wanted, "read"):
            found[head].append(values[0])
        return values

    state = recording.start
    for step in recording.steps:
        _, state = recording.runtime.step([step.token], state, None, watch)
    return found
