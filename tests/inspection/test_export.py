"""The JSON of `inspect` agrees with docs/inspect-json.md, whose example, tables and rules are read here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.inspection.conftest import RECURRENT, TRANSFORMERS, TRANSLATORS
from tui_lm.engine import Engine
from tui_lm.inspection import export
from tui_lm.inspection.cursor import Cursor
from tui_lm.inspection.recording import Recording, record
from tui_lm.inspection.views import look, shown_at_once
from tui_lm.tokenizers.stream import WritingContext

PAGE = (Path(__file__).parent.parent.parent / "docs" / "inspect-json.md").read_text("utf-8")
EXAMPLE: dict[str, Any] = json.loads(re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[0])
EVERY = [*RECURRENT, *TRANSFORMERS, *TRANSLATORS]
HISTORY = (("Bob", "dinner?"), ("Ann", "pasta"))


def rows(heading: str) -> Iterator[list[str]]:
    """The cells of the rows of the table whose first line begins with `heading`."""
    lines = PAGE.splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith(f"| {heading}"))
    for line in lines[first + 2 :]:
        if not line.startswith("|"):
            return
        yield [cell.strip() for cell in line.strip("|").split("|")]


def quoted(cell: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", cell))


def documented(family: str) -> dict[str, set[str]]:
    """The names of each kind of activation that the page gives a family."""
    for of, gates, states, attention in rows("family"):
        if family in quoted(of) or of == family:
            return {
                "gate": quoted(gates),
                "state": quoted(states) - {"head"},
                "attention": quoted(attention) - {"head"},
            }
    raise AssertionError(f"the page says nothing of {family}")


def document(recording: Recording, cursor: Cursor = Cursor()) -> dict[str, Any]:  # noqa: B008
    """As a reader of the JSON gets it, with every view."""
    frames = {name: look(name, recording, cursor) for name in shown_at_once(recording)}
    found: dict[str, Any] = json.loads(json.dumps(export.recording_json(recording, cursor, frames), allow_nan=False))
    return found


def kind_of(value: Any) -> type:
    return float if isinstance(value, int | float) and not isinstance(value, bool) else type(value)


def assert_shaped(example: Any, found: Any, where: str = "") -> None:
    """Every field of the example is there with the same type of value, and no other; an empty list says nothing."""
    if example is None:
        return
    assert kind_of(example) is kind_of(found), where
    if isinstance(example, dict) and where not in (".unit_order", ".views"):
        assert example.keys() == found.keys(), where
        for name, value in example.items():
            assert_shaped(value, found[name], f"{where}.{name}")
    elif isinstance(example, dict):
        for value in found.values():
            assert_shaped(next(iter(example.values())), value, f"{where}[]")
    elif isinstance(example, list) and example and where != ".views[].parts":
        for value in found:
            assert_shaped(example[0], value, f"{where}[]")


def test_the_example_has_the_shape_of_the_output(recording_of) -> None:
    assert EXAMPLE["version"] == export.VERSION
    assert_shaped(EXAMPLE, document(recording_of("lstm-3")))


@pytest.mark.parametrize("name", EVERY)
def test_every_field_is_on_the_page(recording_of, name: str) -> None:
    found = document(recording_of(name))
    named = {name for field, _ in rows("field") for name in quoted(field)}
    assert found.keys() <= {"version", "model", *named}
    assert found["model"]["family"] in quoted(next(says for field, says in rows("field") if "model" in field))


@pytest.mark.parametrize("name", [*RECURRENT, *TRANSFORMERS])
def test_activations_are_those_that_the_page_names(recording_of, name: str) -> None:
    recording = recording_of(name)
    found = document(recording)
    expected = documented(found["model"]["family"])
    for kind, names in expected.items():
        assert {row["name"] for row in found["activations"] if row["kind"] == kind} == names
    each = sum(len(names) for names in expected.values())
    if expected["attention"]:
        assert all("head" in row for row in found["activations"] if row["kind"] == "attention")
        each += len(recording.heads(0)) - 1
    assert len(found["activations"]) == each * recording.layers * len(recording)
    assert [row["time"] for row in found["activations"]] == sorted(row["time"] for row in found["activations"])


@pytest.mark.parametrize("name", TRANSLATORS)
def test_a_translator_has_its_source_and_its_encoder(recording_of, name: str) -> None:
    found = document(recording_of(name))
    expected = documented("translators")
    attention = [row for row in found["activations"] if row["kind"] == "attention"]
    assert bool(attention) == (name != "seq2seq-none")
    assert all((row["head"], row["layer"], len(row["values"])) == (None, 1, len(found["source"])) for row in attention)
    of_cell = documented(found["model"]["family"])
    states = of_cell["state"] | (expected["state"] if attention else set())
    assert {row["name"] for row in found["activations"] if row["kind"] == "state"} == states
    for entry in found["encoder"]:
        assert entry.keys() == {"layer", "name", "kind", "values"}
        assert np.shape(entry["values"]) == (len(found["source"]), 16)
        assert entry["name"] in of_cell[entry["kind"]]


@pytest.mark.parametrize("context", [64, 9])
def test_attention_belongs_to_the_tokens_that_the_page_says(build, context: int) -> None:
    recording = record(Engine(build("llama-grouped", context=context)), WritingContext("see you", "Ann", HISTORY))
    found = document(recording)
    before = len(found["context"])
    assert before > context or context == 64
    for row in found["activations"]:
        if row["kind"] == "attention":
            first = before + row["time"] + 1 - len(row["values"])
            assert first >= 0 and len(row["values"]) <= context
            assert first == max(0, before + row["time"] + 1 - context)


def test_values_are_rounded_as_the_page_says(recording_of) -> None:
    words = {"six": 6, "seven": 7, "eight": 8}
    (decimals,) = (number for word, number in words.items() if f"rounded to {word} decimals" in PAGE)
    recording = recording_of("gru-1")
    row = next(row for row in document(recording)["activations"] if row["name"] == "update" and row["time"] == 3)
    np.testing.assert_array_equal(row["values"], np.round(recording.at(3, 0, "update"), decimals))


def test_activations_do_not_depend_on_the_notation(recording_of) -> None:
    recording = recording_of("gru-1")
    one, other = (document(recording, Cursor(notation=notation)) for notation in ("pytorch", "textbook"))
    assert one["activations"] == other["activations"]
    assert one["views"]["gates"] != other["views"]["gates"]


@pytest.mark.parametrize("name", EVERY)
def test_parts_are_of_the_kinds_on_the_page(recording_of, name: str) -> None:
    said = re.search(r"`tui_lm/inspection/frame.py`: (.*?)\. Numbers", PAGE, re.DOTALL)
    assert said is not None
    for view in document(recording_of(name))["views"].values():
        assert view.keys() == {"title", "sentence", "caption", "parts"}
        assert {part["kind"] for part in view["parts"]} <= quoted(said[1])


def test_the_notebook_of_the_page_runs(recording_of, monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    recording = recording_of("lstm-1")
    told = json.dumps(export.recording_json(recording, Cursor(layer=0), {}))
    monkeypatch.setattr("subprocess.check_output", lambda command: told)
    names: dict[str, Any] = {}
    exec(code, names)
    assert names["forget"].shape == (len(recording), 16)
    np.testing.assert_allclose(names["forget"], look("gates", recording).parts[0].values.T, atol=1e-6)
