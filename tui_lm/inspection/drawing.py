"""Frames as lines of coloured text, for a terminal of any width, with colour or without. Nothing is computed here.

A line is a list of spans; whoever shows it turns a span into what it draws with. The grid of a heat map stands first on
a line and labels stand after it, so that a character whose width a terminal sees differently cannot shift the grid.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

import numpy as np
from rich.cells import cell_len

from tui_lm.inspection import colours
from tui_lm.inspection.frame import Bars, Card, Curves, Frame, Heat, Part, Scale, Strip, Table, merged
from tui_lm.inspection.tables import field

GAP = 3  # cells between two grids
TALLEST = 6  # lines of a token's name under its column
SPARKS = "▁▂▃▄▅▆▇█"
EIGHTHS = " ▏▎▍▌▋▊▉"


class Span(NamedTuple):
    """Text of one style: colours as "#rrggbb", None for those of the terminal."""

    text: str
    foreground: str | None = None
    background: str | None = None
    bold: bool = False


Line = list[Span]


@dataclass(frozen=True, slots=True)
class Paper:
    """Where is drawn: columns, lines for each grid, whether colours may be used and stand on dark."""

    width: int = 100
    lines: int = 16
    colour: bool = True
    dark: bool = True


def frame_lines(frame: Frame, paper: Paper) -> list[Line]:
    """Title, sentence, every part with its legend, and the caption."""
    lines: list[Line] = [
        [Span(frame.title, bold=True)],
        *([Span(piece)] for piece in wrapped(frame.sentence, paper.width)),
    ]
    for row in _rows_of([(part, part_lines(part, paper)) for part in frame.parts], paper.width):
        lines += [[], *_beside(row)]
    heats = dict.fromkeys((part.scale, part.limit) for part in frame.parts if isinstance(part, Heat))
    lines += [[], *(legend(scale, limit, paper) for scale, limit in heats)] if heats else [[]]
    return lines + [[Span(piece)] for piece in wrapped(frame.caption, paper.width)]


def _rows_of(drawn: Sequence[tuple[Part, list[Line]]], width: int) -> list[list[list[Line]]]:
    """Drawn parts in rows: grids stand side by side where there is room, all others alone."""
    rows: list[list[list[Line]]] = []
    room = 0
    for part, lines in drawn:
        wide = max(map(_width, lines), default=0) + GAP
        # A wide character in a grid's labels could shift the grid to the right of it.
        tame = isinstance(part, Heat) and all(cell_len(label) == len(label) for label in part.rows)
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
            line += [*own, Span(" " * (max(map(_width, block)) + GAP - _width(own)))]
        lines.append(line)
    return lines


def _width(line: Line) -> int:
    return sum(cell_len(span.text) for span in line)


def plain(lines: Sequence[Line]) -> str:
    return "\n".join("".join(span.text for span in line).rstrip() for line in lines)


def part_lines(part: Part, paper: Paper) -> list[Line]:
    """One part, its title first."""
    head: list[Line] = [[Span(part.title, bold=True)]] if part.title else []
    match part:
        case Heat(scale=scale, limit=limit):
            head += [[Span(f"(to {'±' * (scale == 'signed')}{limit:.3g})")]] if limit != 1.0 else []
            return head + heat_lines(part, paper)
        case Strip():
            return [*head, *_strip(part, paper), legend(part.scale, part.limit, paper, f" {part.unit}")]
        case Bars():
            return head + _bars(part, paper)
        case Table():
            return head + table_lines(part, paper)
        case Curves():
            return head + _curves(part, paper)
        case Card(lines=lines):
            return head + [[Span(line)] for line in lines]


def heat_lines(heat: Heat, paper: Paper) -> list[Line]:
    """The grid, a mark under the time that is looked at, the names of the columns, and what was left out."""
    two_rows = paper.colour and heat.scale != "signed"
    heat, note = merged(heat, paper.lines * (2 if two_rows else 1))
    wide = 2 if any(cell_len(label) == 2 and len(label) == 1 for label in heat.columns) else 1
    wide = max(wide, 2 if heat.scale == "signed" and not paper.colour else 1)
    side = max((cell_len(label) for label in heat.rows), default=0) * (2 if two_rows else 1) + 3
    first, last = _window(len(heat.columns), max(1, (paper.width - side) // wide), heat.time)
    levels = colours.level_of(heat.values[:, first:last], heat.scale, heat.limit)
    lines = (_half_blocks if two_rows else _cells)(levels, heat, wide, paper)
    marks = "".join(
        ("▲" if column == heat.time else "△" if column == heat.pinned else " ").ljust(wide)
        for column in range(first, last)
    )
    if marks.strip():
        lines.append([Span(marks)])
    lines += [[Span(line)] for line in _stacked(heat.columns[first:last], wide)]
    if last - first < len(heat.columns):
        note = "; ".join(filter(None, [note, f"columns {first} to {last - 1} of {len(heat.columns)}"]))
    return lines + ([[Span(note)]] if note else [])


def legend(scale: Scale, limit: float, paper: Paper, unit: str = "") -> Line:
    """Every step of a scale between the values that it begins and ends with."""
    palette = colours.colours(scale, dark=paper.dark)
    low, high = ("0", f"{limit:.3g}") if scale != "signed" else (f"-{limit:.3g}", f"+{limit:.3g}")
    spans = [Span(f"{low} ")]
    for level, colour in enumerate(palette):
        if paper.colour:
            text = f"{colours.sign(level)} " if scale == "signed" else "  "
            spans.append(Span(text, colours.ink(colour), colour))
        else:
            spans.append(Span(f"{colours.character(level, scale)}|"))
    return [*spans, Span(f" {high}{unit}{' and more' if scale == 'amount' else ''}")]


def _cells(levels: colours.Levels, heat: Heat, wide: int, paper: Paper) -> list[Line]:
    """One row a line: a sign on its colour, or characters."""
    palette = colours.colours(heat.scale, dark=paper.dark)
    lines: list[Line] = []
    for row, label in zip(levels.tolist(), heat.rows, strict=True):
        line: Line = []
        for level in row:
            if not paper.colour:
                line.append(Span(colours.character(level, heat.scale).ljust(wide)))
            elif level == colours.NOTHING:
                line.append(Span(" " * wide))
            else:
                text = colours.sign(level) if heat.scale == "signed" else " "
                line.append(Span(text.ljust(wide), colours.ink(palette[level]), palette[level]))
        lines.append([*_joined(line), Span(f" {''.join(clusters(label))}")])
    return lines


def _half_blocks(levels: colours.Levels, heat: Heat, wide: int, paper: Paper) -> list[Line]:
    """Two rows a line: the upper half of a cell is the ink, the lower half the ground."""
    palette = (*colours.colours(heat.scale, dark=paper.dark), None)  # NOTHING is -1, the last
    lines: list[Line] = []
    for upper in range(0, len(levels), 2):
        lower = levels[upper + 1] if upper + 1 < len(levels) else np.full(levels.shape[1], colours.NOTHING)
        line = [_halves(palette[a], palette[b], wide) for a, b in zip(levels[upper], lower, strict=True)]
        lines.append([*_joined(line), Span(f" {' '.join(heat.rows[upper : upper + 2])}")])
    return lines


def _joined(line: Line) -> Line:
    """Neighbours of one style as one span."""
    return [Span("".join(span.text for span in run), *style) for style, run in groupby(line, lambda span: span[1:])]


def _halves(upper: str | None, lower: str | None, wide: int) -> Span:
    if upper is None:
        return Span(("▄" if lower else " ") * wide, lower)
    return Span("▀" * wide, upper, lower)


def _window(columns: int, room: int, time: int | None) -> tuple[int, int]:
    """Which columns are drawn where not all have room: the last ones, or those up to the time looked at."""
    last = columns if time is None else min(columns, max(time + 1, room))
    return max(0, last - room), last


def _stacked(labels: Sequence[str], wide: int) -> list[str]:
    """The names of columns, letter under letter."""
    stacks = [clusters(label) for label in labels]
    height = min(TALLEST, max(map(len, stacks), default=0))
    lines = []
    for level in range(height):
        cells = []
        for stack in stacks:
            letter = stack[level] if level < len(stack) else ""
            if level == TALLEST - 1 and len(stack) > TALLEST:
                letter = "…"
            cells.append(letter + " " * max(0, wide - cell_len(letter)))
        lines.append("".join(cells))
    return lines


def clusters(label: str) -> list[str]:
    """Letters with the marks on them; a mark alone stands on a dotted circle."""
    found: list[str] = []
    for character in label:
        mark = unicodedata.category(character) in ("Mn", "Me", "Mc") or cell_len(character) == 0
        if mark and found:
            found[-1] += character
        else:
            found.append(f"\N{DOTTED CIRCLE}{character}" if mark else character)
    return found


def _strip(strip: Strip, paper: Paper) -> list[Line]:
    """The text itself, on the colours of its values; without colour, ramps under it, and signs where there are any."""
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
    """The bar first, then its value and its name; of two values, the other one's bar stands below."""
    series = [(bars.names[0], bars.values)] + ([] if bars.other is None else [(bars.names[1], bars.other)])
    largest = max((float(np.abs(values).max()) for _, values in series if len(values)), default=0.0) or 1.0
    room = max(4, min(40, paper.width - 30))
    lines: list[Line] = []
    for i, label in enumerate(bars.labels):
        for k, (name, values) in enumerate(series):
            value = float(values[i])
            colour = None if not paper.colour else _bar_colour(value, k, bool(np.min(bars.values, initial=0) < 0))
            said = number(value, bars.unit)
            tail = f" {said:>9}  {label}" if k == 0 else f" {said:>9}  {name}"
            lines.append([Span(bar(abs(value) / largest, room), colour), Span(tail)])
    return lines


def _bar_colour(value: float, series: int, signed: bool) -> str:
    if series:
        return "#8a8678"
    if signed:
        return "#8073ac" if value >= 0 else "#e08214"
    return "#e1cc55"


def bar(share: float, width: int) -> str:
    """`share` of `width` cells in eighths of a cell; something that is not nothing shows."""
    eighths = max(round(share * width * 8), 1 if share > 0 else 0)
    return ("█" * (eighths // 8) + EIGHTHS[eighths % 8].strip()).ljust(width)


def number(value: float | int | str | None, unit: str = "") -> str:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return "-"
    if isinstance(value, str):
        return value
    if unit == "%":
        return f"{100 * value:.1f} %" if value >= 0.0005 or value == 0 else "<0.1 %"
    text = str(value) if isinstance(value, int) else f"{value:+.3g}"
    return f"{text} {unit}".rstrip()


def table_lines(table: Table, paper: Paper) -> list[Line]:
    """Columns side by side; numbers stand to the right, and the last column may be cut at the edge."""
    rows = [tuple(field(value) for value in row) for row in table.rows]
    widths = [max(cell_len(row[i]) for row in (table.header, *rows)) for i in range(len(table.header))]
    numeric = [all(not isinstance(row[i], str) for row in table.rows) for i in range(len(table.header))]
    lines = []
    for row in (table.header, *rows):
        cells = [
            " " * (width - cell_len(text)) + text if right else text + " " * (width - cell_len(text))
            for text, width, right in zip(row, widths, numeric, strict=True)
        ]
        lines.append([Span("  ".join(cells).rstrip(), bold=row is table.header)])
    return lines


def _curves(curves: Curves, paper: Paper) -> list[Line]:
    """A line of sparks for each, all to one scale, between its first and its last value."""
    room = max(8, paper.width - 50)
    pick = np.unique(np.linspace(0, len(curves.at) - 1, min(room, len(curves.at))).astype(int))
    drawn = [(name, np.asarray(values, dtype=float)[pick]) for name, values in curves.lines]
    scaled = [np.log10(np.where(values > 0, values, np.nan)) if curves.log else values for _, values in drawn]
    every = np.concatenate([values[np.isfinite(values)] for values in scaled] or [np.zeros(1)])
    low, high = (float(every.min()), float(every.max())) if every.size else (0.0, 1.0)
    lines: list[Line] = []
    for (name, values), heights in zip(drawn, scaled, strict=True):
        share = (heights - low) / ((high - low) or 1.0)
        sparks = "".join(SPARKS[min(7, int(s * 8))] if np.isfinite(s) else " " for s in share)
        lines.append([Span(f"{sparks}  {values[0]:.2e} … {values[-1]:.2e}  {name}")])
    ends = f"{curves.x} {curves.at[0]:g} to {curves.at[-1]:g}; {curves.y}"
    return [*lines, [Span(f"{ends}, by powers of ten" if curves.log else ends)]]


def wrapped(text: str, width: int) -> list[str]:
    """Text in lines of at most `width` cells, cut at spaces."""
    lines = [""]
    for word in text.split():
        if lines[-1] and cell_len(lines[-1]) + 1 + cell_len(word) > width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".lstrip()
    return lines
