"""What a view shows, as plain numbers and words: drawn by `drawing`, `svg` and the app, written by `export`.

A frame is finished: whoever draws it computes nothing. Its sentence says the point in words, its caption says what must
not be read into it, and every part has a table form.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
MARK = "◀"  # behind the name of a row that is pointed at
Scale = Literal["unit", "amount", "signed"]
"""Colours of values: "unit" from 0 to 1, "amount" from 0 to a limit, "signed" from minus to plus a limit."""


@dataclass(frozen=True, slots=True)
class Heat:
    """A grid of values [R, C], labelled by row and column. NaN is a cell that does not exist, as the future is.

    Where `rows_may_merge`, a drawing with fewer lines shows of several rows the value that is furthest from the middle
    of the scale (a mean would cancel out), and says so. `time` and `pinned` are columns that are pointed at, `MARK`
    stands beside the name of a row that is. `name` and `head` are those of the activation, where it is of one.
    """

    title: str
    values: Floats
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    scale: Scale = "unit"
    limit: float = 1.0
    of_rows: str = "units"
    rows_may_merge: bool = False
    time: int | None = None
    pinned: int | None = None
    name: str = ""
    head: int | None = None


@dataclass(frozen=True, slots=True)
class Strip:
    """A text in which every token has a value; NaN where it has none."""

    title: str
    labels: tuple[str, ...]
    values: Floats
    unit: str
    scale: Scale = "amount"
    limit: float = 1.0
    time: int | None = None


@dataclass(frozen=True, slots=True)
class Bars:
    """Labelled values as bars; `other` are those before a change, or of another moment, beside them.

    The unit "%" means that values are shares of 1.
    """

    title: str
    labels: tuple[str, ...]
    values: Floats
    unit: str = ""
    other: Floats | None = None
    names: tuple[str, str] = ("", "")  # of `values` and of `other`


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str | int | float | None, ...], ...]


@dataclass(frozen=True, slots=True)
class Curves:
    """Lines over common values of x; where `log`, y is drawn by powers of ten, and what is 0 is not drawn."""

    title: str
    x: str
    y: str
    at: Floats
    lines: tuple[tuple[str, Floats], ...]
    log: bool = False


@dataclass(frozen=True, slots=True)
class TextLines:
    """Lines of text, such as an equation and this step's numbers put into it."""

    title: str
    lines: tuple[str, ...]


Part = Heat | Strip | Bars | Table | Curves | TextLines


@dataclass(frozen=True, slots=True)
class Frame:
    """What a view says: `sentence` in one line, `parts` in pictures, `caption` what it does not say."""

    view: str
    title: str
    sentence: str
    parts: tuple[Part, ...] = ()
    caption: str = ""


def merged(heat: Heat, lines: int) -> tuple[Heat, str]:
    """The heat in at most `lines` rows, and a note of what was done: "" or "512 units, 120 rows: ..."."""
    rows = len(heat.rows)
    if rows <= lines or not heat.rows_may_merge:
        return heat, ""
    edges = np.linspace(0, rows, lines + 1).astype(int)
    middle = 0.5 if heat.scale == "unit" else 0.0
    parts = [heat.values[first:last] for first, last in pairwise(edges)]
    values = np.stack([_furthest(part, middle) for part in parts])
    labels = tuple(_merged_label(heat.rows[first:last]) for first, last in pairwise(edges))
    which = "furthest from 0.5" if heat.scale == "unit" else "of the largest size"
    note = f"{rows} {heat.of_rows}, {lines} rows: each row shows its value {which}"
    return replace(heat, values=values, rows=labels), note


def _merged_label(rows: tuple[str, ...]) -> str:
    """The first row's name, unless another one is pointed at."""
    if len(rows) == 1:
        return rows[0]
    return next((f"{row[:-1]}…{MARK}" for row in rows if row.endswith(MARK)), f"{rows[0]}…")


def _furthest(part: Floats, middle: float) -> Floats:
    """Of each column of [R, C] the value furthest from `middle`; columns without any stay NaN."""
    distance = np.where(np.isnan(part), -1.0, np.abs(part - middle))
    result: Floats = np.take_along_axis(part, distance.argmax(axis=0)[None], axis=0)[0]
    return result
