"""Frames as one SVG picture without scripts, fonts or links, to put into a page or to print.

The cells of one colour are one path, `<path class="u7" ...>`, measured in cells: classes u for the scales unit and
amount, s for signed. Negative cells have a stroke, because printing in grey loses the sign.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import groupby

import numpy as np
from rich.cells import cell_len

from tui_lm.inspection import colours
from tui_lm.inspection.frame import Bars, Curves, Frame, Heat, Part, Points, Scale, Strip, Table, TextLines, merged
from tui_lm.inspection.scatter import scaled
from tui_lm.inspection.spans import clusters, number, wrapped
from tui_lm.inspection.tables import field

WIDTH, MARGIN, GAP = 860, 16, 12
LINE, LETTER = 16, 7.3  # height of a line and width of a letter, in pixels
MOST_ROWS = 64  # of a heat map; more are merged
LINES = ("#542788", "#e08214", "#1b7837", "#2166ac", "#b2182b", "#666666")
BAR, OTHER, POSITIVE, NEGATIVE = "#c3b369", "#8a8678", "#8073ac", "#e08214"


def picture(frames: Sequence[Frame], heading: str = "") -> str:
    """An SVG of all frames, one under the other."""
    drawing = _Drawing()
    if heading:
        drawing.text(heading, bold=True)
    for frame in frames:
        drawing.y += LINE // 2
        drawing.text(frame.title, bold=True)
        drawing.paragraph(frame.sentence)
        drawing.parts(frame.parts)
        drawing.y += LINE // 4
        drawing.paragraph(frame.caption, "q")
    return drawing.document(heading or " ".join(frame.title for frame in frames))


class _Drawing:
    """The elements drawn so far, and the height that they take."""

    def __init__(self) -> None:
        self.y: float = MARGIN
        self.drawn: list[str] = []

    def document(self, title: str) -> str:
        style = "text{font:12px ui-monospace,Menlo,Consolas,monospace;fill:#222}.b{font-weight:bold}"
        style += ".q{fill:#666;font-size:11px}.l{font-size:10px}.m{stroke:#000;stroke-width:.12;fill:none}"
        style += "".join(f".u{i}{{fill:{colour}}}" for i, colour in enumerate(colours.colours("unit")))
        style += "".join(f".s{i}{{fill:{colour}}}" for i, colour in enumerate(colours.colours("signed", dark=False)))
        height = int(self.y + MARGIN)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" xml:space="preserve" viewBox="0 0 {WIDTH} {height}" '
            f'width="{WIDTH}" height="{height}" '
            f'role="img"><title>{escape(title)}</title><style>{style}</style>'
            f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>{"".join(self.drawn)}</svg>\n'
        )

    def text(self, text: str, *, bold: bool = False, kind: str = "", x: float = MARGIN) -> None:
        """Draw a line of text and go to the next line."""
        self.y += LINE
        self.drawn.append(_text(x, self.y - 4, text, "b" if bold else kind))

    def paragraph(self, text: str, kind: str = "") -> None:
        for line in wrapped(text, int((WIDTH - 2 * MARGIN) / LETTER)):
            self.text(line, kind=kind)

    def parts(self, parts: Sequence[Part]) -> None:
        """Draw parts below each other, grids side by side if they fit."""
        top, x = self.y, float(WIDTH)
        for part in parts:
            if isinstance(part, Heat):
                wide = _grid(part)[2] + GAP
                if x + wide > WIDTH:
                    top, x = self.y, float(MARGIN)
                below, self.y = self.y, top
                self.heat(part, x)
                self.y, x = max(self.y, below), x + wide
                continue
            x = float(WIDTH)
            self.y += LINE // 2
            if part.title:
                self.text(part.title)
            self.part(part)

    def part(self, part: Part) -> None:
        match part:
            case Strip():
                self.strip(part)
            case Bars():
                self.bars(part)
            case Curves():
                self.curves(part)
            case Points():
                self.points(part)
            case Table():
                self.table(part)
            case TextLines(lines=lines):
                for line in lines:
                    self.text(line)

    def heat(self, heat: Heat, left: float) -> None:
        heat, note, _ = merged(heat, MOST_ROWS)
        labels = heat.labels
        rows, columns = heat.values.shape
        wide, high, _ = _grid(heat)
        self.y += LINE // 2
        self.text(heat.title, x=left)
        levels = colours.level_of(heat.values, heat.scale, heat.limit)
        self.drawn.append(
            f'<g transform="translate({left:g} {self.y:g}) scale({wide:g} {high:g})" shape-rendering="crispEdges">'
            f"{_cells(levels, heat.scale)}</g>"
        )
        every = max(1, int(np.ceil(LINE * 0.8 / high)))
        for row in range(0, rows, every):
            self.drawn.append(_text(left + columns * wide + 6, self.y + (row + 0.5) * high + 4, labels[row], "l"))
        self.y += rows * high
        self._columns(heat, wide, left)
        self.legend(heat.scale, heat.limit, left=left)
        if note:
            for line in wrapped(note, max(30, int((WIDTH - MARGIN - left) / LETTER))):
                self.text(line, kind="q", x=left)

    def _columns(self, heat: Heat, wide: float, left: float) -> None:
        """The labels under a grid: single letters upright, words turned by 90°; long texts show fewer."""
        self.y += 12
        for column, mark in ((heat.time, "▲"), (heat.pinned, "△")):
            if column is not None:
                self.drawn.append(_text(left + (column + 0.5) * wide - 4, self.y, mark, "l"))
        shown = range(0, len(heat.columns), max(1, int(np.ceil(10 / wide))))
        for i in shown:
            x, label = left + (i + 0.5) * wide, "".join(clusters(heat.columns[i]))
            if cell_len(label) == 1:
                self.drawn.append(_text(x - 3, self.y + 12, label, "l"))
            else:
                self.drawn.append(f'<text class="l" transform="translate({x - 3:g} {self.y + 4:g}) rotate(90)">')
                self.drawn.append(f"{escape(label)}</text>")
        longest = max(cell_len(heat.columns[i]) for i in shown)
        self.y += 18 if longest == 1 else 10 + 6.2 * min(longest, 24)

    def legend(self, scale: Scale, limit: float, unit: str = "", left: float = MARGIN) -> None:
        palette = colours.colours(scale, dark=False)
        low, high = ("0", f"{limit:.3g}") if scale != "signed" else (f"-{limit:.3g}", f"+{limit:.3g}")
        x = left + LETTER * len(low) + 6
        levels = np.arange(len(palette))[None]
        self.drawn.append(_text(left, self.y + 11, low, "l"))
        self.drawn.append(f'<g transform="translate({x:g} {self.y + 2:g}) scale(14 10)">{_cells(levels, scale)}</g>')
        more = " and more" if scale == "amount" else ""
        self.drawn.append(_text(x + 14 * len(palette) + 6, self.y + 11, f"{high}{unit}{more}", "l"))
        self.y += LINE

    def strip(self, strip: Strip) -> None:
        """The text on the colours of its values, with the sign of a negative one under it."""
        palette = colours.colours(strip.scale, dark=False)
        x: float = MARGIN
        self.y += 4
        for label, level in zip(strip.labels, colours.level_of(strip.values, strip.scale, strip.limit), strict=True):
            text = "".join(clusters(label))
            wide = max(LETTER, cell_len(text) * LETTER) + 1
            if x + wide > WIDTH - MARGIN:
                x, self.y = MARGIN, self.y + 20
            colour = "#ffffff" if level == colours.NOTHING else palette[level]
            sign = colours.sign(int(level)) if strip.scale == "signed" else " "
            self.drawn.append(
                f'<rect x="{x:g}" y="{self.y:g}" width="{wide - 0.5:g}" height="18" fill="{colour}"/>'
                f'<text x="{x + 0.5:g}" y="{self.y + 13:g}" style="fill:{colours.ink(colour)}">{escape(text)}'
                f"{'<title>-</title>' if sign == '-' else ''}</text>"
            )
            x += wide
        self.y += 24
        self.legend(strip.scale, strip.limit, f" {strip.unit}")

    def bars(self, bars: Bars) -> None:
        series = [bars.values] + ([] if bars.other is None else [bars.other])
        largest = max((float(np.abs(values).max()) for values in series if len(values)), default=0.0) or 1.0
        signed = bool(np.min(bars.values, initial=0) < 0)
        room = 320
        for i, label in enumerate(bars.labels):
            for k, values in enumerate(series):
                value = float(values[i])
                colour = OTHER if k else (POSITIVE if value >= 0 else NEGATIVE) if signed else BAR
                wide = max(0.5, abs(value) / largest * room)
                self.drawn.append(
                    f'<rect x="{MARGIN}" y="{self.y + 2:g}" width="{wide:.1f}" height="11" fill="{colour}"/>'
                )
                name = label if k == 0 else bars.names[1]
                self.text(f"{number(value, bars.unit):>9}  {''.join(clusters(name))}", x=MARGIN + room + 8)

    def points(self, points: Points) -> None:
        """Labelled dots in a box, and the names of its directions."""
        wide, high, left = 640, 360, MARGIN
        self.drawn.append(f'<rect x="{left}" y="{self.y:g}" width="{wide}" height="{high}" fill="none" stroke="#999"/>')
        for i, (x, y) in enumerate(scaled(points.at)):
            at, down = left + 8 + x * (wide - 120), self.y + 14 + (1 - y) * (high - 24)
            colour = LINES[0] if i in points.marked else OTHER
            self.drawn.append(f'<circle cx="{at:.1f}" cy="{down - 4:.1f}" r="3" fill="{colour}"/>')
            self.drawn.append(_text(at + 6, down, points.labels[i], "b" if i in points.marked else ""))
        self.y += high + LINE
        self.text(f"{points.x} to the right, {points.y} upwards", kind="q")

    def curves(self, curves: Curves) -> None:
        """Lines in a box, with the ends of both axes, and a name of its colour for each."""
        wide, high, left = 520, 180, MARGIN + 70
        scaled = [(name, np.log10(np.where(v > 0, v, np.nan)) if curves.log else v) for name, v in curves.lines]
        every = np.concatenate([v[np.isfinite(v)] for _, v in scaled] or [np.zeros(1)])
        low, top = (float(every.min()), float(every.max())) if every.size else (0.0, 1.0)
        top = top if top > low else low + 1
        span = float(curves.at[-1] - curves.at[0]) or 1.0
        self.drawn.append(f'<rect x="{left}" y="{self.y:g}" width="{wide}" height="{high}" fill="none" stroke="#999"/>')
        for i, (name, values) in enumerate(scaled):
            colour, dashes = LINES[i % len(LINES)], ("", "6 3", "2 2")[i // 2 % 3]
            points = [
                f"{left + (x - curves.at[0]) / span * wide:.1f},{self.y + (top - v) / (top - low) * high:.1f}"
                for x, v in zip(curves.at, values, strict=True)
                if np.isfinite(v)
            ]
            self.drawn.append(
                f'<polyline points="{" ".join(points)}" fill="none" stroke="{colour}" stroke-width="1.6" '
                f'stroke-dasharray="{dashes}"/>'
            )
            x, y = left + wide + 10, self.y + 14 + 18 * i
            self.drawn.append(
                f'<path d="M{x} {y - 4:g}h22" stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}"/>'
            )
            pieces = wrapped(name, 22)
            self.drawn.append(_text(x + 28, y, pieces[0] + ("…" if len(pieces) > 1 else ""), "l"))
        ends = [(low, self.y + high), (top, self.y + 10)]
        for value, y in ends:
            self.drawn.append(_text(MARGIN, y, f"{10**value:.0e}" if curves.log else f"{value:.3g}", "l"))
        self.y += high
        self.text(f"{curves.x}: {curves.at[0]:g} to {curves.at[-1]:g}; {curves.y}", kind="q", x=left)

    def table(self, table: Table) -> None:
        rows = [tuple(field(value) for value in row) for row in table.rows]
        widths = [max(cell_len(row[i]) for row in (table.header, *rows)) for i in range(len(table.header))]
        lefts = MARGIN + LETTER * (np.cumsum([0, *widths[:-1]]) + 2 * np.arange(len(widths)))
        for row in (table.header, *rows):  # each field has its own x, so columns align in every font
            self.y += LINE
            kind = "b" if row is table.header else ""
            cells = zip(lefts, row, strict=True)
            self.drawn.append("".join(_text(x, self.y - 4, text, kind) for x, text in cells if text))


def _grid(heat: Heat) -> tuple[float, float, float]:
    """The width and height of a cell, and the width of the grid with its labels and legend, in pixels."""
    rows, columns = min(MOST_ROWS, len(heat.rows)), len(heat.columns)
    side = LETTER * max((cell_len(label) for label in heat.labels), default=1) + 10
    wide = min(18.0, max(3.0, (WIDTH - 2 * MARGIN - side) / columns))
    high = 14.0 if rows <= 24 else max(4.0, 320 / rows)
    return wide, high, max(columns * wide + side, 260.0, LETTER * cell_len(heat.title))


def _cells(levels: colours.Levels, scale: Scale) -> str:
    """One path for each colour; equal neighbours in a row are one rectangle."""
    kind = "s" if scale == "signed" else "u"
    paths: dict[int, list[str]] = {}
    minus: list[str] = []
    for y, row in enumerate(levels.tolist()):
        x = 0
        for level, run in groupby(row):
            length = len(list(run))
            if level != colours.NOTHING:
                paths.setdefault(level, []).append(f"M{x} {y}h{length}v1h-{length}z")
            if scale == "signed" and colours.sign(level) == "-":
                minus += [f"M{x + i + 0.3:g} {y + 0.5:g}h.4" for i in range(length)]
            x += length
    drawn = "".join(f'<path class="{kind}{level}" d="{"".join(path)}"/>' for level, path in sorted(paths.items()))
    return drawn + (f'<path class="m" d="{"".join(minus)}"/>' if minus else "")


def _text(x: float, y: float, text: str, kind: str = "") -> str:
    of = f' class="{kind}"' if kind else ""
    return f'<text x="{x:g}" y="{y:g}"{of}>{escape(text)}</text>'
