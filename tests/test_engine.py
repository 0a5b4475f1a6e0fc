"""The engine: cached states change nothing but the time; generation and its options."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_lm.checkpoint import SavedModel
from tui_lm.engine import Engine, Token, window_start
from tui_lm.runtime.states import Reached, StateTree
from tui_lm.sampling import Sampler
from tui_lm.tokenizers.specials import END
from tui_lm.tokenizers.stream import WritingContext

HISTORY = [("Bob", "what's for dinner?"), ("Ann", "pasta")]
MakeModel = Callable[..., SavedModel]


@pytest.fixture(params=["char", "word", "subword", "llama"])
def model(request: pytest.FixtureRequest, make_model: MakeModel, make_llama: MakeModel) -> SavedModel:
    return make_llama(context=20) if request.param == "llama" else make_model(tokenizer=request.param)


@pytest.fixture
def engine(model: SavedModel) -> Engine:
    return Engine(model)


def test_typing_and_backspacing_give_the_states_of_a_fresh_engine(engine: Engine, model: SavedModel) -> None:
    for text in ["s", "se", "see", "see ", "see y", "see ", "see", "so", "s", ""]:
        fresh = Engine(model)
        typed = engine.after(WritingContext(text, "Ann", HISTORY))
        np.testing.assert_allclose(typed.logits, fresh.after(WritingContext(text, "Ann", HISTORY)).logits, atol=1e-5)


def test_a_key_costs_one_step(make_model: MakeModel, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine(make_model())
    engine.after(WritingContext("see you", "Ann", HISTORY))
    read: list[int] = []
    prefill = engine.runtime.prefill
    monkeypatch.setattr(
        engine.runtime, "prefill", lambda tokens, state: (read.extend(tokens), prefill(tokens, state))[1]
    )
    engine.after(WritingContext("see you ", "Ann", HISTORY))
    assert len(read) == 1
    engine.after(WritingContext("see you", "Ann", HISTORY))
    assert len(read) == 1, "backspace costs none"


def test_the_same_seed_gives_the_same_text(engine: Engine) -> None:
    answers = {engine.generate(WritingContext("see", "Ann"), seed=7, max_new_tokens=30).text for _ in range(3)}
    assert len(answers) == 1
    assert engine.generate(WritingContext("see", "Ann"), seed=8, max_new_tokens=30).text not in answers


def test_greedy_needs_no_seed(engine: Engine) -> None:
    greedy = Sampler(temperature=0)
    assert engine.generate(WritingContext(), sampler=greedy, max_new_tokens=9) == engine.generate(
        WritingContext(), sampler=greedy, max_new_tokens=9
    )


def test_generation_stops_at_max_new_tokens(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_never", [*engine._never, END])
    answer = engine.generate(WritingContext("a"), max_new_tokens=5, seed=1)
    assert (answer.tokens, answer.finish_reason) == (5, "length")
    assert engine.generate(WritingContext("a"), max_new_tokens=0).text == ""


def script(engine: Engine, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Make the model generate `text` and end the message, by setting its logits."""
    tokens = [*engine.tokenizer.encode(text), END]
    told = iter(tokens)
    monkeypatch.setattr(Sampler, "pick", staticmethod(lambda probabilities, generator: next(told)))


@pytest.mark.parametrize(
    ("stop", "text", "reason"),
    [
        ([], "see you tomorrow", "end"),
        (["you"], "see ", "stop"),
        (["tomorrow", "you t"], "see ", "stop"),
        (["wrrow"], "see you tomorrow", "end"),
        (["see"], "", "stop"),
    ],
)
def test_a_stop_string_ends_the_text_and_does_not_appear(
    stop: list[str], text: str, reason: str, make_model: MakeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Engine(make_model())
    script(engine, monkeypatch, "see you tomorrow")
    pieces: list[str] = []
    answer = engine.generate(WritingContext(), stop=stop, on_text=pieces.append)
    assert (answer.text, answer.finish_reason) == (text, reason)
    assert "".join(pieces) == text


@pytest.mark.parametrize("kind", ["char", "subword"])
def test_generated_text_is_streamed_in_whole_characters(
    kind: str, make_model: MakeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Engine(make_model(tokenizer=kind))
    script(engine, monkeypatch, "ok ☃ 👍 é")
    pieces: list[str] = []
    assert engine.generate(WritingContext(), on_text=pieces.append).text == "ok ☃ 👍 é"
    assert "\N{REPLACEMENT CHARACTER}" not in "".join(pieces)


def test_only_text_and_the_end_of_a_message_are_generated(engine: Engine) -> None:
    reached = engine.after(WritingContext("see", None, ()))
    probabilities = Sampler(temperature=1.0).probabilities(engine.allowed(reached.logits[0]))
    assert all(probabilities[token] == 0 for token in range(len(engine.specials)) if token != END)
    assert probabilities[END] > 0


def test_next_tokens_are_sorted_and_labelled(engine: Engine) -> None:
    following = engine.next_token(WritingContext("see", "Ann", HISTORY), n=5)
    shares = [share for _, share in following.candidates]
    assert shares == sorted(shares, reverse=True)
    assert len(shares) == 5
    assert following.entropy > 0
    assert engine.label(END) == "end"
    assert all(label.isprintable() for label, _ in following.candidates)


def test_tokens_carry_their_probability(engine: Engine) -> None:
    tokens: list[Token] = list(engine.stream(WritingContext("see"), seed=1, max_new_tokens=5))
    assert all(0 < token.probability <= 1 for token in tokens)


@given(st.lists(st.lists(st.integers(0, 3), max_size=6), max_size=40), st.integers(1, 8))
@settings(max_examples=60)
def test_the_state_tree_is_bounded_and_returns_correct_states(histories: list[list[int]], capacity: int) -> None:
    tree = StateTree(capacity)
    for tokens in histories:
        length, reached = tree.longest(tokens)
        if reached is not None:
            assert reached.state == tokens[:length], "a state belongs to the tokens that led to it"
        if tokens:
            tree.put(tokens, Reached(np.zeros(1), list(tokens)))
            assert tree.longest(tokens)[0] == len(tokens)
        assert len(tree) <= capacity


def test_the_history_window_moves_by_whole_windows() -> None:
    """Between leaps its start stays, so that the states of a conversation stay good."""
    starts = [window_start(n) for n in range(200)]
    assert all(n - start <= 31 for n, start in enumerate(starts))
    assert all(n - start >= 16 for n, start in enumerate(starts) if n >= 16)
    assert len(set(starts)) < 15
