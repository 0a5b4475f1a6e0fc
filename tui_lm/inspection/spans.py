"""The elements of a drawing: lines of spans, the size and colours of the paper, and wrapped text."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from rich.cells import cell_len


class HeatRow(NamedTuple):
    """The row of a heat map that a span belongs to, so that a click on the span points at it.

    `id` is the row's own id, a unit or the step of a query as `of_rows` says. Columns `first` to `last` - 1 are drawn,
    `wide` cells each; if rows were merged, `ids` names the row that each of these columns shows.
    """

    name: str
    head: int | None
    id: int
    of_rows: Literal["units", "queries", "layers"]
    pointed: bool
    first: int
    last: int
    wide: int
    ids: tuple[int, ...] = ()

    def id_at(self, column: int | None) -> int:
        """The id of the row that is seen in a column; the row's own beside the columns (None)."""
        return self.id if column is None or not self.ids else self.ids[column - self.first]


class Span(NamedTuple):
    """Text of one style. Colours are "#rrggbb", or None for the terminal's own."""

    text: str
    foreground: str | None = None
    background: str | None = None
    bold: bool = False
    row: HeatRow | None = None


Line = list[Span]


@dataclass(frozen=True, slots=True)
class Paper:
    """The size of a drawing in cells, and whether it uses colour and large print.

    `lines` is for each grid, `column` the width of a grid's columns.
    """

    width: int = 100
    lines: int = 16
    colour: bool = True
    dark: bool = True
    large: bool = False
    column: int = 1


def plain(lines: Sequence[Line]) -> str:
    return "\n".join("".join(span.text for span in line).rstrip() for line in lines)


def clusters(label: str) -> list[str]:
    """Letters together with their combining marks; a mark without a letter gets a dotted circle."""
    found: list[str] = []
    for character in label:
        mark = unicodedata.category(character) in ("Mn", "Me", "Mc") or cell_len(character) == 0
        if mark and found:
            found[-1] += character
        else:
            found.append(f"\N{DOTTED CIRCLE}{character}" if mark else character)
    return found


def wrapped(text: str, width: int) -> list[str]:
    """Text in lines of at most `width` cells, broken at spaces."""
    lines = [""]
    for word in text.split():
        if lines[-1] and cell_len(lines[-1]) + 1 + cell_len(word) > width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".lstrip()
    return lines


def number(value: float | int | str | None, unit: str = "") -> str:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return "-"
    if isinstance(value, str):
        return value
    if unit == "%":
        return f"{100 * value:.1f} %" if value >= 0.0005 or value == 0 else "<0.1 %"
    text = str(value) if isinstance(value, int) else f"{value:+.3g}"
    return f"{text} {unit}".rstrip()


def width_of(line: Line) -> int:
    """The width of a line in cells."""
    return sum(cell_len(span.text) for span in line)
