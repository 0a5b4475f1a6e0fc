"""A drawn cell can be read back as its value to within one colour, with and without colour."""

from __future__ import annotations

import re

import numpy as np
import pytest
from rich.cells import cell_len
from rich.color import Color, ColorSystem

from tui_lm.inspection import colours
from tui_lm.inspection.cursor import Cursor
from tui_lm.inspection.drawing import frame_lines
from tui_lm.inspection.frame import Bars, Frame, Heat, Scale, merged
from tui_lm.inspection.grid import FULL, heat_lines, legend
from tui_lm.inspection.spans import Paper, plain, width_of
from tui_lm.inspection.views import look, shown_at_once

SCALES: list[tuple[Scale, float]] = [("unit", 1.0), ("signed", 1.0), ("signed", 2.5), ("amount", 8.0)]


def heat(scale: Scale, limit: float, rows: int = 7, columns: int = 11, **options: object) -> Heat:
    generator = np.random.default_rng(0)
    values = generator.uniform(-limit if scale == "signed" else 0, limit, (rows, columns))
    return Heat(
        "h",
        values,
        tuple(map(str, range(rows))),
        options.pop("labels", tuple("abcdefghijklmnopqrstuvwxyz"[:columns])),
        scale,
        limit,
        **options,
    )


def read_back(lines: list, rows: int, columns: int, part: Heat, paper: Paper) -> np.ndarray:
    """The values that a reader with the legend takes from the drawing."""
    palette = colours.colours(part.scale, dark=paper.dark)
    values = np.full((rows, columns), np.nan)
    if not paper.colour:
        wide = 2 if part.scale == "signed" else 1
        characters = [colours.character(level, part.scale) for level in range(len(palette))]
        for row in range(rows):
            text = "".join(span.text for span in lines[row])
            for column in range(columns):
                level = characters.index(text[column * wide : (column + 1) * wide])
                values[row, column] = colours.value_of(level, part.scale, part.limit)
        return values
    for i, line in enumerate(lines):
        cells = [(character, span) for span in line for character in span.text][:columns]
        for column, (character, span) in enumerate(cells):
            if character == "▀":
                values[2 * i, column] = colours.value_of(palette.index(span.foreground), part.scale, part.limit)
                if span.background:
                    values[2 * i + 1, column] = colours.value_of(palette.index(span.background), part.scale, part.limit)
            elif i < rows:
                level = palette.index(span.background)
                values[i, column] = colours.value_of(level, part.scale, part.limit)
                assert character == (colours.sign(level) if part.scale == "signed" else " ")
    return values


@pytest.mark.parametrize("colour", [True, False], ids=["colour", "ramp"])
@pytest.mark.parametrize("rows", [7, 31])
@pytest.mark.parametrize(("scale", "limit"), SCALES)
def test_a_cell_reads_back_as_its_value(scale: Scale, limit: float, rows: int, colour: bool) -> None:
    part, paper = heat(scale, limit, rows=rows), Paper(colour=colour, lines=rows)
    count = -(-rows // 2) if colour and scale != "signed" and rows > FULL else rows
    found = read_back(heat_lines(part, paper)[:count], rows, 11, part, paper)
    assert np.abs(found - part.values).max() <= colours.step_width(scale, limit)


@pytest.mark.parametrize(("scale", "limit"), SCALES)
def test_colours_stay_apart_on_a_terminal_of_256_colours(scale: Scale, limit: float) -> None:
    for dark in (True, False):
        numbers = [
            Color.parse(colour).downgrade(ColorSystem.EIGHT_BIT).number for colour in colours.colours(scale, dark=dark)
        ]
        assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("scale", ["unit", "signed"])
def test_the_legend_has_the_colours_of_the_grid(scale: Scale) -> None:
    coloured = legend(scale, 1.0, Paper())
    assert tuple(span.background for span in coloured if span.background) == colours.colours(scale)
    characters = plain([legend(scale, 1.0, Paper(colour=False))])
    for level in range(len(colours.colours(scale))):
        assert colours.character(level, scale) in characters


def test_merged_rows_show_the_furthest_value_and_a_note() -> None:
    values = np.zeros((512, 3))
    values[5], values[9] = -0.9, 0.8
    many = Heat("h", values, tuple(map(str, range(512))), ("a", "b", "c"), "signed", rows_may_merge=True)
    part, note, _ = merged(many, 120)
    assert part.values.shape == (120, 3)
    assert note.startswith("512 units, 120 rows")
    assert part.values.min() == -0.9 and part.values.max() == 0.8
    assert note in " ".join(plain(heat_lines(many, Paper(lines=120))).split())


@pytest.mark.parametrize("colour", [True, False])
def test_wide_characters_do_not_shift_the_grid(colour: bool) -> None:
    labels = ("a", "日", "👍", "ी", "␣", "tomorrow")
    part = heat("unit", 1.0, 4, 6, labels=labels)
    lines = heat_lines(part, Paper(width=40, colour=colour))
    grid = lines[:4]
    assert {cell_len(plain([line])) for line in grid} == {2 * 6 + 2}
    names = plain(lines[len(grid) :]).splitlines()
    assert re.match("a 日👍◌ी ␣ …", names[0])  # a name among letters takes the room of one


def test_a_long_text_is_drawn_around_the_step_that_is_looked_at() -> None:
    labels = tuple("x" * 500)
    for time, shown in ((499, "columns 430 to 499 of 500"), (100, "columns 31 to 100 of 500"), (3, "columns 0 to")):
        part = heat("unit", 1.0, 8, 500, labels=labels, time=time)
        lines = heat_lines(part, Paper(width=80))
        assert max(cell_len(plain([line])) for line in lines) <= 80
        assert "▲" in plain(lines)
        assert shown.split(" to ")[0].split()[0] in plain(lines)


def test_missing_values_are_not_drawn() -> None:
    part = heat("unit", 1.0, 2, 3)
    part.values[0, 1] = np.nan
    assert plain(heat_lines(part, Paper(colour=False))[:1])[1] == " "


@pytest.mark.parametrize("colour", [True, False])
@pytest.mark.parametrize("width", [38, 80])
@pytest.mark.parametrize("name", ["lstm-1", "gru-1", "llama-grouped", "seq2seq-dot"])
def test_nothing_is_wider_than_the_paper(recording_of, name: str, width: int, colour: bool) -> None:
    """A long text of letters, wide characters, marks and white space, on a panel as narrow as it can be."""
    recording = recording_of(name, "see you 明天 at six 😀 नमस्ते\t" * 2, dtype=np.float32, context=128)
    for view in shown_at_once(recording):
        lines = frame_lines(look(view, recording), Paper(width=width, colour=colour))
        assert max(map(width_of, lines)) <= width, view


@pytest.mark.parametrize("colour", [True, False])
def test_up_to_24_rows_have_a_line_and_a_label_each(colour: bool) -> None:
    part = heat("unit", 1.0, FULL, 8, of_rows="queries")
    lines = heat_lines(part, Paper(lines=4, colour=colour))
    labels = [plain([line]).split()[-1] for line in lines[:FULL]]
    assert labels == list(part.rows)


def test_columns_are_as_wide_as_the_paper_allows_with_as_many_grids_in_a_row(recording_of) -> None:
    recording = recording_of("lstm-1", "see you", dtype=np.float32)  # 9 tokens
    frame = look("gates", recording, Cursor(only_top=True))

    def grids_in_a_row(width: int) -> int:
        return max(plain([line]).count("gate") for line in frame_lines(frame, Paper(width=width)))

    assert [grids_in_a_row(width) for width in (20, 38, 60)] == [1, 2, 3]
    cells = [
        cell_len("".join(span.text for span in line if span.background)) for line in frame_lines(frame, Paper(width=38))
    ]
    assert max(cells) > 2 * 9


def test_a_pair_is_drawn_before_and_after(recording_of) -> None:
    bars = Bars("next", ("a", "bb"), np.array([0.25, 0.5]), "%", np.array([0.75, 0.5]), ("after", "before"))
    drawn = plain(frame_lines(Frame("v", "t", "said.", (bars,), picture_first=True), Paper(colour=False)))
    lines = [line.split()[1:] for line in drawn.splitlines() if "%" in line]
    assert lines == [
        ["75.0", "%", "before", "a"],
        ["25.0", "%", "after"],
        ["50.0", "%", "before", "bb"],
        ["50.0", "%", "after"],
    ]
    assert drawn.index("before") < drawn.index("said."), "the picture, then the words"
