"""A form of values, one per line: switches, choices, and numbers with a slider."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from textual import events
from textual.actions import SkipAction
from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.widget import Widget

from tui_lm.safe_text import visible_line
from tui_lm.settings import ABOUT, Settings
from tui_lm.tui.terminal import keys
from tui_lm.tui.widgets.calm import Calm

TRACK = 10  # columns of a slider


@dataclass(frozen=True)
class Field:
    """A switch if `value` is a bool, a slider if it is a number, else one of `choices`.

    A slider runs from `low` to `high`; a typed number may go up to `limit`.
    """

    name: str
    title: str
    text: str
    value: bool | int | float | str
    group: str = ""
    choices: tuple[str, ...] = ()
    low: float = 0
    high: float = 1
    step: float = 0.1
    limit: float | None = None
    names: Mapping[Any, str] | None = None  # names of special values

    @property
    def is_number(self) -> bool:
        return isinstance(self.value, int | float) and not isinstance(self.value, bool)

    def clamp(self, value: float) -> float | int:
        """The nearest value that the field accepts."""
        value = min(self.high if self.limit is None else self.limit, max(self.low, value))
        return round(value) if isinstance(self.value, int) else round(value, 4)

    def spelled(self) -> str:
        if self.names and self.value in self.names:
            return self.names[self.value]
        if isinstance(self.value, bool):
            return "on" if self.value else "off"
        return f"{self.value:.2f}" if isinstance(self.value, float) else str(self.value)


_SLIDERS: Mapping[str, float] = {"temperature": 2.0, "top_k": 100, "repeat_penalty": 2.0, "seed": 100}
_NAMES: Mapping[str, Mapping[Any, str]] = {
    "temperature": {0.0: "greedy"},
    "top_k": {0: "off"},
    "top_p": {1.0: "off"},
    "min_p": {0.0: "off"},
    "repeat_penalty": {1.0: "off"},
    "seed": {-1: "random"},
}


def setting_field(name: str, settings: Settings, choices: Sequence[str] = ()) -> Field:
    """The field of a setting, from its description in `settings.py`."""
    about = ABOUT[name]
    return Field(
        name,
        about.title,
        about.text,
        getattr(settings, name),
        about.group,
        tuple(choices) or about.choices,
        0.05 if name == "top_p" else 0.5 if name == "repeat_penalty" else about.low,
        _SLIDERS.get(name, about.high),
        about.step,
        about.high,
        _NAMES.get(name),
    )


class Form(Calm, Widget, can_focus=True):
    """Up and Down move, Left and Right change the value, digits type a number. Any line can be clicked."""

    BINDINGS: ClassVar[list[BindingType]] = keys.FORM

    @dataclass
    class Changed(Message):
        name: str
        value: Any

    @dataclass
    class Moved(Message):
        field: Field

    @dataclass
    class Wanted(Message):
        """Enter was pressed on a choice or a text: the screen asks for the value."""

        field: Field

    @dataclass
    class Misread(Message):
        """The text that was typed is not a number."""

        text: str

    def __init__(self, fields: Sequence[Field], *, id: str | None = None, groups: bool = False) -> None:
        super().__init__(id=id)
        self._groups = groups
        self._fields = list(fields)
        self._row = 0
        self._written = ""  # the number that is being typed
        self._dragged = False

    # What it shows

    def show(self, fields: Sequence[Field]) -> None:
        if list(fields) != self._fields:
            layout = len(fields) != len(self._fields)
            self._fields = list(fields)
            self._row = min(self._row, len(self._fields) - 1)
            self.refresh(layout=layout)

    @property
    def current(self) -> Field:
        return self._fields[self._row]

    def _lines(self) -> list[tuple[int | None, Content]]:
        """(index of the field, or None for a heading; the content of the line)"""
        column = max((len(field.title) for field in self._fields), default=0)
        lines: list[tuple[int | None, Content]] = []
        above = ""
        for number, field in enumerate(self._fields):
            if self._groups and field.group != above:
                above = field.group
                if number:
                    lines.append((None, Content("")))
                lines.append((None, Content.styled(above, "bold $text-accent")))
            chosen = number == self._row and self.has_focus
            lines.append((number, self._line(field, column, chosen)))
        return lines

    def _line(self, field: Field, column: int, chosen: bool) -> Content:
        mark = "▸ " if chosen else "  "
        title = Content.styled(f"{mark}{field.title:<{column}}  ", "bold" if chosen else "")
        if chosen and self._written:
            return title + Content.styled(f"{self._written}▏", "bold $text-accent")
        said = visible_line(field.spelled())
        if field.is_number:
            value = float(field.value)
            share = (value - field.low) / ((field.high - field.low) or 1)
            halves = round(min(1.0, max(0.0, share)) * TRACK * 2)
            filled = "━" * (halves // 2) + "╸" * (halves % 2)
            track = Content.assemble((filled, "$primary"), ("─" * (TRACK - len(filled)), "$foreground-disabled"))
            return Content.assemble(title, track, (f" {said}", "bold" if chosen else ""))
        if isinstance(field.value, bool):
            box = ("● " if field.value else "○ ", "$text-success" if field.value else "$foreground-muted")
            return Content.assemble(title, box, (said, "bold" if chosen else ""))
        if not field.choices:
            return Content.assemble(title, (said, "bold" if chosen else ""))
        return Content.assemble(title, ("◂ ", "$foreground-muted"), said, (" ▸", "$foreground-muted"))

    def render(self) -> Content:
        width = max(1, self.size.width)
        return Content("\n").join(line.truncate(width, ellipsis=True) for _, line in self._lines())

    def get_content_height(self, container: Any, viewport: Any, width: int) -> int:
        return len(self._lines())

    def on_focus(self) -> None:
        self.post_message(self.Moved(self.current))
        self.refresh()

    def on_blur(self) -> None:
        self._written = ""
        self.refresh()

    # Keys

    def action_move(self, rows: int) -> None:
        self._written = ""
        row = self._row + rows
        if not 0 <= row < len(self._fields):
            raise SkipAction
        self._go(row)

    def _go(self, row: int) -> None:
        self._row = row
        self.post_message(self.Moved(self.current))
        self.scroll_to_current()
        self.refresh()

    def scroll_to_current(self) -> None:
        line = [number for number, _ in self._lines()].index(self._row)
        if self.parent is not None and isinstance(self.parent, Widget):
            self.parent.scroll_to_region(Region(0, line + self.virtual_region.y, 1, 1), animate=False)

    def action_change(self, steps: int) -> None:
        field = self.current
        if isinstance(field.value, bool):
            self._set(field, not field.value)
        elif field.is_number:
            self._set(field, field.clamp(float(field.value) + steps * field.step))
        elif field.choices:
            index = field.choices.index(str(field.value)) if field.value in field.choices else -1
            self._set(field, field.choices[(index + steps) % len(field.choices)])

    def action_ends(self, side: int) -> None:
        field = self.current
        if field.is_number:
            self._set(field, field.clamp(field.low if side < 0 else field.high))

    def action_choose(self) -> None:
        field = self.current
        if self._written:
            self._take_written()
        elif isinstance(field.value, bool):
            self._set(field, not field.value)
        elif not field.is_number:  # the screen asks for a choice or a text
            self.post_message(self.Wanted(field))

    def action_undo(self) -> None:
        if not self._written:
            raise SkipAction
        self._written = ""
        self.refresh()

    def _take_written(self) -> None:
        written, self._written = self._written, ""
        try:
            self._set(self.current, self.current.clamp(float(written)))
        except ValueError:
            self.post_message(self.Misread(written))
        self.refresh()

    def _set(self, field: Field, value: Any) -> None:
        self._written = ""
        if value != field.value:
            self.post_message(self.Changed(field.name, value))

    def on_key(self, event: events.Key) -> None:
        """Digits type a number. All other keys are in the table of bindings."""
        if not self.current.is_number or event.character is None:
            return
        if event.character.isdecimal() or event.character in ".," or (event.character == "-" and not self._written):
            if event.character == "-" and self.current.low >= 0:
                return
            self._written += "." if event.character == "," else event.character
        elif event.key == "backspace" and self._written:
            self._written = self._written[:-1]
        else:
            return
        event.stop()
        event.prevent_default()
        self.refresh()

    # Mouse

    def _field_at(self, y: int) -> int | None:
        lines = self._lines()
        return lines[y][0] if 0 <= y < len(lines) else None

    def _follow(self, event: events.MouseEvent) -> None:
        field = self.current
        left = 2 + max(len(each.title) for each in self._fields) + 2
        x = event.x - self.gutter.left - left
        share = min(1.0, max(0.0, x / (TRACK - 1)))
        steps = round(share * (field.high - field.low) / field.step)
        self._set(field, field.clamp(field.low + steps * field.step))

    def on_mouse_down(self, event: events.MouseDown) -> None:
        number = self._field_at(event.y - self.gutter.top)
        if number is None:
            return
        self._go(number)
        if self.current.is_number:
            self._dragged = True
            self.capture_mouse()
            self._follow(event)
        else:
            self.action_change(1)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._dragged:
            self._follow(event)

    def on_mouse_up(self) -> None:
        self._dragged = False
        self.release_mouse()
