"""The text as tokens with the one that is looked at, and under it what else is pointed at; a click changes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from tui_lm.safe_text import visible_line
from tui_lm.tui.pointer import Pointer

UNDO = "bold $text-warning"  # a network that is not as it was trained is to be seen
NEAR = 3  # cells that stay free beside the token that is looked at
ATTENTION, NOTED, COMPARED = ("attention",), ("gates", "saturation", "equations"), ("gates",)
UNITS, NAMES = ("gates", "equations", "ledger", "edit"), ("gates", "edit")  # views in which those are pointed at


@dataclass(frozen=True)
class Shown:
    """What there is to point at."""

    view: str = ""
    labels: tuple[str, ...] = ()
    layers: int = 1
    heads: int = 0
    names: tuple[str, ...] = ()
    notation: str = "pytorch"
    playing: bool = False

    def of_heads(self, name: str | None) -> bool:
        """Whether heads are pointed at here and not units, where `name` is the gate, the state or the attention."""
        return self.view in ATTENTION or name == "attention" or (self.view == "equations" and self.heads > 0)


class Pointing(Widget):
    @dataclass
    class Wanted(Message):
        """A change of what is pointed at, by the names of keys.PANEL."""

        what: str
        by: int = 0

    def __init__(self) -> None:
        super().__init__()
        self._pointer = Pointer()
        self._shown = Shown()
        self.tooltip = "A click on a token, an arrow or a name changes what is looked at"

    def show(self, pointer: Pointer, shown: Shown) -> None:
        if (pointer, shown) != (self._pointer, self._shown):
            self._pointer, self._shown = pointer, shown
            self.refresh()

    @property
    def time(self) -> int:
        last = len(self._shown.labels) - 1
        return last if self._pointer.time is None else min(self._pointer.time, last)

    def tokens(self) -> Iterator[tuple[int, str]]:
        """Those that fit, around the one that is looked at, with their times."""
        labels = [visible_line(label) for label in self._shown.labels]
        if not labels:
            return
        room, first, last = self.size.width - cell_len(labels[self.time]), self.time, self.time
        ahead = NEAR
        while True:
            after = cell_len(labels[last + 1]) if last + 1 < len(labels) else room + 1
            before = cell_len(labels[first - 1]) if first > 0 else room + 1
            if after <= min(room, ahead) or (before > room and after <= room):
                last, room, ahead = last + 1, room - after, ahead - after
            elif before <= room:
                first, room = first - 1, room - before
            else:
                break
        yield from ((time, labels[time]) for time in range(first, last + 1))

    @property
    def name_of_gate(self) -> str:
        """The gate or state that is pointed at."""
        names = self._shown.names
        name = self._pointer.name
        return name if name is not None and name in names else next(iter(names), "")

    def controls(self) -> Iterator[tuple[str, str, int]]:
        """Words below the text, and what a click on them wants."""
        pointer, shown = self._pointer, self._shown
        if not shown.labels:
            return
        yield "◀", "step", -1
        yield f"{self.time}/{len(shown.labels) - 1}", "live", 0
        yield "▶", "step", 1
        yield "||" if shown.playing else ">>", "play", 0
        if shown.layers > 1:
            yield f"layer {shown.layers - 1 if pointer.layer is None else pointer.layer}", "layer", 1
        of_heads = shown.of_heads(self.name_of_gate)
        if of_heads and shown.heads and shown.view in (*ATTENTION, *UNITS):
            yield "heads" if pointer.head is None else f"head {pointer.head}", "row", 1
        if shown.view in ATTENTION:
            if shown.heads:
                yield pointer.measure, "measure", 0
            yield "no first" if pointer.hide_first else "first", "hide", 0
        if shown.view in NAMES:
            yield self.name_of_gate, "name", 1
        if shown.view in UNITS and not of_heads:
            yield "units" if pointer.unit is None else f"unit {pointer.unit}", "row", 1
        yield "edit", "edit", 0
        if pointer.change is not None:
            yield "undo", "undo", 0
        if shown.view in COMPARED:
            yield "pin" if pointer.pinned is None else f"pin {pointer.pinned}", "pin", 0
            yield "all" if pointer.every_unit else "top", "units", 0
        if shown.view in NOTED:
            yield shown.notation, "notation", 0
        yield "pictures" if pointer.numbers else "123", "numbers", 0

    def render(self) -> Content:
        text = [
            Content.styled(
                label,
                "bold reverse"
                if time == self.time
                else "underline"
                if time == self._pointer.pinned
                else "$foreground-muted",
            )
            for time, label in self.tokens()
        ]
        rows = [
            Content(" ").join(Content.styled(word, UNDO if what == "undo" else "$text-accent") for word, what, _ in row)
            for row in self._rows()
        ]
        return Content("\n").join([Content("").join(text), *rows])

    def _rows(self) -> list[list[tuple[str, str, int]]]:
        """The controls, as many a line as there is room for."""
        rows: list[list[tuple[str, str, int]]] = [[]]
        room = self.size.width
        for control in self.controls():
            if rows[-1] and room < len(control[0]):
                rows.append([])
                room = self.size.width
            rows[-1].append(control)
            room -= len(control[0]) + 1
        return rows

    def on_click(self, event: events.Click) -> None:
        x = event.x
        if event.y == 0:
            for time, label in self.tokens():
                if 0 <= x < cell_len(label):
                    self.post_message(self.Wanted("time", time))
                    return
                x -= cell_len(label)
            return
        rows = self._rows()
        for word, what, by in rows[event.y - 1] if event.y <= len(rows) else ():
            if 0 <= x < cell_len(word):
                again = what == "layer" and self._pointer.layer in (None, self._shown.layers - 1)
                self.post_message(self.Wanted(what, -self._shown.layers if again else by))
                return
            x -= cell_len(word) + 1
