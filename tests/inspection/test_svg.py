"""A picture is well-formed, runs and loads nothing, and its cells read back as their values."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from tests.inspection.conftest import TRANSLATORS
from tui_lm.inspection import autograd, colours, svg
from tui_lm.inspection.cursor import Cursor
from tui_lm.inspection.frame import Frame, Heat, Scale
from tui_lm.inspection.views import gradients, look, shown_at_once

NAMESPACE = "{http://www.w3.org/2000/svg}"


def read_back(picture: str, rows: int, columns: int, scale: Scale, limit: float) -> np.ndarray:
    """The first grid, from the paths of its levels."""
    values = np.full((rows, columns), np.nan)
    grid = next(group for group in ElementTree.fromstring(picture).iter(f"{NAMESPACE}g"))
    for path in grid:
        level = path.get("class")
        if level == "m":
            continue
        for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", path.get("d")):
            values[int(y), int(x) : int(x) + int(length)] = colours.value_of(int(level[1:]), scale, limit)
    return values


@pytest.mark.parametrize(("scale", "limit"), [("unit", 1.0), ("signed", 1.0), ("signed", 2.5), ("amount", 8.0)])
def test_cells_read_back_as_their_values(scale: Scale, limit: float) -> None:
    values = np.random.default_rng(0).uniform(-limit if scale == "signed" else 0, limit, (7, 11))
    values[2, 3] = np.nan
    heat = Heat("h", values, tuple("abcdefg"), tuple("abcdefghijk"), scale, limit)
    picture = svg.picture([Frame("v", "t", "s.", (heat,))])
    found = read_back(picture, 7, 11, scale, limit)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(values))
    assert np.nanmax(np.abs(found - values)) <= colours.step_width(scale, limit)


@pytest.mark.parametrize("name", ["lstm-3", "gru-1", "rnn-1", "llama-grouped", "gpt2", *TRANSLATORS])
def test_every_view_can_be_drawn(recording_of, name: str) -> None:
    recording = recording_of(name)
    frames = [look(view, recording, Cursor(pinned=2)) for view in shown_at_once(recording)]
    picture = svg.picture(frames, "<b> & co")
    tree = ElementTree.fromstring(picture)
    tags = {element.tag.removeprefix(NAMESPACE) for element in tree.iter()}
    assert tags <= {"svg", "title", "style", "rect", "text", "g", "path", "polyline", "circle"}
    assert "http" not in picture.replace("http://www.w3.org/2000/svg", "")
    for frame in frames:
        assert frame.sentence.split()[0] in picture
    height = float(tree.get("height"))
    assert max(float(e.get("y")) for e in tree.iter(f"{NAMESPACE}text") if e.get("y")) < height


def test_curves_are_drawn(recording_of) -> None:
    recording = recording_of("lstm-1")
    frame = gradients.by_distance(recording, Cursor().on(recording), [autograd.cells(60, 4, 0)])
    tree = ElementTree.fromstring(svg.picture([frame]))
    assert len(list(tree.iter(f"{NAMESPACE}polyline"))) == len(autograd.KINDS)
