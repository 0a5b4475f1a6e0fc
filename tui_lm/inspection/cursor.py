"""The cursor of the inspector: one step, layer, head, unit and target token, which all views follow.

The app holds a cursor before numpy is loaded, so this module imports numpy's users for their types only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tui_lm.errors import TuiLmError

if TYPE_CHECKING:
    from tui_lm.inspection.change import Change
    from tui_lm.inspection.notation import Notation
    from tui_lm.inspection.recording import Recording
    from tui_lm.inspection.spans import HeatRow

Measure = Literal["weight", "norm", "rollout"]
UNITS = 8  # so many rows can be told apart, and fit on a page with all gates and states
MEASURES: tuple[Measure, ...] = ("weight", "norm", "rollout")
Shade = Literal["surprisal", "unit", "gate", "attention", "saliency"]
SHADES: tuple[Shade, ...] = ("surprisal", "unit", "gate", "attention", "saliency")
Control = Literal["name", "unit", "head", "pin", "units", "notation", "measure", "sink", "shade"]
"""What of a cursor a view follows, and a person can change in it, beside the step and the layer.

name: the gate or state; unit, head: the one that is pointed at; pin: a second step to compare with; units: all of them
or those that matter most; notation: PyTorch's or the textbooks'; measure, sink, shade: those of `Cursor`.
"""


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched: the last `tokens` of a chat, and for `track` the property that a unit is to track."""

    chat: Path
    track: str = ""
    tokens: int = 50_000


@dataclass(frozen=True, slots=True)
class Cursor:
    """None leaves the choice to the view: the last step, the last layer, every head, the units that matter most.

    `time` and `layer` may count from the end. `target` is the token whose logit is explained (None: the most probable
    one). `pinned` is a second step to compare with. `name` is a gate or state; it and `unit` are shown `alone`, or
    pointed at among the others. `top` is the length of lists; `only_top` shows only the `units` that matter most of a
    layer. `shade` colours the text; `anchor` is the other end of a span of it. `search` is for the views that read a
    chat. `change` is what the edit view does to the network; `seed` picks its control and random directions.
    """

    time: int | None = None
    layer: int | None = None
    head: int | None = None
    unit: int | None = None
    name: str | None = None
    alone: bool = True
    pinned: int | None = None
    target: int | None = None
    notation: Notation = "pytorch"
    temperature: float = 1.0
    hide_sink: bool = False
    measure: Measure = "weight"
    shade: Shade = "surprisal"
    anchor: int | None = None
    top: int = 20
    units: int = UNITS
    only_top: bool = False
    search: Search | None = None
    change: Change | None = None
    seed: int = 0

    # Moves

    def moved(self, by: int, steps: int) -> Cursor:
        """`by` tokens later in a text of `steps` tokens, within it."""
        return self.at((steps - 1 if self.time is None else self.time) + by, steps)

    def at(self, time: int, steps: int) -> Cursor:
        return replace(self, time=max(0, min(steps - 1, time)), anchor=None) if steps else self

    def spanned(self, to: int, steps: int) -> Cursor:
        """The span from the anchor to step `to`; it begins at the step that is looked at if there was none."""
        now = steps - 1 if self.time is None else self.time
        return replace(self.at(to, steps), anchor=now if self.anchor is None else self.anchor)

    @property
    def span(self) -> tuple[int, int] | None:
        """The first and the last step of the span."""
        if self.anchor is None or self.time is None:
            return None
        return min(self.anchor, self.time), max(self.anchor, self.time)

    def other_layer(self, by: int, layers: int) -> Cursor:
        now = layers - 1 if self.layer is None else self.layer
        return replace(self, layer=max(0, min(layers - 1, now + by)))

    def other_head(self, by: int, heads: int) -> Cursor:
        """All heads come before the first one and after the last one."""
        now = -1 if self.head is None else self.head
        head = (now + by + 1) % (heads + 1) - 1
        return replace(self, head=None if head < 0 else head)

    def other_unit(self, by: int, units: Sequence[int]) -> Cursor:
        """`units` are those shown, from top to bottom; all of them come before the first one and after the last one."""
        now = units.index(self.unit) if self.unit in units else -1
        row = (now + by + 1) % (len(units) + 1) - 1
        return replace(self, unit=None if row < 0 else units[row])

    def other_name(self, by: int, names: Sequence[str]) -> Cursor:
        now = names.index(self.name) if self.name in names else 0
        return replace(self, name=names[(now + by) % len(names)]) if names else self

    def other_measure(self) -> Cursor:
        return replace(self, measure=MEASURES[(MEASURES.index(self.measure) + 1) % len(MEASURES)])

    def other_shade(self, shades: Sequence[Shade]) -> Cursor:
        now = shades.index(self.shade) if self.shade in shades else 0
        return replace(self, shade=shades[(now + 1) % len(shades)])

    def pinned_here(self, steps: int) -> Cursor:
        """Pin the step that is looked at, or unpin it."""
        now = steps - 1 if self.time is None else self.time
        return replace(self, pinned=None if self.pinned == now else now)

    def picked(self, row: HeatRow, column: int | None) -> Cursor:
        """After a click on a row of a heat map; `column` is None if the click was on the row's label."""
        if row.of_rows == "queries":
            return replace(self, name=row.name, head=row.head, time=row.id_at(column))
        time = self.time if column is None else column
        return replace(self, name=row.name, unit=row.id_at(column), time=time)

    # On a recording

    def within(self, recording: Recording) -> Cursor:
        """The cursor limited to the recording, whose text may have become shorter and whose model may have changed."""
        last, layers, heads = len(recording) - 1, recording.layers, recording.heads(recording.layers - 1)
        units = int(recording.at(0, layers - 1, "hidden_state").size)
        return replace(
            self,
            time=None if self.time is None else min(self.time, last),
            layer=None if self.layer is None else min(self.layer, layers - 1),
            head=self.head if self.head is not None and self.head in heads else None,
            unit=self.unit if self.unit is not None and self.unit < units else None,
            name=self.name if self.name in (*recording.names, "attention") else None,
            pinned=None if self.pinned is None else min(self.pinned, last),
            anchor=None if self.anchor is None else min(self.anchor, last),
        )

    def on(self, recording: Recording) -> ResolvedCursor:
        """The cursor with its step, layer and target. Raises TuiLmError if the recording lacks one of them."""
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
                f"{recording.architecture.label} has no gate or state {self.name}",
                f"it has {', '.join(recording.names)}",
                exit_code=2,
            )
        target = self.target
        if target is None:
            target = int(recording.allowed(recording.steps[time].logits).argmax())
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return ResolvedCursor(**values | {"time": time, "layer": layer, "pinned": pinned, "target": target})


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedCursor(Cursor):
    """A cursor on a recording: its step, layer and target are known, and counted from 0."""

    time: int
    layer: int
    target: int


def rows_of(controls: tuple[Control, ...], name: str | None, heads: int) -> Literal["heads", "units", ""]:
    """What can be picked row by row in a view with `controls`, of a model with `heads` heads.

    Where `name` can be picked too, heads belong to attention and units to everything else.
    """
    if "head" in controls and (name == "attention" if "name" in controls else heads > 0):
        return "heads" if heads else ""
    return "units" if "unit" in controls else ""


def target_of(recording: Recording, text: str) -> int:
    """The token that `text` begins with, or that is labelled so: "end" is the end of a message."""
    named = next((t for t in range(len(recording.tokenizer.specials)) if recording.label(t) == text), None)
    if named is not None:
        return named
    tokens = recording.tokenizer.encode(text)
    if not tokens:
        raise TuiLmError("--target is empty", "name the token to explain, for example --target e", exit_code=2)
    return tokens[0]


def _index(what: str, index: int, length: int, of: str) -> int:
    if not -length <= index < length:
        raise TuiLmError(
            f"there is no {what} {index}: there are {length} {of}", f"count from 0 to {length - 1}", exit_code=2
        )
    return index % length
