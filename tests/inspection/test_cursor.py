"""The cursor's moves, and the rows of heat maps that a click selects."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tui_lm.inspection.cursor import Cursor, rows_of
from tui_lm.inspection.frame import MARK, Heat
from tui_lm.inspection.grid import heat_lines
from tui_lm.inspection.spans import HeatRow, Line, Paper, plain
from tui_lm.inspection.views import VIEWS, look


def rows_in(lines: list[Line]) -> list[HeatRow]:
    """The row of each line of a grid."""
    return [line[0].row for line in lines if line and line[0].row is not None]


@pytest.fixture
def units() -> Heat:
    """Twelve units in groups of three: the last of each stands out in the first column, the first in the second."""
    values = np.full((12, 2), 0.5)
    values[[2, 5, 8, 11], 0] = 0.9
    values[[0, 3, 6, 9], 1] = 0.1
    ids = tuple(range(100, 112))
    return Heat("h", values, tuple(map(str, ids)), ("a", "b"), rows_may_merge=True, name="forget", row_ids=ids)


def test_a_click_on_a_merged_row_picks_the_unit_that_is_seen_there(units: Heat) -> None:
    rows = rows_in(heat_lines(units, Paper(lines=4, colour=False)))
    assert len(rows) == 4
    assert [row.id_at(0) for row in rows] == [102, 105, 108, 111]
    assert [row.id_at(1) for row in rows] == [100, 103, 106, 109]
    assert [row.id_at(None) for row in rows] == [100, 103, 106, 109], "beside the cells it is the first one"
    assert Cursor().picked(rows[1], 0) == Cursor(name="forget", unit=105, time=0)


def test_the_unit_that_is_pointed_at_is_marked_and_found_among_merged_rows(units: Heat) -> None:
    lines = heat_lines(replace(units, pointed=107), Paper(lines=4, colour=False))
    assert [row.pointed for row in rows_in(lines)] == [False, False, True, False]
    assert f"107… {MARK}" in plain(lines[2:3])


@pytest.mark.parametrize("unit", [104, 105])
def test_both_rows_of_a_coloured_line_mark_it(units: Heat, unit: int) -> None:
    values = np.tile(units.values, (3, 1))
    many = replace(units, values=values, rows=tuple("r" * len(values)), row_ids=tuple(range(100, 100 + len(values))))
    rows = rows_in(heat_lines(replace(many, pointed=unit), Paper()))
    assert [number for number, row in enumerate(rows) if row.pointed] == [2]


def test_columns_that_are_scrolled_away_do_not_shift_a_click(units: Heat) -> None:
    wide = replace(units, values=np.tile(units.values, 40), columns=tuple("ab" * 40))
    rows = rows_in(heat_lines(wide, Paper(width=30, lines=4, colour=False)))
    assert rows[0].first > 0 and len(rows[0].ids) == rows[0].last - rows[0].first
    assert rows[0].id_at(rows[0].first) == (102 if rows[0].first % 2 == 0 else 100)


def test_a_click_on_attention_picks_its_step_and_head(recording_of) -> None:
    recording = recording_of("llama-plain")
    heat = look("attention", recording, Cursor(layer=0, time=3)).parts[2]
    rows = rows_in(heat_lines(heat, Paper(width=200, colour=False)))
    assert [row.pointed for row in rows].index(True) == 3
    assert Cursor().picked(rows[5], 1) == Cursor(name="attention", head=2, time=5)


def test_moves_stay_within_the_text() -> None:
    assert Cursor().moved(-1, 5).time == 3
    assert Cursor(time=4).moved(1, 5).time == 4
    assert Cursor(time=1).moved(-3, 5).time == 0
    assert Cursor().moved(1, 0) == Cursor()
    assert Cursor().other_layer(1, 3).layer == 2
    assert Cursor(pinned=4).pinned_here(5).pinned is None


def test_all_heads_and_units_come_between_the_last_and_the_first() -> None:
    assert [head.head for head in (Cursor(head=3).other_head(1, 4), Cursor().other_head(1, 4))] == [None, 0]
    assert Cursor().other_head(-1, 4).head == 3
    assert Cursor(unit=9).other_unit(1, [4, 9, 2]).unit == 2
    assert Cursor(unit=2).other_unit(1, [4, 9, 2]).unit is None
    assert Cursor(name="gone").other_name(1, ["forget", "input"]).name == "input"


def test_a_cursor_follows_to_a_shorter_text_and_another_model(recording_of) -> None:
    cursor = Cursor(time=90, layer=7, head=3, unit=99, name="forget", pinned=80, alone=False)
    lstm = cursor.within(recording_of("lstm-3", "see"))
    assert (lstm.time, lstm.layer, lstm.pinned, lstm.name) == (4, 2, 4, "forget")
    assert lstm.head is None and lstm.unit is None
    llama = cursor.within(recording_of("llama-plain", "see"))
    assert (llama.head, llama.name) == (3, None)
    assert llama.on(recording_of("llama-plain", "see")).time == 4


@pytest.mark.parametrize(
    ("view", "name", "heads", "rows"),
    [
        ("gates", "forget", 0, "units"),
        ("gates", "forget", 4, "units"),
        ("gates", "attention", 4, "heads"),
        ("gates", "attention", 0, ""),
        ("attention", None, 4, "heads"),
        ("attention", None, 0, ""),
        ("equations", None, 4, "heads"),
        ("equations", None, 0, "units"),
        ("ledger", "attention", 0, "units"),
        ("surprisal", None, 4, ""),
    ],
)
def test_a_view_selects_heads_or_units_row_by_row(view: str, name: str | None, heads: int, rows: str) -> None:
    assert rows_of(VIEWS[view].controls, name, heads) == rows
