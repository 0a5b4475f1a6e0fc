"""Charts show each value where it belongs."""

from __future__ import annotations

from math import inf, nan

import pytest

from tui_lm.charts import Axes, bar, braille, braille_character, sparkline

UNIT = Axes(0, 10, 0.0, 1.0)


@pytest.mark.parametrize(
    ("share", "drawn"), [(1.0, "████"), (0.5, "██  "), (0.53125, "██▏ "), (0.0, "    "), (1e-9, "▏   ")]
)
def test_a_bar_is_as_long_as_its_share_and_a_small_share_is_visible(share: float, drawn: str) -> None:
    assert bar(share, 4) == drawn


def test_a_sparkline_is_as_high_as_its_values() -> None:
    assert sparkline([0, 1, 4, 8], 0, 8) == "▁▂▅█"
    assert sparkline([3, 3], 3, 3) == "▁▁"
    assert sparkline([nan, 0, inf], 0, 1) == " ▁ "


@pytest.mark.parametrize(
    ("point", "cell"),
    [((0, 1.0), (0, 0)), ((10, 0.0), (4, 2)), ((5, 0.5), (2, 1)), ((-1, 9.0), (0, 0)), ((99, -9.0), (4, 2))],
)
def test_a_point_is_drawn_between_the_axes(point: tuple[float, float], cell: tuple[int, int]) -> None:
    assert UNIT.cell(point, 5, 3) == cell


def test_axes_hold_all_points() -> None:
    assert Axes.around([(3, 0.5), (1, 0.25), (2, 0.75)]) == Axes(1, 3, 0.25, 0.75)


def test_a_line_goes_from_corner_to_corner() -> None:
    cells = braille([(0, 1.0), (10, 0.0)], UNIT, 2, 1)
    assert "".join(map(braille_character, cells[0])) == "⠑⢄"


def test_a_curve_of_no_point_or_one_is_drawn() -> None:
    assert braille([], UNIT, 2, 1) == [[0, 0]]
    assert braille([(0, 0.5)], Axes.around([(0, 0.5)]), 1, 1) == [[1]]
