"""A run learns, keeps its best model, ends as planned, and is reproducible."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.trainers.conftest import CONFIG, TOKENIZER, UTTERANCES, Train
from trainers.data import IGNORED, TextStream, fitting_batch_size, fitting_sequence_length, stream_batches
from trainers.language_modelling import plan
from trainers.optim import Schedule
from trainers.plan import Budget, Measured, Wishes, choose_size, language_dropout
from trainers.task_settings import StreamSettings
from tui_lm import checkpoint, events
from tui_lm.corpus import Utterance
from tui_lm.events import CheckpointSaved, Evaluated, RunFinished, RunStarted, Sampled, StepDone
from tui_lm.tokenizers.specials import BEGIN, OTHER


@pytest.mark.parametrize("family", ["rnn", "lstm", "gru", "mingru"])
def test_a_run_learns_and_keeps_its_best(family: str, train: Train, tmp_path: Path) -> None:
    architecture = replace(CONFIG.architecture, family=family)
    seen = list(train(tmp_path / "run", replace(CONFIG, architecture=architecture, learning_rate=0.01)))
    assert [type(seen[0]), type(seen[-1])] == [RunStarted, RunFinished]
    evaluated = [event for event in seen if isinstance(event, Evaluated)]
    assert evaluated[-1].loss < evaluated[0].loss
    assert any(isinstance(event, Sampled) for event in seen)
    assert any(isinstance(event, CheckpointSaved) for event in seen)
    best = min(evaluated, key=lambda event: event.loss)
    assert (seen[-1].best_step, seen[-1].best_loss) == (best.step, best.loss)
    card = checkpoint.describe(tmp_path / "run")
    assert card.metrics["validation_loss"] == best.loss
    assert card.metrics["best_step"] == best.step


@pytest.mark.usefixtures("one_thread")
def test_the_same_seed_gives_the_same_weights(train: Train, tmp_path: Path) -> None:
    for name in "ab":
        list(train(tmp_path / name, replace(CONFIG, steps=20)))
    list(train(tmp_path / "c", replace(CONFIG, steps=20, seed=1)))
    first, second, other = (checkpoint.load(tmp_path / name).weights for name in "abc")
    for name, weight in first.items():
        np.testing.assert_array_equal(weight, second[name])
    assert not np.array_equal(first["head.weight"], other["head.weight"])


def test_an_interrupted_run_keeps_the_best_so_far(train: Train, tmp_path: Path) -> None:
    asked = iter(range(10**6))
    seen = list(train(tmp_path / "run", replace(CONFIG, steps=5000), stop=lambda: next(asked) >= 7))
    finished = seen[-1]
    assert isinstance(finished, RunFinished)
    assert (finished.reason, finished.steps) == ("interrupted", 8)
    assert checkpoint.load(tmp_path / "run").card.metrics["best_step"] == 8


def test_a_run_without_improvement_ends_early(train: Train, tmp_path: Path) -> None:
    config = replace(CONFIG, steps=120, evaluations=60, patience=2, learning_rate=2.0)  # far too high a rate
    finished = list(train(tmp_path / "run", config))[-1]
    assert isinstance(finished, RunFinished)
    assert finished.reason == "early stop"
    assert finished.steps < 120


def test_a_budget_of_time_becomes_steps_and_is_kept(
    train: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = iter(range(10**6))
    monkeypatch.setattr("trainers.pace.time.monotonic", lambda: next(ticks) * 0.01)  # a clock of our own
    config = replace(CONFIG, steps=None, seconds=2.0)
    seen = list(train(tmp_path / "run", config, started=0.0))
    steps = [event for event in seen if isinstance(event, StepDone)]
    finished = seen[-1]
    assert isinstance(finished, RunFinished)
    assert finished.steps == steps[-1].steps == steps[-1].step  # the end is where the last plan has it
    assert finished.seconds <= 2.0
    assert all(event.seconds_left <= 2.0 - event.seconds + 0.05 for event in steps)


def test_no_text_is_stored(train: Train, tmp_path: Path) -> None:
    list(train(tmp_path / "run"))
    lines = (tmp_path / "run" / "events.jsonl").read_text("utf-8").splitlines()
    kinds = {type(events.from_json(line)) for line in lines}
    assert RunFinished in kinds
    assert Sampled not in kinds


def test_events_survive_json() -> None:
    for event in (
        RunStarted("a", "LSTM", "cpu", 3, 4, 5, None),
        Sampled(3, "Ann", "né\n👍"),
        RunFinished("finished", 3, 2, 1.5, None, 9.0, "x"),
    ):
        assert events.from_json(events.to_json(event)) == event
    with pytest.raises(ValueError, match="not an event"):
        events.from_json('{"event": "step_done"}')


def test_a_stream_continues_in_the_next_batch() -> None:
    """Chunk after chunk, a column is contiguous text, and targets are the inputs one step later."""
    stream = TextStream.of(UTTERANCES, TOKENIZER, "chat")
    batches = list(stream_batches(stream, StreamSettings(4, 16, 0.0, 0.0), np.random.default_rng(0)))
    for column in range(4):
        inputs = torch.cat([batch.inputs[:, column] for batch in batches])
        targets = torch.cat([batch.targets[:, column] for batch in batches])
        shown = targets[:-1] != IGNORED
        assert torch.equal(inputs[1:][shown], targets[:-1][shown])
    assert batches[0].fresh.all()
    assert not any(batch.fresh.any() for batch in batches[1:])


@pytest.mark.parametrize("messages", [*range(10, 30), *range(30, 1200, 37)])
def test_every_epoch_of_a_small_chat_has_a_batch(messages: int) -> None:
    """Authors that are left out make it shorter; an epoch without a batch would be waited for without end."""
    stream = TextStream.of([Utterance("Ann", "a")] * messages, TOKENIZER, "chat")
    length = fitting_sequence_length(len(stream), 64)
    settings = StreamSettings(fitting_batch_size(len(stream), 32, length), length, author_dropout=0.3)
    for seed in range(20):
        assert list(stream_batches(stream, settings, np.random.default_rng(seed)))


def test_authors_are_given_and_never_predicted() -> None:
    stream = TextStream.of(UTTERANCES, TOKENIZER, "chat")
    _, targets = stream.side_by_side(1)
    assert not ((targets >= 0) & (targets < len(TOKENIZER.specials)) & (targets != 2)).any()
    assert int((targets != IGNORED).sum()) == stream.predicted()


def test_the_authors_of_some_messages_are_omitted() -> None:
    stream = TextStream.of(UTTERANCES, TOKENIZER, "chat")
    inputs, _ = stream.without_authors(0.5, np.random.default_rng(0)).side_by_side(1)
    assert 150 < ((inputs >= OTHER) & (inputs < len(TOKENIZER.specials))).sum() < 250
    assert stream.without_authors(0.0, np.random.default_rng(0)) is stream


def test_prose_after_a_reset_begins_with_the_begin_token() -> None:
    text = TextStream.of([Utterance(None, "lorem ipsum dolor " * 90)], TOKENIZER, "prose")
    for batch in stream_batches(text, StreamSettings(4, 16, 0.5, 0.0), np.random.default_rng(0)):
        assert (batch.inputs[0, batch.fresh] == BEGIN).all()


def test_the_rate_warms_up_and_is_zero_at_the_end() -> None:
    schedule = Schedule(0.01, 0.1, 100)
    rates = [schedule.rate(step) for step in range(100)]
    assert max(rates) == pytest.approx(0.0091, abs=3e-4)
    assert rates[0] < rates[5] < rates[9]
    assert rates[99] == pytest.approx(0.0001)
    schedule.replan(50, 10)
    assert schedule.rate(50) == pytest.approx(rates[50])
    assert schedule.rate(60) == 0
    schedule.replan(55, 20)  # later than planned: from the same rate, in a flatter line
    assert schedule.rate(55) == pytest.approx(rates[50] / 2)
    assert schedule.rate(74) > 0 == schedule.rate(75)


def test_size_fits_the_text_and_the_time() -> None:
    assert choose_size(Wishes(), 10_000) == "tiny"
    assert choose_size(Wishes(budget=Budget(minutes=0.1)), 5_000_000) == "tiny"
    assert choose_size(Wishes(budget=Budget(minutes=3)), 5_000_000) == "base"
    assert choose_size(Wishes(size="small"), 5_000_000) == "small"


def test_a_text_that_is_seen_once_needs_no_dropout() -> None:
    assert language_dropout(0.5).output == 0
    assert language_dropout(20).output > language_dropout(4).output > 0


@pytest.mark.parametrize("budget", [Budget(), Budget(steps=7), Budget(epochs=2), Budget(minutes=1.0)])
def test_a_plan_has_one_kind_of_length(budget: Budget) -> None:
    config = plan(Wishes(budget=budget, device="cpu"), Measured(5000, 100_000, "char", 300))
    assert (config.steps is None) == (budget.minutes is not None)
    if budget.steps is not None:
        assert config.steps == 7
