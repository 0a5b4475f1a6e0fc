"""What a person points at in the inspector: one moment, layer and head, which all its views follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_lm.inspection import Change, Cursor, Recording
    from tui_lm.inspection.cursor import Measure
    from tui_lm.inspection.notation import Notation

MEASURES: tuple[Measure, ...] = ("weight", "norm", "rollout")


@dataclass(frozen=True)
class Pointer:
    """`time` None follows what is typed, `layer` None is the last one, `head` and `unit` None are all of them.

    `name` is the gate or state that a change would be to, None the first one; `change` the one that was made.
    """

    time: int | None = None
    layer: int | None = None
    head: int | None = None
    name: str | None = None
    unit: int | None = None
    pinned: int | None = None
    measure: Measure = "weight"
    numbers: bool = False  # in the place of pictures
    every_unit: bool = False  # not those alone that matter most
    hide_first: bool = False  # the first token of attention, where much of it rests
    change: Change | None = None

    def stepped(self, by: int, steps: int) -> Pointer:
        """`by` tokens later in a text of `steps`, within it."""
        return self.at((steps - 1 if self.time is None else self.time) + by, steps)

    def at(self, time: int, steps: int) -> Pointer:
        return replace(self, time=max(0, min(steps - 1, time))) if steps else self

    def other_layer(self, by: int, layers: int) -> Pointer:
        now = layers - 1 if self.layer is None else self.layer
        return replace(self, layer=max(0, min(layers - 1, now + by)))

    def other_head(self, by: int, heads: int) -> Pointer:
        """All heads come before the first and after the last one."""
        now = -1 if self.head is None else self.head
        head = (now + by + 1) % (heads + 1) - 1
        return replace(self, head=None if head < 0 else head)

    def other_unit(self, by: int, units: Sequence[int]) -> Pointer:
        """As they stand from top to bottom; all of them come before the first and after the last one."""
        now = units.index(self.unit) if self.unit in units else -1
        place = (now + by + 1) % (len(units) + 1) - 1
        return replace(self, unit=None if place < 0 else units[place])

    def other_name(self, by: int, names: Sequence[str]) -> Pointer:
        now = names.index(self.name) if self.name in names else 0
        return replace(self, name=names[(now + by) % len(names)]) if names else self

    def other_measure(self) -> Pointer:
        return replace(self, measure=MEASURES[(MEASURES.index(self.measure) + 1) % len(MEASURES)])

    def pinned_here(self, steps: int) -> Pointer:
        """Another moment is compared with this one; pinned again, it is let go."""
        now = steps - 1 if self.time is None else self.time
        return replace(self, pinned=None if self.pinned == now else now)

    def on(self, recording: Recording, notation: Notation, temperature: float, *, alone: bool = True) -> Cursor:
        """As far as it is there: a text may have become shorter, a model another one.

        A unit that is pointed at is looked at `alone`, or marked among the others.
        """
        from tui_lm.inspection import Cursor  # numpy: not before the first frame

        last, layers, heads = len(recording) - 1, recording.layers, recording.heads(recording.layers - 1)
        there = self.head is not None and self.head in heads
        unit = self.unit if self.unit is not None and self.unit < _units(recording) else None
        return Cursor(
            time=None if self.time is None else min(self.time, last),
            layer=None if self.layer is None else min(self.layer, layers - 1),
            head=self.head if there else None,
            pinned=None if self.pinned is None else min(self.pinned, last),
            unit=unit if alone else None,
            marked=unit,
            hide_first=self.hide_first,
            measure=self.measure,
            notation=notation,
            temperature=temperature,
            only_top=not self.every_unit,
        )


def _units(recording: Recording) -> int:
    return int(recording.at(0, recording.layers - 1, "hidden_state").size)
