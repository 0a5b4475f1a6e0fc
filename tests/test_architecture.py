"""Shapes of networks: what they say of themselves, and what is refused before memory is taken."""

from __future__ import annotations

import pytest

from tui_lm.architecture import Seq2Seq, count_parameters, from_json, to_json
from tui_lm.errors import TuiLmError

TRANSLATOR = Seq2Seq(8000, 8000, 256, 512)


@pytest.mark.parametrize(
    ("changes", "label"),
    [
        ({}, "seq2seq LSTM 1 x 512, dot attention"),
        ({"num_layers": 2, "attention": "none", "cell": "gru"}, "seq2seq GRU 2 x 512, no attention"),
        ({"attention": "bahdanau"}, "seq2seq LSTM 1 x 512, Bahdanau attention"),
    ],
)
def test_a_translator_says_what_it_is(changes: dict, label: str) -> None:
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
        {"hidden_size": 513},
        {"hidden_size": 0},
        {"source_vocab_size": 1 << 40},
        {"input_feeding": True, "attention": "bahdanau"},
        {"share_embeddings": True, "source_vocab_size": 7999},
        {"heads": 8},
    ],
    ids=str,
)
def test_a_network_that_cannot_be_is_refused(changes: dict) -> None:
    with pytest.raises(TuiLmError):
        from_json({**to_json(TRANSLATOR), **changes})
