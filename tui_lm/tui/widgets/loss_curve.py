"""A curve over steps, in dots of braille, two columns and four rows to a cell, with its least and greatest value."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widget import Widget

Points = Sequence[tuple[int, float]]
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_LABELS = 6  # columns


class LossCurve(Widget):
    """`faint` is drawn behind `points`: the loss of each step behind what was measured on validation text."""

    def __init__(self, unit: str = "bits") -> None:
        super().__init__()
        self.unit = unit
        self._points: Points = ()
        self._faint: Points = ()

    def show(self, points: Points, faint: Points = ()) -> None:
        self._points, self._faint = list(points), list(faint)
        self.refresh()

    def render(self) -> Content:
        width, height = self.size.width - _LABELS - 1, self.size.height - 1
        every = [*self._points, *self._faint]
        if not every or width < 4 or height < 2:
            return Content.styled("the curve will stand here" if not every else "", "$foreground-muted")
        steps, values = [step for step, _ in every], [value for _, value in every]
        box = (min(steps), max(steps), min(values), max(values))
        behind, before = draw(self._faint, box, width, height), draw(self._points, box, width, height)
        lines = []
        for row in range(height):
            label = f"{box[3]:.2f}" if row == 0 else f"{box[2]:.2f}" if row == height - 1 else ""
            cells = [Content.styled(f"{label:>{_LABELS}} ", "$foreground-muted")]
            for over, under in zip(before[row], behind[row], strict=True):
                both = chr(0x2800 | over | under) if over or under else " "
                cells.append(Content.styled(both, "$text-primary" if over else "$foreground-disabled"))
            lines.append(Content("").join(cells))
        foot = f"step {box[1]}".rjust(width)
        lines.append(Content.styled(f"{self.unit:>{_LABELS}} {foot}", "$foreground-muted"))
        return Content("\n").join(lines)


def draw(points: Points, box: tuple[float, float, float, float], width: int, height: int) -> list[list[int]]:
    """Dots [height][width] of a line through `points` in a box (least and greatest step, least and greatest value)."""
    cells = [[0] * width for _ in range(height)]
    left, right, low, high = box
    columns, rows = width * 2 - 1, height * 4 - 1
    places = [
        (round((step - left) / ((right - left) or 1) * columns), round((high - value) / ((high - low) or 1) * rows))
        for step, value in points
    ]
    for (x, y), (to_x, to_y) in zip(places, places[1:] or places, strict=False):
        count = max(abs(to_x - x), abs(to_y - y), 1)
        for i in range(count + 1):
            dot_x, dot_y = x + (to_x - x) * i // count, y + (to_y - y) * i // count
            cells[dot_y // 4][dot_x // 2] |= _DOTS[dot_y % 4][dot_x % 2]
    return cells
