"""Serving an encoder and decoder: attention, batches of sentences, and changing hypotheses."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_lm.architecture import Seq2Seq
from tui_lm.runtime.seq2seq import Seq2SeqRuntime, Seq2SeqState
from tui_lm.tokenizers.specials import BEGIN

VOCABULARY, SOURCES = 31, 29
SHAPES = [
    Seq2Seq(VOCABULARY, SOURCES, 6, 8, 2, cell, attention, bidirectional=both, input_feeding=fed)
    for cell, attention, both, fed in product(
        ("lstm", "gru"), ("none", "bahdanau", "dot", "general"), (True, False), (True, False)
    )
    if not fed or attention in ("dot", "general")
]
SENTENCES = [[5, 9, 2], [7, 7, 11, 20, 3, 2], [2], [28, 4, 2, 6]]


def serve(shape: Seq2Seq) -> Seq2SeqRuntime:
    generator = np.random.default_rng(1)
    return Seq2SeqRuntime(
        shape,
        {name: (generator.standard_normal(size) * 0.6).astype(np.float32) for name, size in shape.weights().items()},
    )


def called(shape: Seq2Seq) -> str:
    parts = [shape.cell, shape.attention, *["both"] * shape.bidirectional, *["fed"] * shape.input_feeding]
    return "-".join(parts)


@pytest.fixture(params=SHAPES, ids=called)
def served(request: pytest.FixtureRequest) -> Seq2SeqRuntime:
    return serve(request.param)


ATTENTIVE = pytest.mark.parametrize("served", [s for s in SHAPES if s.attention != "none"], ids=called, indirect=True)


def attention(served: Seq2SeqRuntime, tokens: list[int], state: Seq2SeqState) -> np.ndarray:
    trace: list = []
    served.step(tokens, state, trace)
    (weights,) = [activation.values for activation in trace if activation.kind == "attention"]
    return weights


@pytest.mark.parametrize("shape", SHAPES, ids=called)
@given(st.lists(st.lists(st.integers(0, SOURCES - 1), min_size=1, max_size=8), min_size=1, max_size=5))
@settings(max_examples=10, deadline=None)
def test_a_sentence_has_the_same_result_alone_and_in_any_batch(shape: Seq2Seq, sources: list[list[int]]) -> None:
    served = serve(shape)
    together = served.encode(sources)
    alone = [served.encode([source]) for source in sources]
    for token in (BEGIN, 4, 30):
        logits, together = served.step([token] * len(sources), together)
        for i, state in enumerate(alone):
            own, alone[i] = served.step([token], state)
            np.testing.assert_allclose(logits[i], own[0], atol=1e-5)


@ATTENTIVE
def test_attention_sums_to_one_and_is_zero_for_padding(served: Seq2SeqRuntime) -> None:
    weights = attention(served, [BEGIN] * 4, served.encode(SENTENCES))
    assert weights.shape == (4, 6)
    np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-6)
    for row, source in zip(weights, SENTENCES, strict=True):
        assert (row[: len(source)] > 0).all()
        assert (row[len(source) :] == 0).all()


@pytest.mark.parametrize("served", [s for s in SHAPES if s.attention == "none"], ids=called, indirect=True)
def test_no_attention_is_traced_without_attention(served: Seq2SeqRuntime) -> None:
    trace: list = []
    served.step([BEGIN], served.encode(SENTENCES[:1]), trace)
    assert {activation.kind for activation in trace} == {"gate", "state"}


def test_the_first_prefill_encodes_the_source_and_later_ones_the_target(served: Seq2SeqRuntime) -> None:
    logits, state = served.prefill(SENTENCES[1])
    expected, at = served.step([BEGIN], served.encode([SENTENCES[1]]))
    np.testing.assert_array_equal(logits, expected)
    logits, _ = served.prefill([4, 9], state)
    _, at = served.step([4], at)
    expected, _ = served.step([9], at)
    np.testing.assert_array_equal(logits, expected)


def test_the_first_state_is_that_of_an_empty_source(served: Seq2SeqRuntime) -> None:
    logits, _ = served.step([BEGIN], served.start())
    assert logits.shape == (1, VOCABULARY)
    assert np.isfinite(logits).all()


@pytest.mark.parametrize("sources", [[], [[]], [[4], []]])
def test_a_source_without_a_token_is_refused(sources: list[list[int]]) -> None:
    with pytest.raises(ValueError, match="at least one token"):
        serve(SHAPES[0]).encode(sources)


@pytest.mark.parametrize("shape", SHAPES, ids=called)
@given(st.data())
@settings(max_examples=10, deadline=None)
def test_every_hypothesis_of_a_beam_equals_a_fresh_run(shape: Seq2Seq, data: st.DataObject) -> None:
    """Hypotheses are doubled, reordered and removed, whole sentences too; each keeps its own source."""
    served = serve(shape)
    state = served.encode(SENTENCES)
    texts = [(source, []) for source in range(4)]
    for _ in range(4):
        rows = data.draw(st.lists(st.integers(0, len(texts) - 1), min_size=1, max_size=9))
        tokens = data.draw(st.lists(st.integers(0, VOCABULARY - 1), min_size=len(rows), max_size=len(rows)))
        logits, state = served.step(tokens, served.select(state, rows))
        texts = [(texts[row][0], [*texts[row][1], token]) for row, token in zip(rows, tokens, strict=True)]
        for (source, text), row in zip(texts, logits, strict=True):
            expected, _ = served.prefill(text, served.encode([SENTENCES[source]]))
            np.testing.assert_allclose(row, expected[0], atol=1e-5)


@ATTENTIVE
def test_a_beam_copies_no_source(served: Seq2SeqRuntime) -> None:
    state = served.encode(SENTENCES)
    beam = served.select(state, [0] * 5 + [1] * 5 + [2] * 5 + [3] * 5)
    assert beam.source is state.source
    _, after = served.step([4] * 20, beam)
    assert after.source is state.source
    alone = served.select(beam, [6, 5])
    assert len(alone.source) == 1
    np.testing.assert_array_equal(alone.source.values[0], state.source.values[1])


def test_the_encoder_traces_every_token_of_the_source(served: Seq2SeqRuntime) -> None:
    """One value for each source token, unit and text; a trace changes nothing, and the gates reproduce the states."""
    trace: list = []
    watched = served.encode(SENTENCES, trace)
    unwatched = served.encode(SENTENCES)
    np.testing.assert_array_equal(watched.source.values, unwatched.source.values)
    shape = served.architecture
    assert {activation.layer for activation in trace} == {0, 1}
    assert all(activation.values.shape == (4, 6, shape.hidden_size) for activation in trace)
    top = {activation.name: activation.values for activation in trace if activation.layer == 1}
    there = np.arange(6) < np.array([[len(source)] for source in SENTENCES])
    np.testing.assert_array_equal(top["hidden_state"][there], watched.source.values[there])
    assert not top["hidden_state"][~there].any()
    if shape.cell == "lstm":
        np.testing.assert_allclose(top["hidden_state"], top["output"] * np.tanh(top["cell_state"]), atol=1e-6)


def test_edited_attention_changes_the_context() -> None:
    """An edit is asked for gates, states and attention; with all attention on one token, the context is that token."""
    served = serve(Seq2Seq(VOCABULARY, SOURCES, 6, 8, 1, attention="dot"))
    state = served.encode([SENTENCES[1]])
    asked = []

    def onto(position: int):
        def edit(layer: int, name: str, values: np.ndarray, head: int | None = None) -> np.ndarray:
            asked.append(name)
            return np.eye(6, dtype=values.dtype)[[position]] if name == "attention" else values

        return edit

    logits, _ = served.step([BEGIN], state, edit=onto(3))
    assert set(asked) == {"input", "forget", "cell", "output", "cell_state", "hidden_state", "attention"}
    one = served.encode([SENTENCES[1]])
    values = np.repeat(one.source.values[:, 3:4], 6, axis=1)
    only = Seq2SeqState(type(one.source)(values, one.source.keys, None), one.layout, one.layers, one.fed)
    np.testing.assert_allclose(logits, served.step([BEGIN], only)[0], atol=1e-6)


def test_logit_attribution_and_bias_sum_to_the_logit(served: Seq2SeqRuntime) -> None:
    hidden = np.random.default_rng(0).standard_normal((2, served.architecture.readout_size)).astype(np.float32)
    parts, bias = served.logit_attribution(hidden, 7)
    np.testing.assert_allclose(parts.sum(axis=1) + bias, served.logits(hidden)[:, 7], atol=1e-5)
