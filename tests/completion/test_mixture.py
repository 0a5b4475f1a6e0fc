"""The mixture is a probability distribution, and a completer learns what is sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tui_lm.checkpoint import SavedModel
from tui_lm.completion import Completer, ngram_files
from tui_lm.completion.mixture import NOTHING_TYPED, TYPED, Mixture
from tui_lm.completion.ngrams import Ngrams
from tui_lm.completion.search import Found, Limits
from tui_lm.completion.training_counts import build
from tui_lm.completion.words import cursor
from tui_lm.corpus import Utterance
from tui_lm.engine import Engine
from tui_lm.tokenizers.stream import WritingContext

CHAT = [
    Utterance("Ann", "see you tomorrow at six"),
    Utterance("Bob", "see you there :)"),
    Utterance("Ann", "(see) the sea"),
    Utterance("Bob", "नमस्ते दोस्त"),
] * 20
TYPED_TEXTS = ["", "s", "se", "see ", "see you t", "(", "(s", "see (t", "न", "ok.", "zzz", "好", ":"]


@pytest.fixture
def ngrams() -> Ngrams:
    found = build(CHAT)
    found.learn("see Xanadu", "Ann")
    return found


@pytest.mark.parametrize("author", ["Ann", "Eve", None])
@pytest.mark.parametrize("text", TYPED_TEXTS)
def test_each_model_is_a_distribution_over_the_words_with_the_typed_beginning(
    ngrams: Ngrams, text: str, author: str | None
) -> None:
    ids, parts = Mixture(ngrams, WritingContext(author=author)).words(cursor(text))
    assert (np.diff(ids) > 0).all()
    for weight, probabilities in parts:
        assert 0 < weight < 1
        assert probabilities.sum() == pytest.approx(1)


def test_the_weights_sum_to_one() -> None:
    for weights in (NOTHING_TYPED, TYPED):
        total = weights.network + weights.everyone + weights.own + weights.latest
        assert total == pytest.approx(1)


@pytest.mark.parametrize("text", TYPED_TEXTS)
def test_the_mixture_of_distributions_sums_to_one(ngrams: Ngrams, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui_lm.completion.mixture.BEST", 10**6)
    at = cursor(text)
    network = Found({"e": 0.25, "ee": 0.125, "new": 0.125}, 0.5)
    mixed = Mixture(ngrams, WritingContext(author="Ann")).mix(at, network)
    assert sum(mixed.units.values()) + mixed.complete == pytest.approx(1)
    alone = Mixture(ngrams, WritingContext(author="Ann")).mix(at, Found())
    known = Mixture(ngrams, WritingContext(author="Ann")).words(at)[1]
    assert sum(alone.units.values()) + alone.complete == pytest.approx(1 if known else 0)


def test_a_word_found_by_the_network_alone_also_gets_its_ngram_probability(
    ngrams: Ngrams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui_lm.completion.mixture.BEST", 1)
    at, network = cursor("see "), Found({"there": 0.5, "Xanadu": 0.5})
    narrow = Mixture(ngrams, WritingContext(author="Ann")).mix(at, network)
    monkeypatch.setattr("tui_lm.completion.mixture.BEST", 10**6)
    wide = Mixture(ngrams, WritingContext(author="Ann")).mix(at, network)
    assert {unit: wide.units[unit] for unit in narrow.units} == pytest.approx(narrow.units)


@pytest.fixture
def completer(make_model: Callable[..., SavedModel]) -> Completer:
    return Completer(Engine(make_model()), build(CHAT), limits=Limits(depth=4))


def texts(completer: Completer, text: str, author: str | None = None) -> list[str]:
    return [candidate.text for candidate in completer.candidates(WritingContext(text, author))]


def test_sent_words_are_suggested_until_a_reset(completer: Completer) -> None:
    before = texts(completer, "X")
    assert "Xanadu" not in before
    completer.learn(WritingContext("we are off to Xanadu", "Ann"))
    assert texts(completer, "X")[0] == "Xanadu"
    assert "Xanadu" in texts(completer, "off to ")
    completer.reset()
    assert texts(completer, "X") == before


def test_a_private_completer_learns_nothing(make_model: Callable[..., SavedModel]) -> None:
    private = Completer(Engine(make_model()), build(CHAT), private=True)
    private.learn(WritingContext("Xanadu", "Ann"))
    assert "Xanadu" not in texts(private, "X")


def test_an_authors_own_words_rank_first(completer: Completer) -> None:
    for _ in range(30):
        completer.learn(WritingContext("yep yonder", "Bob"))
        completer.learn(WritingContext("yes yonder", "Ann"))
    assert texts(completer, "", author="Bob")[0] == "yep"
    assert texts(completer, "", author="Ann")[0] == "yes"


def test_learned_words_are_saved_in_the_model_folder(saved: Path) -> None:
    ngram_files.save(build(CHAT), saved)
    first = Completer.open(saved)
    first.learn(WritingContext("Xanadu", "Ann"))
    first.save()
    again = Completer.open(saved)
    assert "Xanadu" in texts(again, "") + texts(again, "X")
    first.reset()
    first.save()
    again = Completer.open(saved)
    assert "Xanadu" not in texts(again, "") + texts(again, "X")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(keys=st.lists(st.sampled_from(["", "", "s", "e", " ", "(", "t", "X", "न", "."]), max_size=15))
def test_suggestions_do_not_depend_on_earlier_keys(make_model: Callable[..., SavedModel], keys: list[str]) -> None:
    engine, ngrams, limits = Engine(make_model()), build(CHAT), Limits(depth=4)
    one = Completer(engine, ngrams, limits=limits)
    typed = ""
    for key in keys:
        typed = typed + key if key else typed[:-1]
        one.complete(WritingContext(typed))
    fresh = Completer(Engine(make_model()), ngrams, limits=limits)
    again, first = one.complete(WritingContext(typed)), fresh.complete(WritingContext(typed))
    assert again.ghost == first.ghost
    assert [word.text for word in again.candidates] == [word.text for word in first.candidates]


def test_an_untrained_network_is_not_used(make_model: Callable[..., SavedModel], ngrams: Ngrams) -> None:
    model = make_model()
    fresh = SavedModel(replace(model.card, metrics={"best_step": 0}), model.tokenizers, model.weights)
    alone = Completer(None, ngrams)
    for text in ("", "see y", "see you tom"):
        assert Completer(Engine(fresh), ngrams).complete(WritingContext(text, "Ann")) == alone.complete(
            WritingContext(text, "Ann")
        )
    assert Completer(Engine(model), ngrams).complete(WritingContext("see y")) != alone.complete(WritingContext("see y"))
