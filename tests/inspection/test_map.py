"""The map: embeddings beside states, points on a grid of characters, and the SVG."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from tui_lm.engine import Engine
from tui_lm.inspection import export, svg, tables, views
from tui_lm.inspection.cursor import Cursor
from tui_lm.inspection.drawing import part_lines
from tui_lm.inspection.frame import Points, Table
from tui_lm.inspection.recording import Recording, record
from tui_lm.inspection.scatter import point_lines
from tui_lm.inspection.spans import Paper, plain, width_of
from tui_lm.inspection.word_map import word_map
from tui_lm.tokenizers.stream import WritingContext
from tui_lm.vectors.words import Words


@pytest.fixture(params=["lstm", "llama"])
def recording(make_model, make_llama, request: pytest.FixtureRequest) -> Recording:
    model = make_llama() if request.param == "llama" else make_model("lstm")
    return record(Engine(model), WritingContext("banana", "Ann"))


def test_equal_tokens_are_one_point_as_embeddings_and_several_as_states(recording: Recording) -> None:
    static, contextual, table = views.look("map", recording, Cursor(time=-1)).parts
    assert isinstance(static, Points)
    assert isinstance(contextual, Points)
    assert isinstance(table, Table)
    assert len(static.labels) == len(set(recording.tokens))
    assert len(contextual.labels) == len(recording)
    last = recording.tokens[-1]
    assert contextual.marked == tuple(t for t, token in enumerate(recording.tokens) if token == last)
    assert static.labels[static.marked[0]] == recording.labels[-1]


def test_the_points_keep_as_much_of_the_distances_as_two_components_can(recording: Recording) -> None:
    _, contextual, _ = views.look("map", recording, Cursor(layer=0)).parts
    states = recording.series(0, "hidden_state").astype(np.float64)
    states /= np.linalg.norm(states, axis=1, keepdims=True)
    states -= states.mean(axis=0)
    _, vectors = np.linalg.eigh(states.T @ states)
    wanted = states @ vectors[:, ::-1][:, :2]
    for i, j in combinations(range(len(recording)), 2):
        distance = np.linalg.norm(contextual.at[i] - contextual.at[j])
        assert distance == pytest.approx(np.linalg.norm(wanted[i] - wanted[j]), abs=1e-6)


def test_the_cosines_of_the_states_are_in_the_table_and_the_sentence(recording: Recording) -> None:
    frame = views.look("map", recording, Cursor(time=-1))
    table = frame.parts[2]
    states = recording.series(recording.layers - 1, "hidden_state")
    label, steps, of_embeddings, of_states = table.rows[-1]
    first, second = map(int, str(steps).split(","))
    assert recording.labels[first] == recording.labels[second] == label
    cosine = states[first] @ states[second] / np.linalg.norm(states[first]) / np.linalg.norm(states[second])
    assert (of_embeddings, of_states) == (1.0, pytest.approx(cosine, rel=1e-5))
    assert "one embedding" in frame.sentence


def test_a_map_is_drawn_in_any_width_written_as_numbers_and_as_a_picture(recording: Recording) -> None:
    frame = views.look("map", recording)
    for width in (30, 100):
        drawn = [line for part in frame.parts[:2] for line in part_lines(part, Paper(width))]
        assert max(map(width_of, drawn)) <= width
    assert all(isinstance(part, Table) for part in tables.in_numbers(frame).parts)
    assert [part["kind"] for part in export.frame_json(frame)["parts"]] == ["points", "points", "table"]
    picture = svg.picture([frame])
    assert picture.count("<circle") == sum(len(part.labels) for part in frame.parts if isinstance(part, Points))


def test_labels_do_not_overlap_and_marked_ones_come_first() -> None:
    at = np.zeros((40, 2))
    points = Points("", tuple(f"word{i}" for i in range(40)), at, "x", "y", marked=(39,))
    text = plain(point_lines(points, Paper(60)))
    assert "●word39" in text
    assert "35 labels have no room" in " ".join(text.split())


def test_wide_characters_keep_the_grid_straight() -> None:
    points = Points("", ("日本", "b"), np.array([[0.0, 0.0], [1.0, 0.0]]), "x", "y")
    lines = point_lines(points, Paper(40))
    assert {width_of(line) for line in lines[:-1]} == {40}


def test_a_map_of_words_marks_the_words_that_were_named() -> None:
    words = Words(["a", "b", "c"], np.array([[1, 0, 0], [0, 1, 0], [0.6, 0.8, 0]], np.float32))
    frame = word_map(words, ["c"], ["a", "b"])
    (points,) = frame.parts
    assert isinstance(points, Points)
    assert points.labels == ("c", "a", "b")
    assert points.marked == (0,)
    assert "100%" in frame.sentence
    frame = word_map(words, ["c"], ["a", "b"], (("a", "b"), ("b", "a")))
    (points,) = frame.parts
    np.testing.assert_allclose(points.at[:, 0], -points.at[:, 1], atol=1e-6)
    assert points.x == "a → b"
