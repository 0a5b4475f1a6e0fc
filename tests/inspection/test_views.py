"""The numbers of the views are those of the network: sums are exact, and probabilities sum to 1."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.inspection.conftest import RECURRENT, TRANSFORMERS, TRANSLATORS, WITH_AUTHORS
from tui_lm.engine import Engine
from tui_lm.errors import TuiLmError
from tui_lm.inspection.cursor import Cursor
from tui_lm.inspection.frame import Bars, Heat, Strip, Table
from tui_lm.inspection.recording import record
from tui_lm.inspection.views import attention, ledger, lens, look, shown_at_once
from tui_lm.inspection.views.equations import equations
from tui_lm.runtime.cells import positive, sigmoid
from tui_lm.sampling import softmax
from tui_lm.tokenizers.stream import WritingContext

TOLERANCE = {np.float32: 1e-5, np.float64: 1e-12}
EVERY = [*RECURRENT, *TRANSFORMERS, *TRANSLATORS]
HISTORY = (("Bob", "dinner?"), ("Ann", "pasta"))
dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])


@dtypes
@pytest.mark.parametrize("name", ["lstm-1", "lstm-3", "gru-1", "gru-3", "mingru-1", "mingru-3"])
@pytest.mark.parametrize("history", [(), HISTORY], ids=["alone", "after a history"])
def test_the_ledger_sums_to_the_state(build, name: str, dtype: type, history: tuple) -> None:
    recording = record(Engine(build(name, dtype)), WritingContext("see you tomorrow", "Ann", history))
    state = ledger.memory_of(recording).state
    for layer in range(recording.layers):
        for time in (0, 5, len(recording) - 1):
            rows = ledger.entries(recording, layer, time)
            value = recording.at(time, layer, state)
            assert rows.shape == (time + 2, len(value))
            np.testing.assert_allclose(rows.sum(axis=0), value, atol=TOLERANCE[dtype], rtol=0)


@dtypes
@pytest.mark.parametrize("name", TRANSLATORS)
def test_the_ledger_of_a_decoder_begins_with_what_the_encoder_left(recording_of, name: str, dtype: type) -> None:
    recording = recording_of(name, dtype=dtype)
    for layer in range(2):
        rows = ledger.entries(recording, layer, 7)
        value = recording.at(7, layer, ledger.memory_of(recording).state)
        np.testing.assert_allclose(rows.sum(axis=0), value, atol=TOLERANCE[dtype], rtol=0)
        assert np.abs(rows[0]).max() > 0


@dtypes
@pytest.mark.parametrize("name", EVERY)
def test_logit_attributions_sum_to_the_logit(recording_of, name: str, dtype: type) -> None:
    recording = recording_of(name, dtype=dtype)
    for time in (0, len(recording) - 1):
        logits = recording.steps[time].logits
        hidden = recording.at(time, recording.layers - 1, recording.read_by_head)
        for token in (2, int(logits.argmax())):
            own, bias = recording.runtime.logit_attribution(hidden[None], token)
            scale = max(1.0, float(np.abs(own).sum()))
            np.testing.assert_allclose(own.sum() + bias, logits[token], atol=TOLERANCE[dtype] * scale, rtol=0)
    (bars,) = look("attribution", recording).parts
    assert isinstance(bars, Bars)
    np.testing.assert_allclose(bars.values.sum(), recording.steps[-1].logits.max(), atol=TOLERANCE[dtype] * 100)


@dtypes
@pytest.mark.parametrize("name", TRANSFORMERS)
def test_the_last_row_of_the_lens_equals_the_models_logits(recording_of, name: str, dtype: type) -> None:
    recording = recording_of(name, dtype=dtype)
    for time in range(len(recording)):
        logits = recording.steps[time].logits
        rows = lens.readings(recording, time)
        np.testing.assert_allclose(
            rows[-1], logits, atol=TOLERANCE[dtype] * max(1.0, float(np.abs(logits).max())), rtol=0
        )
    with pytest.raises(TuiLmError):
        look("lens", recording_of("lstm-1"))


@dtypes
@pytest.mark.parametrize("name", EVERY)
def test_probabilities_sum_to_one(recording_of, name: str, dtype: type) -> None:
    recording = recording_of(name, dtype=dtype)
    frame = look("next", recording, Cursor(top=10_000, temperature=0.7))
    (bars,) = frame.parts
    assert abs(bars.values.sum() - 1) < TOLERANCE[dtype]
    assert abs(bars.other.sum() - 1) < 0.5  # of those that temperature leaves
    assert (np.diff(bars.values) <= 0).all()


@pytest.mark.parametrize("name", TRANSFORMERS)
@pytest.mark.parametrize("context", [64, 9])
def test_attention_rows_sum_to_one_and_later_tokens_have_none(recording_of, name: str, context: int) -> None:
    recording = recording_of(name, dtype=np.float32, context=context)
    for layer in range(recording.layers):
        for head in recording.heads(layer):
            grid, seen = attention.weights(recording, layer, head)
            np.testing.assert_allclose(grid.sum(axis=1), 1, atol=1e-6)
            assert (grid[~seen] == 0).all()
            assert not seen[np.triu_indices(len(grid), k=1 + grid.shape[1] - len(grid))].any()
            assert (seen.sum(axis=1) <= context).all()
            np.testing.assert_allclose(attention.moved(recording, layer, head).sum(axis=1), 1, atol=1e-6)
        np.testing.assert_allclose(attention.rollout(recording, layer)[0].sum(axis=1), 1, atol=1e-6)


@pytest.mark.parametrize("name", TRANSLATORS[1:])
def test_a_translator_looks_at_its_source(recording_of, name: str) -> None:
    recording = recording_of(name, dtype=np.float32)
    grid, _ = attention.weights(recording, 1, None)
    assert recording.source[-1] == "</s>" and grid.shape == (len(recording), len(recording.source))
    np.testing.assert_allclose(grid.sum(axis=1), 1, atol=1e-6)
    frame = look("attention", recording)
    heat = frame.parts[0]
    assert heat.columns == recording.source
    assert heat.rows[:3] == ("o", "k", "␣"), "a row is named by what was written from it"
    with pytest.raises(TuiLmError):
        look("attention", recording, Cursor(measure="rollout"))


def test_a_translator_without_attention_has_no_such_view(recording_of) -> None:
    assert "attention" not in shown_at_once(recording_of("seq2seq-none"))


def test_the_encoder_shows_a_column_for_each_token_of_the_source(recording_of) -> None:
    recording = recording_of("seq2seq-general")
    frame = look("encoder", recording, Cursor(layer=0, name="hidden_state"))
    (heat,) = frame.parts
    np.testing.assert_array_equal(heat.values, recording.encoder[0, "hidden_state"].T)
    assert "the first 8 read from the left" in frame.sentence


def test_attention_reaches_into_the_history(build) -> None:
    recording = record(Engine(build("llama-grouped")), WritingContext("see", "Ann", HISTORY))
    grid, _ = attention.weights(recording, 0, 1)
    assert grid.shape == (5, len(recording.context) + 5)
    frame = look("attention", recording, Cursor(layer=0, head=1))
    assert frame.parts[0].columns == (*recording.context, *recording.labels)
    np.testing.assert_allclose(frame.parts[0].values[0, : len(recording.context) + 1], grid[0, : -4 or None])


def test_the_share_of_a_hidden_attention_sink_is_printed(recording_of) -> None:
    recording = recording_of("llama-grouped")
    grid, _ = attention.weights(recording, 2, 0)
    frame = look("attention", recording, Cursor(head=0, hide_sink=True))
    assert f"{grid[-1, 0]:.0%} of this row" in frame.sentence
    assert np.isnan(frame.parts[0].values[:, 0]).all()
    np.testing.assert_array_equal(frame.parts[0].values[-1, 1:], grid[-1, 1:])


@pytest.mark.parametrize("name", TRANSFORMERS)
def test_value_norms_equal_the_norms_of_the_outputs_of_a_head(build, name: str) -> None:
    """Kobayashi's norms times the weights equal the output of the runtime with everything else removed."""
    engine = Engine(build(name, np.float64))
    recording = record(engine, WritingContext("see you", "Ann"))
    layer, head, key = 0, 3, 2
    state = recording.steps[-2].state
    token = recording.tokens[-1]

    reads: list[np.ndarray] = []
    for weight in (0.0, 1.0):

        def edit(
            of: int, name: str, values: np.ndarray, number: int | None = None, weight: float = weight
        ) -> np.ndarray:
            if of == layer and number == head and name == "attention":
                values = np.zeros_like(values)
                values[:, key] = weight
            elif of == layer and number == head and name == "read":
                reads.append(values[0])
            return values

        engine.runtime.step([token], state, None, edit)
    norms = engine.runtime.head_norms(layer, recording.steps[-1].state)
    model = build(name, np.float64)
    if name == "gpt2":
        output = model.weights["transformer.h.0.attn.c_proj.weight"]
    else:
        output = model.weights["model.layers.0.self_attn.o_proj.weight"].T
    part = output.reshape(4, -1, output.shape[1])[head]
    assert np.linalg.norm((reads[1] - reads[0]) @ part) == pytest.approx(norms[head, key], rel=1e-9)


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("layer", [0, -1])
def test_every_view_has_a_sentence_parts_and_a_caption(recording_of, name: str, layer: int) -> None:
    recording = recording_of(name)
    for view in shown_at_once(recording):
        for cursor in (Cursor(layer=layer), Cursor(layer=layer, time=0, unit=3, notation="textbook", pinned=4)):
            frame = look(view, recording, cursor)
            assert frame.view == view
            assert frame.sentence.endswith(".") and "\n" not in frame.sentence
            assert frame.parts and frame.caption


def test_gates_follow_the_cursor(recording_of) -> None:
    recording = recording_of("lstm-3")
    frame = look("gates", recording, Cursor(layer=1, name="forget", time=4))
    (heat,) = frame.parts
    assert isinstance(heat, Heat)
    order = [int(row) for row in heat.rows]
    np.testing.assert_array_equal(heat.values, recording.series(1, "forget")[:, order].T)
    assert heat.time == 4 and sorted(order) == list(range(16))
    again = look("gates", recording_of("lstm-3", "other words"), Cursor(layer=1, name="forget"))
    assert again.parts[0].rows == heat.rows, "the order of units does not depend on the text"


def test_two_steps_are_compared_by_the_largest_changes(recording_of) -> None:
    recording = recording_of("gru-1")
    frame = look("gates", recording, Cursor(name="update", pinned=2, time=-1, top=3))
    table = frame.parts[-1]
    assert isinstance(table, Table)
    change = recording.at(-1, 0, "update") - recording.at(2, 0, "update")
    assert [row[0] for row in table.rows] == np.argsort(-np.abs(change), kind="stable")[:3].tolist()


def test_the_textbook_update_gate_is_one_minus_pytorchs(recording_of) -> None:
    recording = recording_of("gru-1")
    ours = look("gates", recording, Cursor(name="update")).parts[0]
    theirs = look("gates", recording, Cursor(name="update", notation="textbook")).parts[0]
    np.testing.assert_allclose(theirs.values, 1 - ours.values)
    assert "1 = keep the old" in ours.title and "1 = take the new" in theirs.title


def test_the_gate_of_a_mingru_is_the_same_in_both_notations(recording_of) -> None:
    recording = recording_of("mingru-1")
    ours, theirs = (
        look("gates", recording, Cursor(name="update", notation=notation)).parts[0]
        for notation in ("pytorch", "textbook")
    )
    np.testing.assert_array_equal(theirs.values, ours.values)
    assert "1 = take the new" in ours.title and ours.title == theirs.title


def test_saturation_counts_closed_and_open_gates(recording_of) -> None:
    recording = recording_of("lstm-1")
    table, forget, *_ = look("saturation", recording).parts
    values = recording.series(0, "forget")
    assert table.rows[0][1:] == (
        round(float(np.median(values)), 3),
        round(100 * float((values < 0.1).mean()), 1),
        round(100 * float((values > 0.9).mean()), 1),
    )
    assert forget.values.sum() == pytest.approx(1)


@pytest.mark.parametrize("name", ["rnn-3", "lstm-3", "gru-3", "mingru-3", WITH_AUTHORS])
@pytest.mark.parametrize("notation", ["textbook", "pytorch"])
@pytest.mark.parametrize("time", [0, 5])
@pytest.mark.parametrize("layer", [0, 2])
def test_the_numbers_of_an_equation_give_its_result(
    recording_of, name: str, notation: str, time: int, layer: int
) -> None:
    """Every line of numbers, computed again from the printed values, gives its right side."""
    recording = recording_of(name)
    cursor = Cursor(time=time, layer=layer, unit=3, notation=notation)
    (card,) = equations(recording, cursor.on(recording)).parts
    worked = 0
    for line in card.lines:
        if line.startswith("  = "):
            left, _, right = line[4:].rpartition(" = ")
            tree = left.replace("σ(", "sigmoid(").replace("·", "*").replace(" +", "+").replace(" -", "-")
            found = eval(tree, {"tanh": np.tanh, "sigmoid": sigmoid, "g": positive})
            assert found == pytest.approx(float(right), abs=3e-4), line
            worked += 1
    assert worked == {"rnn": 1, "lstm": 6, "gru": 4, "mingru": 3}[recording.family]
    target = cursor.on(recording).target
    assert card.lines[-1].endswith(f"{softmax(recording.steps[time].logits)[target]:.4f}")


def test_nearest_tokens_are_ordered_by_cosine(recording_of) -> None:
    recording = recording_of("lstm-1")
    (bars,) = look("nearest", recording, Cursor(time=3, top=5)).parts
    table = recording.runtime.embedding
    unit = table / np.linalg.norm(table, axis=1, keepdims=True)
    cosines = unit @ unit[recording.tokens[3]]
    cosines[recording.tokens[3]] = -2
    assert bars.values[0] == pytest.approx(cosines[4:].max())


def test_surprisal_counts_characters_not_tokens(recording_of) -> None:
    recording = recording_of("lstm-1", "é", tokenizer="word")
    frame = look("surprisal", recording)
    strip = frame.parts[0]
    assert isinstance(strip, Strip)
    assert np.isnan(strip.values[:2]).all() and not np.isnan(strip.values[2:]).any()


def test_a_view_that_the_model_lacks_is_an_error(recording_of) -> None:
    recording = recording_of("rnn-1")
    with pytest.raises(TuiLmError, match="no view ledger"):
        look("ledger", recording)
    with pytest.raises(TuiLmError, match="no unit 16"):
        look("gates", recording, Cursor(unit=16))
    with pytest.raises(TuiLmError, match="no gate or state forget"):
        look("gates", recording, replace(Cursor(), name="forget"))
