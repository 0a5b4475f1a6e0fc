"""Architectures: labels, sizes, and the errors for impossible ones, before memory is allocated."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui_lm.architecture import Seq2Seq, count_parameters, from_json, to_json
from tui_lm.cells import CELLS
from tui_lm.errors import TuiLmError
from tui_lm.models.cells import KERNELS, MODULES
from tui_lm.runtime.cells import STEPS

ROOT = Path(__file__).parent.parent

TRANSLATOR = Seq2Seq(8000, 8000, 256, 512)


@pytest.mark.parametrize(
    ("changes", "label"),
    [
        ({}, "seq2seq LSTM 1 x 512, dot attention"),
        ({"num_layers": 2, "attention": "none", "cell": "gru"}, "seq2seq GRU 2 x 512, no attention"),
        ({"attention": "bahdanau"}, "seq2seq LSTM 1 x 512, Bahdanau attention"),
    ],
)
def test_the_label_of_a_translator_names_cell_and_attention(changes: dict, label: str) -> None:
    shape = from_json({**to_json(TRANSLATOR), **changes})
    assert shape.label == label
    assert from_json(to_json(shape)) == shape


def test_shared_and_tied_tables_are_counted_once() -> None:
    table = 8000 * 256
    plain = count_parameters(TRANSLATOR)
    shared = count_parameters(from_json({**to_json(TRANSLATOR), "share_embeddings": True}))
    both = count_parameters(from_json({**to_json(TRANSLATOR), "share_embeddings": True, "tie_embeddings": True}))
    assert plain - shared == table
    assert shared - both == 8000 * 512 + (512 - 256) * 1024  # the head, and a readout that is as narrow as the table


@pytest.mark.parametrize(
    "changes",
    [
        {"attention": "all"},
        {"cell": "rnn"},
        {"cell": "mingru"},
        {"hidden_size": 513},
        {"hidden_size": 0},
        {"source_vocab_size": 1 << 40},
        {"input_feeding": True, "attention": "bahdanau"},
        {"share_embeddings": True, "source_vocab_size": 7999},
        {"heads": 8},
    ],
    ids=str,
)
def test_an_impossible_architecture_is_an_error(changes: dict) -> None:
    with pytest.raises(TuiLmError):
        from_json({**to_json(TRANSLATOR), **changes})


def test_at_most_eight_files_name_a_gru() -> None:
    """The facts about a cell are in tui_lm/cells.py; other files have its arithmetic, or read the facts there."""
    naming = [
        path.relative_to(ROOT).as_posix()
        for room in ("tui_lm", "trainers")
        for path in sorted((ROOT / room).rglob("*.py"))
        if "gru" in path.read_text("utf-8").lower()
    ]
    assert len(naming) <= 8, naming


@pytest.mark.parametrize("name", CELLS)
def test_the_fields_of_a_cell_spec_fit_together(name: str) -> None:
    spec = CELLS[name]
    assert spec.name == name
    assert set(spec.order) == {*spec.stacked, *spec.states}
    assert spec.states[0] == "hidden_state"
    if spec.memory is not None:
        assert spec.memory.state in spec.states
        assert spec.memory.gate in spec.gates
        assert spec.memory.candidate in spec.stacked and spec.memory.candidate not in spec.gates


@pytest.mark.parametrize("name", CELLS)
def test_every_cell_can_be_trained_and_served(name: str) -> None:
    assert name in STEPS and name in KERNELS and name in MODULES
    shapes = dict(MODULES[name](3, 5, 2).named_parameters())
    wanted = CELLS[name].weights("rnn", "0", 3, 5) | CELLS[name].weights("rnn", "1", 5, 5)
    assert {f"rnn.{key}": tuple(weight.shape) for key, weight in shapes.items()} == wanted
