"""A network of replies as a language model: its result does not depend on how a stream is cut into calls."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tui_lm.architecture import Seq2Seq
from tui_lm.checkpoint import SavedModel
from tui_lm.engine import Engine
from tui_lm.runtime import reply
from tui_lm.runtime.reply import ReplyRuntime
from tui_lm.runtime.seq2seq import Seq2SeqRuntime
from tui_lm.tokenizers.specials import BEGIN, END
from tui_lm.tokenizers.stream import WritingContext, latest_messages
from tui_lm.trace import Trace

FIRST, SECOND = [BEGIN, 4, 20, 21, END], [BEGIN, 5, 22, END]
OPENING = [BEGIN, 4, 23]


@pytest.fixture
def network() -> Seq2SeqRuntime:
    shape = Seq2Seq(40, 40, dim=6, hidden_size=8, share_embeddings=True, tie_embeddings=True)
    generator = np.random.default_rng(1)
    weights = {name: generator.standard_normal(size).astype(np.float32) for name, size in shape.weights().items()}
    return Seq2SeqRuntime(shape, weights)


@pytest.fixture
def served(network: Seq2SeqRuntime) -> ReplyRuntime:
    return ReplyRuntime(network)


def test_the_encoder_reads_the_messages_before_and_the_decoder_writes_the_last(
    served: ReplyRuntime, network: Seq2SeqRuntime
) -> None:
    state = network.encode([[*FIRST, *SECOND]])
    for token in OPENING:
        expected, state = network.step([token], state)
    logits, _ = served.prefill([*FIRST, *SECOND, *OPENING])
    np.testing.assert_allclose(logits, expected, atol=1e-5)


def test_the_first_message_has_an_empty_source(served: ReplyRuntime, network: Seq2SeqRuntime) -> None:
    expected, _ = network.step([4], network.step([BEGIN], network.encode([[END]]))[1])
    np.testing.assert_allclose(served.prefill([BEGIN, 4])[0], expected, atol=1e-5)


@given(st.lists(st.integers(1, 3)), st.booleans())
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_stream_may_be_cut_into_any_pieces(served: ReplyRuntime, sizes: list[int], stepping: bool) -> None:
    stream = [*FIRST, *SECOND, *OPENING, 24, END, *OPENING]
    whole, _ = served.prefill(stream)
    state = None
    rest = stream
    while rest:
        size = sizes.pop() if sizes else len(rest)
        if stepping and size == 1:
            logits, state = served.step(rest[:1], state or served.start())
        else:
            logits, state = served.prefill(rest[:size], state)
        rest = rest[size:]
    np.testing.assert_allclose(logits, whole, atol=1e-5)


def test_only_the_latest_messages_are_encoded(served: ReplyRuntime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reply, "CONTEXT", len(SECOND) + 2)
    np.testing.assert_allclose(
        served.prefill([*FIRST, *SECOND, *OPENING])[0], served.prefill([*SECOND, *OPENING])[0], atol=1e-5
    )


@given(st.lists(st.lists(st.integers(3, 9), max_size=6), max_size=8), st.integers(1, 12), st.integers(0, 40))
def test_messages_beyond_the_context_make_no_difference(messages: list[list[int]], most: int, cut: int) -> None:
    stream = [token for message in messages for token in (BEGIN, *message, END)]
    kept = latest_messages(stream, most)
    assert stream[len(stream) - len(kept) :] == kept
    assert len(kept) <= most
    assert len(stream) <= most or kept[:1] == [BEGIN] or len(messages[-1]) + 2 > most
    earlier = latest_messages(stream[:cut], most)
    assert latest_messages([*earlier, *stream[cut:]], most) == kept


def test_hypotheses_of_a_beam_do_not_affect_each_other(served: ReplyRuntime) -> None:
    """Each row of a beam equals a run of its own, also when all rows begin the next message."""
    _, state = served.prefill([*FIRST, *OPENING])
    beam, state = served.step([25, 26], served.select(state, [0, 0]))
    _, state = served.step([END, END], state)
    _, state = served.step([BEGIN, BEGIN], state)
    after, _ = served.step([5, 5], state)
    for row, token in enumerate((25, 26)):
        np.testing.assert_allclose(beam[row], served.prefill([*FIRST, *OPENING, token])[0][0], atol=1e-5)
        alone, _ = served.prefill([*FIRST, *OPENING, token, END, BEGIN, 5])
        np.testing.assert_allclose(after[row], alone[0], atol=1e-5)
    with pytest.raises(ValueError, match="begin a message"):
        served.step([BEGIN, 5], state)


def test_a_trace_holds_the_attention_of_the_decoder(served: ReplyRuntime) -> None:
    _, state = served.prefill([*FIRST, *OPENING])
    trace: Trace = []
    served.step([25], state, trace)
    (attention,) = [activation.values for activation in trace if activation.kind == "attention"]
    assert attention.shape == (1, len(FIRST))
    np.testing.assert_allclose(attention.sum(axis=1), 1, atol=1e-5)


def test_an_engine_of_replies_encodes_the_thread_of_the_message(make_reply_model: Callable[..., SavedModel]) -> None:
    """Of two simultaneous conversations only the author's is encoded, and of that only the last turns."""
    engine = Engine(make_reply_model())
    assert engine.answers
    assert isinstance(engine.runtime, ReplyRuntime)
    history = [("Ann", "when?"), ("Bob", "Ann: at six?"), ("Cid", "I am off")]
    reached = engine.after(WritingContext("y", "Ann", history))
    np.testing.assert_allclose(
        reached.logits, Engine(make_reply_model()).after(WritingContext("y", "Ann", history[:2])).logits, atol=1e-5
    )
    assert not np.allclose(reached.logits, engine.after(WritingContext("y", "Dora", history)).logits)
    many = [("Bob", f"message {i}") if i % 2 else ("Ann", f"message {i}") for i in range(200)]
    np.testing.assert_allclose(
        engine.after(WritingContext("y", "Ann", many)).logits,
        engine.after(WritingContext("y", "Ann", many[-5:])).logits,
        atol=1e-5,
    )
