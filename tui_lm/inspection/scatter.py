"""Points of a map on a grid of characters: labels beside their points, without overlaps where there is room."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len

from tui_lm.inspection.frame import Points
from tui_lm.inspection.spans import Line, Paper, Span, clusters, wrapped

DOT, MARKED = "·", "●"
LONGEST_LABEL = 18  # cells
ASPECT = 3  # cells of width for one of height, at most


def point_lines(points: Points, paper: Paper) -> list[Line]:
    """A box of text with a dot for each point and its label after it; marked points are bold. Below it, the axes."""
    height = max(6, min(2 * paper.lines, paper.width // ASPECT))
    grid = [[" "] * paper.width for _ in range(height)]
    bold = [[False] * paper.width for _ in range(height)]
    hidden = 0
    unit = scaled(points.at)
    for i in sorted(range(len(points.labels)), key=lambda i: i not in points.marked):  # marked ones find room first
        label = _cut(points.labels[i])
        text = [MARKED if i in points.marked else DOT, *label]
        column = min(round(unit[i, 0] * (paper.width - 1)), paper.width - 1 - min(len(text), paper.width - 1))
        row = _free_row(grid, round((1 - unit[i, 1]) * (height - 1)), column, len(text))
        if row is None:
            hidden += 1
            continue
        for offset, cluster in enumerate(text):
            grid[row][column + offset] = cluster
            bold[row][column + offset] = i in points.marked
    lines = [_line(row, strong) for row, strong in zip(grid, bold, strict=True)]
    note = f"{points.x} to the right, {points.y} upwards"
    note += f"; {hidden} labels have no room" if hidden else ""
    return [*lines, *([Span(piece)] for piece in wrapped(note, paper.width))]


def scaled(at: NDArray[np.floating]) -> NDArray[np.float64]:
    """Coordinates [N, 2] from 0 to 1; a direction without extent is in the middle."""
    at = np.asarray(at, np.float64)
    low, high = at.min(axis=0), at.max(axis=0)
    flat = high - low < 1e-12
    found: NDArray[np.float64] = np.where(flat, 0.5, (at - low) / np.where(flat, 1, high - low))
    return found


def _cut(label: str) -> list[str]:
    """A label as cells: a wide character is followed by an empty cell."""
    cells: list[str] = []
    for cluster in clusters(label):
        width = cell_len(cluster)
        if len(cells) + width > LONGEST_LABEL:
            return [*cells, "…"]
        cells += [cluster, *[""] * (width - 1)]
    return cells


def _free_row(grid: list[list[str]], wanted: int, column: int, length: int) -> int | None:
    """The nearest row, at most two away, in which these cells are free."""
    for distance in (0, 1, -1, 2, -2):
        row = wanted + distance
        if 0 <= row < len(grid) and all(cell == " " for cell in grid[row][column : column + length + 1]):
            return row
    return None


def _line(row: list[str], strong: list[bool]) -> Line:
    line: Line = []
    for cell, bold in zip(row, strong, strict=True):
        if line and line[-1].bold == bold:
            line[-1] = Span(line[-1].text + cell, bold=bold)
        else:
            line.append(Span(cell, bold=bold))
    return line
