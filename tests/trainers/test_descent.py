"""Stochastic, mini-batch and batch gradient descent: what a step of each sees of the text."""

from __future__ import annotations

from pathlib import Path

import pytest

from trainers import job
from trainers.plan import Budget, Wishes
from trainers.run import run
from tui_lm.corpus import Corpus, Utterance
from tui_lm.errors import TuiLmError
from tui_lm.events import StepDone
from tui_lm.split import Fractions

PLAIN = {"optimizer": "sgd", "dropout_input": 0.0, "dropout_hidden": 0.0, "dropout_output": 0.0}
ONE = {"author_dropout": 0.0, "state_reset": 0.0}  # so that an epoch's batches are the same text


def corpus() -> Corpus:
    messages = [Utterance("Ann", f"see you tomorrow at {i} in the park") for i in range(60)]
    return Corpus("chat", Fractions(), "short", {"train": messages, "val": messages[:5], "test": []})


def wishes(steps: int | None = None, **settings: object) -> Wishes:
    return Wishes("gru", size="tiny", budget=Budget(steps=steps), device="cpu", settings={**PLAIN, **ONE, **settings})


def last(folder: Path, order: Wishes) -> StepDone:
    events = list(run(job.new(corpus(), folder, None, order)))
    return [event for event in events if isinstance(event, StepDone)][-1]


def test_a_step_of_batch_gradient_descent_is_one_pass_over_the_text(tmp_path: Path) -> None:
    shape = {"batch_size": 4, "sequence_length": 16}
    assert last(tmp_path / "batch", wishes(3, descent="batch", **shape)).epoch == pytest.approx(3)
    assert last(tmp_path / "mini", wishes(3, **shape)).epoch < 1


def test_a_stochastic_step_sees_one_sequence_and_there_are_more_of_them(tmp_path: Path) -> None:
    shape = {"batch_size": 8, "sequence_length": 16}
    plain = job.new(corpus(), tmp_path / "a", None, wishes(**shape)).config
    stochastic = job.new(corpus(), tmp_path / "b", None, wishes(descent="stochastic", **shape)).config
    assert stochastic.task.batch == 1
    assert stochastic.steps == 8 * (plain.steps or 0)
    assert job.new(corpus(), tmp_path / "c", None, wishes(5, descent="stochastic")).config.steps == 5


def test_batch_descent_has_as_many_steps_as_the_plan_has_passes(tmp_path: Path) -> None:
    config = job.new(corpus(), tmp_path / "a", None, wishes(descent="batch")).config
    assert config.steps == pytest.approx(60, abs=2)


def test_another_descent_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TuiLmError, match="descent cannot be full"):
        job.new(corpus(), tmp_path / "a", None, wishes(descent="full"))
