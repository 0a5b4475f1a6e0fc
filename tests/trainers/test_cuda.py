"""A run on a GPU learns the same as on a CPU. Skipped without a GPU."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.trainers.conftest import CONFIG, Train
from tests.trainers.processes import SCENARIOS
from trainers import device
from trainers.ranks import Ranks
from tui_lm import checkpoint
from tui_lm.errors import TuiLmError
from tui_lm.events import Evaluated, RunFinished, RunStarted

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU that torch can use")


@pytest.mark.parametrize("name", ["lstm", "llama", "pairs"])
def test_a_gpu_learns_what_a_processor_learns(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "autocast", lambda kind: torch.autocast(kind, enabled=False))
    losses = []
    for kind in ("cpu", "cuda"):
        scenario = replace(SCENARIOS[name], config=replace(SCENARIOS[name].config, device=kind))
        losses.append(scenario.run(tmp_path / kind).best_loss)
    assert losses[0] == pytest.approx(losses[1], rel=1e-2)


@pytest.mark.parametrize("optimizer", ["adamw", "muon", "sgd"])
def test_an_interrupted_run_on_a_gpu_resumes(optimizer: str, train: Train, tmp_path: Path) -> None:
    config = replace(CONFIG, device="auto", optimizer=optimizer)
    asked = iter(range(10**6))
    started = next(iter(train(tmp_path / "run", config, stop=lambda: next(asked) >= 7)))
    assert isinstance(started, RunStarted)
    assert started.device == "cuda"
    list(train(tmp_path / "run", config, stop=lambda: next(asked) >= 7))
    seen = list(train(tmp_path / "run", config, resume=True))
    assert isinstance(seen[-1], RunFinished)
    assert seen[-1].steps == config.steps
    evaluated = [event.loss for event in seen if isinstance(event, Evaluated)]
    assert evaluated[-1] < evaluated[0]
    assert checkpoint.load(tmp_path / "run")


def test_more_processes_than_gpus_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("RANK", 99), ("LOCAL_RANK", 99), ("WORLD_SIZE", 100)):
        monkeypatch.setenv(name, str(value))
    with pytest.raises(TuiLmError, match="more processes than"):
        Ranks.join("cuda")
