"""The tokens of the text with the one that is looked at, and below them the rest of the cursor, to be clicked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget

from tui_lm.inspection.cursor import Control, Cursor, Shade, rows_of
from tui_lm.safe_text import visible_line
from tui_lm.tui.jobs.pointer import Pointer

UNDO = "bold $text-warning"  # an edited network should not go unnoticed
BETWEEN = "  "  # two words
NEAR = 3  # cells that stay free beside the token that is looked at


@dataclass(frozen=True)
class Shown:
    """What there is to point at in a view."""

    view: str = ""
    labels: tuple[str, ...] = ()
    layers: int = 1
    heads: int = 0
    names: tuple[str, ...] = ()
    notation: str = "pytorch"
    playing: bool = False
    controls: tuple[Control, ...] = ()
    slow: bool = False
    units: tuple[int, ...] = ()
    shades: tuple[Shade, ...] = ()

    def named(self, name: str | None) -> str:
        """The gate or state that is pointed at: `name`, or the first one."""
        return name if name is not None and name in self.names else next(iter(self.names), "")

    def rows(self, name: str | None) -> str:
        """What is picked row by row, "heads" or "units", "" for nothing; `name` is the gate or state."""
        return rows_of(self.controls, self.named(name), self.heads)


def called(name: str) -> str:
    """A gate, state or attention in words: "gate: forget", "state: hidden"."""
    if name.endswith("_state"):
        return f"state: {name.removesuffix('_state')}"
    return name if name in ("", "attention") else f"gate: {name}"


def moved(cursor: Cursor, shown: Shown, what: str, by: int) -> Cursor:
    """The cursor after a move; `what` is a name of keys.PANEL or keys.READING. The same if it is no move."""
    steps = len(shown.labels)
    match what:
        case "step":
            return cursor.moved(by, steps)
        case "time":
            return cursor.at(by, steps)
        case "grow":
            return cursor.spanned((steps - 1 if cursor.time is None else cursor.time) + by, steps)
        case "to":
            return cursor.spanned(by, steps)
        case "live":
            return replace(cursor, time=None, anchor=None)
        case "layer":
            return cursor.other_layer(by, shown.layers)
        case "row":
            of_heads = shown.rows(cursor.name) == "heads"
            return cursor.other_head(by, shown.heads) if of_heads else cursor.other_unit(by, shown.units)
        case "name":
            return cursor.other_name(by, shown.names)
        case "pin":
            return cursor.pinned_here(steps)
        case "measure":
            return cursor.other_measure()
        case "shade":
            return cursor.other_shade(shown.shades)
        case "hide":
            return replace(cursor, hide_sink=not cursor.hide_sink)
        case "undo":
            return replace(cursor, change=None)
        case "units":
            return replace(cursor, only_top=not cursor.only_top)
    return cursor


class Pointing(Widget):
    """The tokens of the text, unless they stand elsewhere, and words that show and change the cursor."""

    @dataclass
    class Wanted(Message):
        """Another cursor is wanted: `what` is a name of keys.PANEL."""

        what: str
        by: int = 0

    def __init__(self, *, tokens: bool = True) -> None:
        super().__init__()
        self._has_tokens = tokens
        self._pointer = Pointer()
        self._shown = Shown()
        self.tooltip = "Click a token, an arrow or a word to change what is shown"

    def show(self, pointer: Pointer, shown: Shown) -> None:
        if (pointer, shown) != (self._pointer, self._shown):
            rows = len(self._rows(self.size.width))
            self._pointer, self._shown = pointer, shown
            self.refresh(layout=rows != len(self._rows(self.size.width)))  # a layout at each key would be felt

    @property
    def time(self) -> int:
        last = len(self._shown.labels) - 1
        time = self._pointer.cursor.time
        return last if time is None else min(time, last)

    def tokens(self) -> Iterator[tuple[int, str]]:
        """The tokens that fit around the one that is looked at, with their times."""
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

    def controls(self) -> Iterator[tuple[str, str, int]]:
        """Words below the text, and what a click on each wants."""
        cursor, shown = self._pointer.cursor, self._shown
        if not shown.labels:
            return
        yield "◀", "step", -1
        yield f"step {self.time}/{len(shown.labels) - 1}", "live", 0
        yield "▶", "step", 1
        yield "pause" if shown.playing else "play", "play", 0
        if "shade" in shown.controls or not self._has_tokens:
            yield f"shade: {cursor.shade if cursor.shade in shown.shades else 'surprisal'}", "shade", 1
        if shown.layers > 1:
            yield f"layer: {shown.layers - 1 if cursor.layer is None else cursor.layer}", "layer", 1
        rows = shown.rows(cursor.name)
        if "name" in shown.controls or self._shades_unit:
            yield called(shown.named(cursor.name)), "name", 1
        if rows == "heads":
            yield f"head: {'all' if cursor.head is None else cursor.head}", "row", 1
        if rows == "units" or self._shades_unit:
            yield f"unit: {'all' if cursor.unit is None else cursor.unit}", "row", 1
        if "measure" in shown.controls and shown.heads:
            yield f"measure: {cursor.measure}", "measure", 0
        if "sink" in shown.controls:
            yield f"first token: {'hidden' if cursor.hide_sink else 'shown'}", "hide", 0
        if "units" in shown.controls:
            yield f"rows: {f'top {cursor.units}' if cursor.only_top else 'every unit'}", "units", 0
        yield "edit", "edit", 0
        if cursor.change is not None:
            yield "undo the edit", "undo", 0
        if "pin" in shown.controls:
            yield "pin" if cursor.pinned is None else f"pinned: {cursor.pinned}", "pin", 0
        if "notation" in shown.controls:
            yield f"notation: {shown.notation}", "notation", 0
        yield "pictures" if self._pointer.numbers else "numbers", "numbers", 0

    def render(self) -> Content:
        text = [
            Content.styled(
                label,
                "bold reverse"
                if time == self.time
                else "underline"
                if time == self._pointer.cursor.pinned
                else "$foreground-muted",
            )
            for time, label in self.tokens()
        ]
        rows = [
            Content(BETWEEN).join(
                Content.styled(word, UNDO if what == "undo" else "$text-accent") for word, what, _ in row
            )
            for row in self._rows(self.size.width)
        ]
        return Content("\n").join([*([Content("").join(text)] if self._has_tokens else []), *rows])

    @property
    def _shades_unit(self) -> bool:
        """Whether the text is shaded by a unit or a gate, which can be changed then."""
        return not self._has_tokens and self._pointer.cursor.shade in ("unit", "gate")

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return self._has_tokens + len(self._rows(width))

    def _rows(self, width: int) -> list[list[tuple[str, str, int]]]:
        """The controls in lines of at most `width` cells."""
        rows: list[list[tuple[str, str, int]]] = [[]]
        room = width
        for control in self.controls():
            if rows[-1] and room < len(control[0]):
                rows.append([])
                room = width
            rows[-1].append(control)
            room -= len(control[0]) + len(BETWEEN)
        return rows

    def on_click(self, event: events.Click) -> None:
        x = event.x
        if self._has_tokens and event.y == 0:
            for time, label in self.tokens():
                if 0 <= x < cell_len(label):
                    self.post_message(self.Wanted("time", time))
                    return
                x -= cell_len(label)
            return
        rows = self._rows(self.size.width)
        row = event.y - self._has_tokens
        for word, what, by in rows[row] if row < len(rows) else ():
            if 0 <= x < cell_len(word):
                again = what == "layer" and self._pointer.cursor.layer in (None, self._shown.layers - 1)
                self.post_message(self.Wanted(what, -self._shown.layers if again else by))
                return
            x -= cell_len(word) + len(BETWEEN)
