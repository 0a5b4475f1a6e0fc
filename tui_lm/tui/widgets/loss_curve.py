"""A curve over steps, in dots of braille, with its lowest and highest value beside it."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widget import Widget

from tui_lm.charts import Axes, braille, braille_character

Points = Sequence[tuple[int, float]]  # step, value
_LABELS = 6  # columns


class LossCurve(Widget):
    """`faint` points are drawn behind: the training loss behind the validation loss."""

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
            return Content.styled("the curve appears here" if not every else "", "$foreground-muted")
        axes = Axes.around(every)
        behind, before = (braille(points, axes, width, height) for points in (self._faint, self._points))
        lines = []
        for row in range(height):
            label = f"{axes.high:.2f}" if row == 0 else f"{axes.low:.2f}" if row == height - 1 else ""
            cells = [Content.styled(f"{label:>{_LABELS}} ", "$foreground-muted")]
            for over, under in zip(before[row], behind[row], strict=True):
                style = "$text-primary" if over else "$foreground-disabled"
                cells.append(Content.styled(braille_character(over | under), style))
            lines.append(Content("").join(cells))
        foot = f"step {axes.right}".rjust(width)
        lines.append(Content.styled(f"{self.unit:>{_LABELS}} {foot}", "$foreground-muted"))
        return Content("\n").join(lines)
