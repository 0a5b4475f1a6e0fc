"""Whole replies of networks with random weights, and their diversity."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import TEXTS
from tui_lm.checkpoint import SavedModel
from tui_lm.completion import Completer
from tui_lm.completion.smart_reply import LONGEST, are_alike
from tui_lm.completion.training_counts import build
from tui_lm.corpus import Utterance
from tui_lm.engine import Engine
from tui_lm.sampling import softmax
from tui_lm.tokenizers.specials import END
from tui_lm.tokenizers.stream import WritingContext

NGRAMS = build([Utterance("Ann", text) for text in [*TEXTS[:6], "ok", "ok", "okay", "yes!", "你好", "👍"]])
HISTORY = [("Bob", "what's for dinner tonight?")]
SAID = st.lists(st.tuples(st.sampled_from([None, "Ann", "Bob", "Cid"]), st.sampled_from(TEXTS)), max_size=4)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=SAID, counted=st.booleans(), n=st.integers(0, 4))
def test_replies_are_few_short_distinct_lines(
    engine: Engine, history: list[tuple[str | None, str]], counted: bool, n: int
) -> None:
    completer = Completer(engine, NGRAMS if counted else None)
    replies = completer.replies(WritingContext(author="Ann", history=history), n=n)
    assert len(replies) <= n
    for reply in replies:
        assert reply.text == reply.text.strip() != ""
        assert "\n" not in reply.text and len(reply.text) <= LONGEST
        assert 0 < reply.probability <= 1
    assert not any(are_alike(one.text, other.text) for one, other in combinations(replies, 2))


def test_replies_do_not_depend_on_earlier_keys(engine: Engine) -> None:
    completer = Completer(engine, NGRAMS)
    completer.complete(WritingContext("see you", "Ann", HISTORY))
    again = completer.replies(WritingContext(author="Ann", history=HISTORY))
    first = Completer(engine, NGRAMS).replies(WritingContext(author="Ann", history=HISTORY))
    assert [reply.text for reply in again] == [reply.text for reply in first]


def eager(model: SavedModel, words: str) -> SavedModel:
    """A model that writes nothing but these letters, and ends its messages soon."""
    weights = {name: weight * 0.1 for name, weight in model.weights.items()}
    allowed = [*model.tokenizer.encode(words), END]
    weights["head.bias"] = np.full_like(weights["head.bias"], -30)
    weights["head.bias"][allowed] = 0
    weights["head.bias"][END] = 1.5
    return SavedModel(model.card, model.tokenizers, weights)


def test_the_probability_of_a_reply_is_that_of_its_tokens(make_reply_model: Callable[..., SavedModel]) -> None:
    engine = Engine(eager(make_reply_model(), "ok noyes"))
    replies = Completer(engine).replies(WritingContext(author="Ann", history=HISTORY))
    assert len(replies) == 3
    for reply in replies:
        tokens = [*engine.tokenizer.encode(reply.text), END]
        before, probability = engine.before(WritingContext(author="Ann", history=HISTORY)), 1.0
        for token in tokens:
            probability *= float(softmax(engine.reach(before).logits[0])[token])
            before = [*before, token]
        assert reply.probability == pytest.approx(probability, rel=1e-3)


def test_replies_hold_no_line_breaks(make_model: Callable[..., SavedModel]) -> None:
    replies = Completer(Engine(eager(make_model(), "ok no\n\n"))).replies(WritingContext(author="Ann", history=HISTORY))
    assert replies
    assert not any("\n" in reply.text for reply in replies)


def test_without_a_network_there_are_no_replies() -> None:
    assert Completer(None, NGRAMS).replies(WritingContext(author="Ann", history=HISTORY)) == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ok", "OK!"),
        ("ok", "okay"),
        ("ok", "oh okay."),
        ("ok thanks", "ok"),
        ("yes", "yep"),
        ("see you there", "see you at six"),
        ("👍", "👍"),
        ("I think so", "I think not"),
    ],
)
def test_similar_replies_are_recognised(one: str, other: str) -> None:
    assert are_alike(one, other) and are_alike(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ok", "no"),
        ("yes", "no"),
        ("👍", "ok"),
        ("I'm off", "I don't know"),
        ("haha", "at six"),
        ("好的", "不行"),
        ("👍", "🎉"),
    ],
)
def test_different_replies_are_kept_apart(one: str, other: str) -> None:
    assert not are_alike(one, other) and not are_alike(other, one)
