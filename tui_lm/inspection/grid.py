"""A heat map in characters: coloured cells, signs on coloured cells, or denser characters without colour.

A row is a line. Only a heat map of more rows than FULL has two rows a line, where it has no signs.

Labels come after their rows, so that a character of ambiguous width cannot shift the grid.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np
from rich.cells import cell_len

from tui_lm.inspection import colours
from tui_lm.inspection.frame import MARK, Heat, Ids, Scale, merged
from tui_lm.inspection.spans import HeatRow, Line, Paper, Span, clusters, width_of, wrapped

LARGE = 3  # cells of a column in large print
FULL = 24  # rows that have a line each
NARROWEST = 20  # least cells of a note
TALLEST = 6  # most lines of a column's label


def heat_lines(heat: Heat, paper: Paper) -> list[Line]:
    """The grid, a mark under the current step, the labels of the columns, and a note about omitted rows or columns."""
    two_rows = paper.colour and heat.scale != "signed" and not paper.large and len(heat.rows) > FULL
    heat, note, ids = merged(heat, paper.lines * (2 if two_rows else 1))
    labels = heat.labels
    if note:  # the number of one unit would be taken for the whole row's
        labels = tuple(label if label.endswith(MARK) else "" for label in labels)
    wide = column_width(heat, paper)
    side = max(map(cell_len, labels), default=0) * (2 if two_rows else 1) + 3
    first, last = _window(len(heat.columns), max(1, (paper.width - side) // wide), heat.time)
    levels = colours.level_of(heat.values[:, first:last], heat.scale, heat.limit)
    shown = None if ids is None else ids[:, first:last]
    rows = [_row(heat, row, first, last, wide, shown) for row in range(len(heat.rows))]
    lines = (_half_blocks if two_rows else _cells)(levels, heat, labels, rows, wide, paper)
    marks = "".join(
        ("▲" if column == heat.time else "△" if column == heat.pinned else " ").ljust(wide)
        for column in range(first, last)
    )
    if marks.strip():
        lines.append([Span(marks)])
    lines += [[Span(line)] for line in _stacked(heat.columns[first:last], wide)]
    if last - first < len(heat.columns):
        note = "; ".join(filter(None, [note, f"columns {first} to {last - 1} of {len(heat.columns)}"]))
    room = min(paper.width, max(NARROWEST, *map(width_of, lines)))  # a note must not keep other grids from its side
    return lines + ([[Span(piece)] for piece in wrapped(note, room)] if note else [])


def column_width(heat: Heat, paper: Paper) -> int:
    """The width of a column in cells: that of the paper, or what its labels, signs or large print need."""
    wide = 2 if any(cell_len(label) == 2 and len(label) == 1 for label in heat.columns) else 1
    signs = 2 if heat.scale == "signed" and not paper.colour else 1
    return max(wide, signs, LARGE if paper.large else 1, paper.column)


def _row(heat: Heat, row: int, first: int, last: int, wide: int, ids: Ids | None) -> HeatRow | None:
    """The target of a click on each row, or None if the rows have no ids. `ids` [R, C] are those of merged rows."""
    if not heat.row_ids:
        return None
    own = heat.row_ids[row]
    seen = () if ids is None else tuple(ids[row].tolist())
    return HeatRow(heat.name, heat.head, own, heat.of_rows, own == heat.pointed, first, last, wide, seen)


def legend(scale: Scale, limit: float, paper: Paper, unit: str = "") -> Line:
    """Every colour of a scale, between the values at its ends."""
    palette = colours.colours(scale, dark=paper.dark)
    low, high = ("0", f"{limit:.3g}") if scale != "signed" else (f"-{limit:.3g}", f"+{limit:.3g}")
    spans = [Span(f"{low} ")]
    for level, colour in enumerate(palette):
        if paper.colour:
            text = f"{colours.sign(level)} " if scale == "signed" else "  "
            spans.append(Span(text, colours.ink(colour), colour))
        else:
            spans.append(Span(f"{colours.character(level, scale)}|"))
    spans.append(Span(f" {high}{unit}{' and more' if scale == 'amount' else ''}"))
    if not paper.colour and width_of(spans) > paper.width:
        return [span._replace(text=span.text.removesuffix("|")) for span in spans]
    return spans


def _cells(
    levels: colours.Levels,
    heat: Heat,
    labels: Sequence[str],
    rows: Sequence[HeatRow | None],
    wide: int,
    paper: Paper,
) -> list[Line]:
    """One row a line: signs on colours, or characters."""
    palette = colours.colours(heat.scale, dark=paper.dark)
    cells = {colours.NOTHING: Span(" " * wide)}
    for level, colour in enumerate(palette):
        if paper.colour:
            text = colours.sign(level) if heat.scale == "signed" else " "
            cells[level] = Span(text.ljust(wide), colours.ink(colour), colour)
        else:
            cells[level] = Span(colours.character(level, heat.scale).ljust(wide))
    return [
        [*_joined([cells[level] for level in line], row), Span(f" {''.join(clusters(label))}", row=row)]
        for line, label, row in zip(levels.tolist(), labels, rows, strict=True)
    ]


def _half_blocks(
    levels: colours.Levels,
    heat: Heat,
    labels: Sequence[str],
    rows: Sequence[HeatRow | None],
    wide: int,
    paper: Paper,
) -> list[Line]:
    """Two rows a line: the foreground colours the upper half of a cell, the background the lower half."""
    palette = (*colours.colours(heat.scale, dark=paper.dark), None)  # NOTHING is -1, the last
    lines = list[Line]()
    for upper in range(0, len(levels), 2):
        lower = levels[upper + 1] if upper + 1 < len(levels) else np.full(levels.shape[1], colours.NOTHING)
        line = [_halves(palette[a], palette[b], wide) for a, b in zip(levels[upper], lower, strict=True)]
        label = " ".join(filter(None, labels[upper : upper + 2]))
        row = rows[upper]
        if row is not None:
            row = row._replace(pointed=any(one is not None and one.pointed for one in rows[upper : upper + 2]))
        lines.append([*_joined(line, row), Span(f" {label}", row=row)])
    return lines


def _joined(line: Line, row: HeatRow | None) -> Line:
    """The line with neighbouring spans of one style joined."""
    runs = groupby(line, lambda span: (span.foreground, span.background))
    return [Span("".join([span.text for span in run]), *style, row=row) for style, run in runs]


def _halves(upper: str | None, lower: str | None, wide: int) -> Span:
    if upper is None:
        return Span(("▄" if lower else " ") * wide, lower)
    return Span("▀" * wide, upper, lower)


def _window(columns: int, room: int, time: int | None) -> tuple[int, int]:
    """The columns that are drawn if not all fit: the last ones, or those up to the step that is looked at."""
    last = columns if time is None else min(columns, max(time + 1, room))
    return max(0, last - room), last


def _stacked(labels: Sequence[str], wide: int) -> list[str]:
    """The labels of columns, letter under letter unless they fit; one line if most are a single letter."""
    stacks = [clusters(label) for label in labels]
    stacks = [["".join(stack)] if cell_len("".join(stack)) <= wide else stack for stack in stacks]
    heights = sorted(map(len, stacks))
    height = min(TALLEST, heights[-1] if heights and heights[len(heights) // 2] > 1 else 1)
    lines = []
    for level in range(height):
        cells = []
        for stack in stacks:
            letter = stack[level] if level < len(stack) else ""
            if level == height - 1 and len(stack) > height:
                letter = "…"
            cells.append(letter + " " * max(0, wide - cell_len(letter)))
        lines.append("".join(cells))
    return lines
