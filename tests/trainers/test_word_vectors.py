"""Runs that learn word vectors: what they learn, their folder, their budgets, and resuming them."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from trainers import job
from trainers.plan import Budget, Wishes
from trainers.run import run
from trainers.vectors import run as vector_run
from trainers.vectors.settings import NegativeSamplingSettings
from tui_lm import checkpoint
from tui_lm.architecture import VECTOR_FAMILIES
from tui_lm.corpus import Corpus, Utterance
from tui_lm.errors import TuiLmError
from tui_lm.events import RunFinished, RunStarted, Sampled, StepDone
from tui_lm.split import Fractions
from tui_lm.vectors.words import Words

DRINKS, ANIMALS = ("tea", "coffee", "milk", "juice"), ("cat", "dog", "horse", "cow")


def corpus() -> Corpus:
    """Drinks are drunk and animals run: words of one kind share their contexts."""
    chance = np.random.default_rng(0)
    messages = []
    for _ in range(700):
        drink, animal = chance.choice(DRINKS), chance.choice(ANIMALS)
        messages.append(Utterance("Ann", f"please drink a cup of hot {drink} now"))
        messages.append(Utterance("Bob", f"the furry {animal} runs over the green grass"))
    secret = [Utterance("Ann", "my secret is xyzzy"), Utterance("Bob", "plugh")]
    return Corpus("chat", Fractions(), "kinds", {"train": messages + secret, "val": messages[:9], "test": []})


def learned(folder: Path, family: str, wishes: Wishes | None = None) -> Words:
    wishes = replace(wishes or Wishes(), family=family)
    ended = list(run(job.new(corpus(), folder, None, wishes)))[-1]
    assert isinstance(ended, RunFinished)
    assert ended.reason == "finished"
    return Words.of(checkpoint.load(folder))


@pytest.mark.parametrize(
    ("family", "settings"),
    [
        ("word2vec", {}),
        ("word2vec", {"objective": "cbow"}),
        ("fasttext", {"buckets": 300}),
        ("glove", {}),
        ("ppmi", {}),
    ],
)
def test_words_with_the_same_contexts_become_neighbours(
    tmp_path: Path, family: str, settings: dict[str, object]
) -> None:
    words = learned(tmp_path / "kinds", family, Wishes(settings={"dim": 10, **settings}, budget=Budget(epochs=12)))
    for kind in (DRINKS, ANIMALS):
        for word in kind:
            near = words.nearest(words.vector(word), len(words.names), without=[word])
            of_interest = [each.word for each in near if each.word in DRINKS + ANIMALS]
            assert {*of_interest[:3]} == {*kind} - {word}


def test_the_folder_holds_frequent_words_and_no_messages(tmp_path: Path) -> None:
    learned(tmp_path / "kinds", "word2vec", Wishes(budget=Budget(steps=3)))
    folder = tmp_path / "kinds"
    files = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert set(files) == {"config.json", "events.jsonl", "model.safetensors", "tokenizer.json"}
    assert not [name for name, data in files.items() if b"xyzzy" in data or b"cup of" in data or b"Ann" in data]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    card = checkpoint.describe(folder)
    assert (card.purpose, card.authors, card.me) == ("vectors", (), None)
    checkpoint.require_intact(folder, card)


def test_events_tell_the_words_read_and_samples_show_neighbours(tmp_path: Path) -> None:
    events = list(run(job.new(corpus(), tmp_path / "kinds", None, Wishes("ppmi"))))
    assert isinstance(events[0], RunStarted)
    steps = [event for event in events if isinstance(event, StepDone)]
    assert steps[-1].step == steps[-1].steps == 6
    assert any(isinstance(event, Sampled) and ": " in event.text for event in events)


class Interrupting:
    """Asks to stop at the n-th question."""

    def __init__(self, n: int) -> None:
        self.n = n

    def __call__(self) -> bool:
        self.n -= 1
        return self.n < 0


@pytest.mark.parametrize("family", VECTOR_FAMILIES)
def test_a_resumed_run_ends_with_the_vectors_of_one_that_was_not_interrupted(tmp_path: Path, family: str) -> None:
    wishes = Wishes(family, budget=Budget(steps=12), settings={"dim": 8})
    whole = learned(tmp_path / "whole", family, wishes)
    folder = tmp_path / "cut"
    ended = list(run(job.new(corpus(), folder, None, wishes), stop=Interrupting(5)))[-1]
    assert isinstance(ended, RunFinished)
    assert (ended.reason, ended.steps) == ("interrupted", 5)
    assert checkpoint.is_unfinished(folder)
    list(run(job.resumed(corpus(), folder)))
    assert not checkpoint.is_unfinished(folder)
    assert np.array_equal(Words.of(checkpoint.load(folder)).matrix, whole.matrix)


def test_a_time_budget_ends_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock: Iterator[float] = iter(float(second) for second in range(10_000))
    monkeypatch.setattr(vector_run.time, "monotonic", lambda: next(clock))
    events = list(
        run(job.new(corpus(), tmp_path / "kinds", None, Wishes("word2vec", budget=Budget(minutes=2))), started=0)
    )
    ended = events[-1]
    assert isinstance(ended, RunFinished)
    assert 120 <= ended.seconds < 130
    assert ended.steps > 10


def test_vectors_are_trained_on_from_those_of_another_model(tmp_path: Path) -> None:
    first = learned(tmp_path / "first", "fasttext", Wishes(budget=Budget(steps=3), settings={"buckets": 200, "dim": 6}))
    base = checkpoint.load(tmp_path / "first")
    more = Corpus(
        "chat", Fractions(), "more", {"train": [Utterance("Cy", "hot lemonade now")] * 12, "val": [], "test": []}
    )
    new = job.new(more, tmp_path / "second", None, Wishes(settings={"learning_rate": 1e-9}), base)
    list(run(new))
    second = Words.of(checkpoint.load(tmp_path / "second"))
    assert second.names == [*first.names, "lemonade"]
    np.testing.assert_allclose(second.matrix[: len(first.names)], first.matrix, atol=1e-5)


@pytest.mark.parametrize(
    ("wishes", "words"),
    [
        (Wishes("word2vec", settings={"min_count": 100_000}), "no two words occur 100000 times"),
        (Wishes("word2vec", settings={"objective": "bow"}), "objective is skipgram or cbow"),
        (Wishes("fasttext", settings={"shortest": 7}), "shortest n-gram"),
        (Wishes("glove", tokenizer="char"), "no tokenizer to choose"),
        (Wishes("ppmi", size="small"), "no size to choose"),
        (Wishes("word2vec", settings={"window": "wide"}), "window cannot be"),
        (Wishes("word2vec", settings={"betas": [0.9, 0.9]}), "no setting called betas"),
    ],
)
def test_wishes_that_cannot_be_met_are_refused_before_anything_is_learned(
    tmp_path: Path, wishes: Wishes, words: str
) -> None:
    with pytest.raises(TuiLmError, match=words):
        job.new(corpus(), tmp_path / "kinds", None, wishes)


def test_settings_by_hand_are_kept_in_the_card(tmp_path: Path) -> None:
    learned(tmp_path / "kinds", "word2vec", Wishes(budget=Budget(steps=1), settings={"window": 2, "negatives": 7}))
    config = job.saved_config(checkpoint.describe(tmp_path / "kinds"))
    assert isinstance(config.task, NegativeSamplingSettings)
    assert (config.task.window, config.task.negatives) == (2, 7)
