"""The content of a view as numbers and text: drawn by `drawing`, `svg` and the app, written by `export`.

A frame is complete: drawing it computes nothing. Its sentence states the finding, its caption the limits, and every
part has a table form.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Ids = NDArray[np.intp]
MARK = "◀"  # behind the label of the row that is pointed at
Scale = Literal["unit", "amount", "signed"]
"""The range of values that colours cover: "unit" 0 to 1, "amount" 0 to a limit, "signed" minus to plus a limit."""


@dataclass(frozen=True, slots=True)
class Heat:
    """A grid of values [R, C], labelled by row and column. NaN is a cell that does not exist, such as the future.

    With `rows_may_merge`, a drawing with fewer lines shows one row for several, and says so. `time` and `pinned` are
    the columns that are pointed at, `pointed` the id of the row. `row_ids` are unit numbers, or the steps of queries;
    they are empty if rows cannot be pointed at. `name` and `head` are those of the activation, if it is one.
    """

    title: str
    values: Floats
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    scale: Scale = "unit"
    limit: float = 1.0
    of_rows: Literal["units", "queries", "layers"] = "units"
    rows_may_merge: bool = False
    time: int | None = None
    pinned: int | None = None
    name: str = ""
    head: int | None = None
    row_ids: tuple[int, ...] = ()
    pointed: int | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the rows, the one that is pointed at with a mark."""
        if self.pointed is None or self.pointed not in self.row_ids:
            return self.rows
        pointed = self.row_ids.index(self.pointed)
        return tuple(f"{label} {MARK}" if row == pointed else label for row, label in enumerate(self.rows))


@dataclass(frozen=True, slots=True)
class Strip:
    """A text with a value for every token; NaN for none."""

    title: str
    labels: tuple[str, ...]
    values: Floats
    unit: str
    scale: Scale = "amount"
    limit: float = 1.0
    time: int | None = None


@dataclass(frozen=True, slots=True)
class Bars:
    """Labelled values as bars; `other` are the values before a change: each pair is drawn together, before and after.

    The unit "%" means that values are shares of 1.
    """

    title: str
    labels: tuple[str, ...]
    values: Floats
    unit: str = ""
    other: Floats | None = None
    names: tuple[str, str] = ("", "")  # of the two series


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str | int | float | None, ...], ...]


@dataclass(frozen=True, slots=True)
class Curves:
    """Curves over common values of x; with `log`, the y axis is logarithmic and values of 0 are not drawn."""

    title: str
    x: str
    y: str
    at: Floats
    lines: tuple[tuple[str, Floats], ...]
    log: bool = False


@dataclass(frozen=True, slots=True)
class Points:
    """Labelled points [N, 2] of a map; `x` and `y` say what its directions are, `marked` which points matter."""

    title: str
    labels: tuple[str, ...]
    at: Floats
    x: str
    y: str
    marked: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class TextLines:
    """Lines of text, such as an equation and the same one with the numbers of a step."""

    title: str
    lines: tuple[str, ...]


Part = Heat | Strip | Bars | Table | Curves | Points | TextLines


@dataclass(frozen=True, slots=True)
class Frame:
    """The content of a view: the finding in one `sentence`, pictures in `parts`, and their limits in `caption`.

    With `picture_first`, the sentence stands below the pictures, which come before the tables in `parts`.
    `unit` is the one that the frame is about, if it found one, in the gate or state `unit_of`.
    """

    view: str
    title: str
    sentence: str
    parts: tuple[Part, ...] = ()
    caption: str = ""
    picture_first: bool = False
    unit: int | None = None
    unit_of: str = ""


class Merged(NamedTuple):
    """A heat map with fewer rows, and a note about the reduction, or "".

    `ids` [R, C] names the row that each value comes from; None if no rows were merged or they have no ids.
    """

    heat: Heat
    note: str = ""
    ids: Ids | None = None


def merged(heat: Heat, lines: int) -> Merged:
    """The heat map in at most `lines` rows.

    A merged row shows in each column the value furthest from the middle of the scale: a mean would cancel out. It is
    labelled by the row that is pointed at, if that is one of them, else by the first.
    """
    rows = len(heat.rows)
    if rows <= lines or not heat.rows_may_merge:
        return Merged(heat)
    edges = np.linspace(0, rows, lines + 1).astype(int)
    middle = 0.5 if heat.scale == "unit" else 0.0
    groups = list(pairwise(edges.tolist()))
    furthest = np.stack([first + _furthest(heat.values[first:last], middle) for first, last in groups])
    pointed = heat.row_ids.index(heat.pointed) if heat.pointed in heat.row_ids else -1
    named = [pointed if first <= pointed < last else first for first, last in groups]
    labels = [heat.rows[row] + "…" * (last - first > 1) for row, (first, last) in zip(named, groups, strict=True)]
    which = "furthest from 0.5" if heat.scale == "unit" else "of the largest size"
    return Merged(
        replace(
            heat,
            values=np.take_along_axis(heat.values, furthest, axis=0),
            rows=tuple(labels),
            row_ids=tuple(heat.row_ids[row] for row in named) if heat.row_ids else (),
        ),
        f"{rows} {heat.of_rows}, {lines} rows: each row shows its value {which}",
        np.array(heat.row_ids)[furthest] if heat.row_ids else None,
    )


def _furthest(values: Floats, middle: float) -> Ids:
    """The row of [R, C] with the value furthest from `middle` in each column; the first if a column has none."""
    distance = np.where(np.isnan(values), -1.0, np.abs(values - middle))
    rows: Ids = distance.argmax(axis=0)
    return rows
