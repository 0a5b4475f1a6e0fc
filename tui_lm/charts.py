"""Charts made of characters: bars, sparklines, and curves between axes. Callers add colour and labels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isfinite
from typing import NamedTuple, Self

Point = tuple[float, float]  # x, y

_EIGHTHS = " ▏▎▍▌▋▊▉"
_HEIGHTS = "▁▂▃▄▅▆▇█"
_BRAILLE = 0x2800  # the empty pattern; one bit per dot
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # four rows of two columns to a character


def bar(share: float, width: int) -> str:
    """A bar over `share` of `width` characters, in eighths of a character. Anything above 0 is visible."""
    eighths = max(round(share * width * 8), 1 if share > 0 else 0)
    return ("█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()).ljust(width)


def sparkline(values: Iterable[float], low: float, high: float) -> str:
    """One character per value, as high as the value between `low` and `high`; a space if it is not finite."""
    shares = [(value - low) / ((high - low) or 1.0) for value in values]
    return "".join(_HEIGHTS[max(0, min(7, int(share * 8)))] if isfinite(share) else " " for share in shares)


class Axes(NamedTuple):
    """The ranges of x and y that a chart shows."""

    left: float
    right: float
    low: float
    high: float

    @classmethod
    def around(cls, points: Sequence[Point]) -> Self:
        """The smallest ranges that hold all the points, of which there is at least one."""
        xs, ys = [x for x, _ in points], [y for _, y in points]
        return cls(min(xs), max(xs), min(ys), max(ys))

    def cell(self, point: Point, columns: int, rows: int) -> tuple[int, int]:
        """The column and the row, counted from the top, of a point on a grid. Points outside go to the edge."""
        across = (point[0] - self.left) / ((self.right - self.left) or 1)
        down = (self.high - point[1]) / ((self.high - self.low) or 1)
        return round(_clamped(across) * (columns - 1)), round(_clamped(down) * (rows - 1))


def braille(points: Sequence[Point], axes: Axes, width: int, height: int) -> list[list[int]]:
    """The dots [height][width] of straight lines from point to point, as bits of a braille pattern per character."""
    cells = [[0] * width for _ in range(height)]
    dots = [axes.cell(point, width * 2, height * 4) for point in points]
    for (x, y), (to_x, to_y) in zip(dots, dots[1:] or dots, strict=False):
        count = max(abs(to_x - x), abs(to_y - y), 1)
        for i in range(count + 1):
            dot_x, dot_y = x + (to_x - x) * i // count, y + (to_y - y) * i // count
            cells[dot_y // 4][dot_x // 2] |= _DOTS[dot_y % 4][dot_x % 2]
    return cells


def braille_character(dots: int) -> str:
    """The character of a pattern; a plain space if it has no dots."""
    return chr(_BRAILLE | dots) if dots else " "


def _clamped(share: float) -> float:
    return max(0.0, min(1.0, share))
