"""Frames as lines of text for a terminal of any width, with colour or without."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from rich.cells import cell_len

from tui_lm.charts import bar, sparkline
from tui_lm.inspection import colours
from tui_lm.inspection.frame import Bars, Curves, Frame, Heat, Part, Points, Strip, Table, TextLines
from tui_lm.inspection.grid import column_width, heat_lines, legend
from tui_lm.inspection.scatter import point_lines
from tui_lm.inspection.spans import Line, Paper, Span, clusters, number, width_of, wrapped
from tui_lm.inspection.tables import field

GAP = 3  # cells between two grids
BESIDE = 50  # cells beside a curve, for its ends and its name
WIDEST = 3  # cells of a column


def frame_lines(frame: Frame, paper: Paper, *, scales: bool = True) -> list[Line]:
    """Title, sentence, every part, the scales of the grids unless they are shown elsewhere, and the caption."""
    lines: list[Line] = [[Span(frame.title, bold=True)]]
    sentence: list[Line] = [[Span(piece)] for piece in wrapped(frame.sentence, paper.width)]
    pictures = [part for part in frame.parts if not isinstance(part, Table)] if frame.picture_first else []
    lines += _parts_lines(pictures, paper)
    lines += [[], *sentence] if pictures else sentence
    lines += _parts_lines(frame.parts[len(pictures) :], paper)
    lines.append([])
    if scales:
        lines += scale_lines(frame, paper)
    return lines + [[Span(piece)] for piece in wrapped(frame.caption, paper.width)]


def scale_lines(frame: Frame, paper: Paper) -> list[Line]:
    """The scales of the grids, side by side if they fit."""
    lines: list[Line] = []
    for scale, limit in dict.fromkeys((part.scale, part.limit) for part in frame.parts if isinstance(part, Heat)):
        own = legend(scale, limit, paper)
        if lines and width_of(lines[-1]) + GAP + width_of(own) <= paper.width:
            lines[-1] += [Span(" " * GAP), *own]
        else:
            lines.append(own)
    return lines


def _parts_lines(parts: Sequence[Part], paper: Paper) -> list[Line]:
    """The lines of each part, below an empty one."""
    paper = replace(paper, column=_column(parts, paper))
    lines: list[Line] = []
    for row in _rows_of([(part, part_lines(part, paper)) for part in parts], paper.width):
        lines += [[], *_beside(row)]
    return lines


def _column(parts: Sequence[Part], paper: Paper) -> int:
    """The widest columns with which as many grids stand side by side as with the narrowest."""
    heats = [part for part in parts if isinstance(part, Heat)]
    if not heats:
        return 1

    def rows(column: int) -> int:
        of = replace(paper, column=column)
        wide = max(
            column_width(heat, of) * len(heat.columns) + max(map(cell_len, heat.labels), default=0) for heat in heats
        )
        return (
            -(-len(heats) // max(1, (paper.width + GAP) // (wide + 1 + GAP))) if wide < paper.width else len(heats) + 1
        )

    return max(range(1, WIDEST + 1), key=lambda column: (-rows(column), column))


def _rows_of(drawn: Sequence[tuple[Part, list[Line]]], width: int) -> list[list[list[Line]]]:
    """Drawn parts in rows: grids side by side if they fit, all other parts alone."""
    rows: list[list[list[Line]]] = []
    room = 0
    for part, lines in drawn:
        wide = max(map(width_of, lines), default=0) + GAP
        # A wide character in a grid's labels could shift the grid to the right of it.
        tame = isinstance(part, Heat) and all(cell_len(label) == len(label) for label in part.labels)
        if tame and wide <= room:
            rows[-1].append(lines)
            room -= wide
        else:
            rows.append([lines])
            room = width + GAP - wide if tame else 0
    return rows


def _beside(blocks: Sequence[list[Line]]) -> list[Line]:
    """Blocks of lines side by side."""
    if len(blocks) == 1:
        return blocks[0]
    lines: list[Line] = []
    for i in range(max(map(len, blocks))):
        line: Line = []
        for block in blocks:
            own = block[i] if i < len(block) else []
            line += [*own, Span(" " * (max(map(width_of, block)) + GAP - width_of(own)))]
        lines.append(line)
    return lines


def part_lines(part: Part, paper: Paper) -> list[Line]:
    """The lines of one part, its title first."""
    head: list[Line] = [[Span(piece, bold=True)] for piece in wrapped(part.title, paper.width)] if part.title else []
    match part:
        case Heat(scale=scale, limit=limit):
            if limit != 1.0:
                end = f"(to {'±' * (scale == 'signed')}{limit:.3g})"
                head = [[Span(piece, bold=True)] for piece in wrapped(f"{part.title} {end}", paper.width)]
            return head + heat_lines(part, paper)
        case Strip():
            steps = [legend(part.scale, part.limit, paper, f" {part.unit}")]
            if width_of(steps[0]) > paper.width:
                unit = wrapped(f"in {part.unit}", paper.width)
                steps = [legend(part.scale, part.limit, paper), *([Span(piece)] for piece in unit)]
            return [*head, *_strip(part, paper), *steps]
        case Bars():
            return head + _bars(part, paper)
        case Table():
            return head + table_lines(part, paper)
        case Curves():
            return head + _curves(part, paper)
        case Points():
            return head + point_lines(part, paper)
        case TextLines(lines=lines):
            return head + [[Span(piece)] for line in lines for piece in _hanging(line, paper.width)]


def _hanging(line: str, width: int) -> list[str]:
    """A line wrapped at spaces, with a hanging indent."""
    indent = " " * (len(line) - len(line.lstrip()))
    first, *rest = wrapped(line, width - len(indent) - 2)
    return [indent + first, *(f"{indent}  {piece}" for piece in rest)]


def _strip(strip: Strip, paper: Paper) -> list[Line]:
    """The text on the colours of its values; without colour, the values are shown as characters under it."""
    palette = colours.colours(strip.scale, dark=paper.dark)
    lines: list[Line] = [[]]
    under: list[list[str]] = [[]]
    used = 0
    for label, level in zip(strip.labels, colours.level_of(strip.values, strip.scale, strip.limit), strict=True):
        text = "".join(clusters(label))
        width = cell_len(text)
        if used and used + width > paper.width:
            lines.append([])
            under.append([])
            used = 0
        colour = None if level == colours.NOTHING or not paper.colour else palette[level]
        lines[-1].append(Span(text, None if colour is None else colours.ink(colour), colour))
        under[-1] += [colours.character(int(level), strip.scale)] * width
        used += width
    if paper.colour:
        return lines
    shown: list[Line] = []
    for line, cells in zip(lines, under, strict=True):
        shown += [line, *([Span("".join(part))] for part in zip(*cells, strict=True))]
    return shown


def _bars(bars: Bars, paper: Paper) -> list[Line]:
    """Each bar, its value and its label. Of a pair, the value before the change comes first."""
    pairs = bars.other is not None
    series = [(bars.names[0] if pairs else "", bars.values, False)]
    if bars.other is not None:
        series.insert(0, (bars.names[1], bars.other, True))
    largest = max((float(np.abs(values).max()) for _, values, _ in series if len(values)), default=0.0) or 1.0
    called = max(len(name) for name, _, _ in series)
    longest = max(map(cell_len, bars.labels), default=0)
    room = max(4, min(40, paper.width - max(30, 14 + called + longest)))
    signed = bool(np.min(bars.values, initial=0) < 0)
    lines: list[Line] = []
    for i, label in enumerate(bars.labels):
        for name, values, before in series:
            value = float(values[i])
            colour = None if not paper.colour else _bar_colour(value, before, signed)
            tail = label if not pairs else f"{name:{called}}  {label}" if before else name
            lines.append(
                [Span(bar(abs(value) / largest, room), colour), Span(f" {number(value, bars.unit):>9}  {tail}")]
            )
    return lines


def _bar_colour(value: float, before: bool, signed: bool) -> str:
    if before:
        return "#8a8678"
    if signed:
        return "#8073ac" if value >= 0 else "#e08214"
    return "#e1cc55"


def table_lines(table: Table, paper: Paper) -> list[Line]:
    """Columns side by side, numbers aligned right; columns that do not fit follow below, beside the first column."""
    rows = [tuple(field(value) for value in row) for row in table.rows]
    widths = [max(cell_len(row[i]) for row in (table.header, *rows)) for i in range(len(table.header))]
    numeric = [all(not isinstance(row[i], str) for row in table.rows) for i in range(len(table.header))]
    lines: list[Line] = []
    for columns in _blocks(widths, paper.width):
        for row in (table.header, *rows):
            cells = []
            for i in columns:
                space = " " * (widths[i] - cell_len(row[i]))
                cells.append(space + row[i] if numeric[i] else row[i] + space)
            lines.append([Span("  ".join(cells).rstrip(), bold=row is table.header)])
    return lines


def _blocks(widths: Sequence[int], room: int) -> list[list[int]]:
    """Groups of columns that fit into `room` cells, each with the first column."""
    blocks: list[list[int]] = [[0]]
    for i, width in enumerate(widths[1:], start=1):
        if len(blocks[-1]) > 1 and sum(widths[k] + 2 for k in blocks[-1]) + width > room:
            blocks.append([0])
        blocks[-1].append(i)
    return blocks


def _curves(curves: Curves, paper: Paper) -> list[Line]:
    """A sparkline for each curve, all to one scale, and its first and last value."""
    room = paper.width - BESIDE if paper.width > BESIDE + 20 else paper.width
    pick = np.unique(np.linspace(0, len(curves.at) - 1, min(room, len(curves.at))).astype(int))
    drawn = [(name, np.asarray(values, dtype=float)[pick]) for name, values in curves.lines]
    scaled = [np.log10(np.where(values > 0, values, np.nan)) if curves.log else values for _, values in drawn]
    every = np.concatenate([values[np.isfinite(values)] for values in scaled] or [np.zeros(1)])
    low, high = (float(every.min()), float(every.max())) if every.size else (0.0, 1.0)
    lines: list[Line] = []
    for (name, values), heights in zip(drawn, scaled, strict=True):
        sparks = sparkline(heights, low, high)
        ends = f"{values[0]:.2e} … {values[-1]:.2e}  {name}"
        lines += [[Span(sparks)], [Span(ends)]] if room == paper.width else [[Span(f"{sparks}  {ends}")]]
    axes = f"{curves.x} {curves.at[0]:g} to {curves.at[-1]:g}; {curves.y}"
    axes += ", logarithmic" if curves.log else ""
    return lines + [[Span(piece)] for piece in wrapped(axes, paper.width)]
