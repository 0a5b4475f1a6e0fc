"""A run that was killed, diverged or ran out of memory continues."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.trainers.conftest import CONFIG, Train
from trainers.loop import MOST_ROLLBACKS, Loop
from trainers.optim import OPTIMIZERS
from tui_lm import checkpoint
from tui_lm.errors import TuiLmError
from tui_lm.events import CheckpointSaved, Evaluated, RolledBack, RunFinished, StepDone

REGULARISED = replace(CONFIG, dropout=replace(CONFIG.dropout, input=0.1, recurrent=0.1, output=0.2))


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("optimizer", ["adamw", "muon", "momentum"])
@pytest.mark.parametrize("kill_at", [1, 3])
def test_a_killed_run_resumes_bit_for_bit(
    optimizer: str, kill_at: int, train: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trainers.best.SAVE_EVERY", 0.0)
    config = replace(REGULARISED, optimizer=optimizer)
    list(train(tmp_path / "whole", config))
    killed = train(tmp_path / "killed", config)
    for _ in range(kill_at):
        next(event for event in killed if isinstance(event, CheckpointSaved))
    torch.manual_seed(99)  # another process has another chance
    del killed
    resumed = list(train(tmp_path / "killed", config, resume=True))
    assert isinstance(resumed[-1], RunFinished)
    assert resumed[-1].steps == config.steps
    whole, again = (checkpoint.load(tmp_path / name) for name in ("whole", "killed"))
    for name, weight in whole.weights.items():
        np.testing.assert_array_equal(weight, again.weights[name])
    assert whole.card.metrics == again.card.metrics


def test_an_interrupted_run_resumes_and_a_finished_one_cannot(train: Train, tmp_path: Path) -> None:
    asked = iter(range(10**6))
    list(train(tmp_path / "run", stop=lambda: next(asked) >= 7))
    assert checkpoint.is_unfinished(tmp_path / "run")
    finished = list(train(tmp_path / "run", resume=True))[-1]
    assert isinstance(finished, RunFinished)
    assert (finished.reason, finished.steps) == ("finished", 60)
    assert not checkpoint.is_unfinished(tmp_path / "run")
    with pytest.raises(TuiLmError):
        list(train(tmp_path / "run", resume=True))


def test_the_log_of_a_resumed_run_continues(train: Train, tmp_path: Path) -> None:
    asked = iter(range(10**6))
    list(train(tmp_path / "run", stop=lambda: next(asked) >= 7))
    before = (tmp_path / "run" / "events.jsonl").read_text("utf-8")
    list(train(tmp_path / "run", resume=True))
    assert (tmp_path / "run" / "events.jsonl").read_text("utf-8").startswith(before)


def test_a_damaged_snapshot_is_a_clear_error(train: Train, tmp_path: Path) -> None:
    asked = iter(range(10**6))
    list(train(tmp_path / "run", stop=lambda: next(asked) >= 7))
    path = tmp_path / "run" / "resume" / "state.safetensors"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(TuiLmError, match="cannot be resumed"):
        list(train(tmp_path / "run", resume=True))
    assert checkpoint.load(tmp_path / "run"), "the best model so far is still good"


def test_a_loss_that_is_no_number_is_rolled_back_at_half_the_rate(
    train: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    update, spoilt = Loop._train_step, []

    def spoil(self: Loop, batch: object) -> torch.Tensor:
        norm = update(self, batch)  # type: ignore[arg-type]
        if self.run.step == 33 and not spoilt:
            spoilt.append(True)
            with torch.no_grad():
                next(self.run.model.parameters()).fill_(float("nan"))
        return norm

    monkeypatch.setattr(Loop, "_train_step", spoil)
    seen = list(train(tmp_path / "run"))
    back = next(event for event in seen if isinstance(event, RolledBack))
    assert back.step == 30
    steps = {event.step: event.learning_rate for event in seen[: seen.index(back)] if isinstance(event, StepDone)}
    assert back.learning_rate == pytest.approx(steps[30] / 2)
    assert isinstance(seen[-1], RunFinished)
    assert all(np.isfinite(event.loss) for event in seen if isinstance(event, Evaluated))


def test_a_run_that_keeps_diverging_is_an_error(train: Train, tmp_path: Path) -> None:
    with pytest.raises(TuiLmError, match="diverges"):
        list(train(tmp_path / "run", replace(CONFIG, learning_rate=float("inf"))))
    assert MOST_ROLLBACKS > 1


def test_memory_that_runs_out_halves_the_batch(train: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    update = Loop._train_step

    def hungry(self: Loop, batch: object) -> torch.Tensor:
        if self.config.task.batch > 2:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")
        return update(self, batch)  # type: ignore[arg-type]

    monkeypatch.setattr(Loop, "_train_step", hungry)
    seen = list(train(tmp_path / "run"))
    assert [event.reason for event in seen if isinstance(event, RolledBack)] == [
        "memory ran out; batch_size is 4 from here on",
        "memory ran out; batch_size is 2 from here on",
    ]
    assert isinstance(seen[-1], RunFinished)


def test_another_error_is_not_taken_for_a_lack_of_memory(
    train: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Loop, batch: object) -> torch.Tensor:
        raise RuntimeError("shapes do not fit")

    monkeypatch.setattr(Loop, "_train_step", broken)
    with pytest.raises(RuntimeError, match="shapes"):
        list(train(tmp_path / "run"))


@pytest.mark.parametrize("optimizer", sorted(OPTIMIZERS))
def test_every_optimizer_learns(optimizer: str, train: Train, tmp_path: Path) -> None:
    seen = list(train(tmp_path / "run", replace(CONFIG, optimizer=optimizer, steps=40, evaluations=4)))
    losses = [event.loss for event in seen if isinstance(event, Evaluated)]
    assert losses[-1] < losses[0]
