"""Two processes train together: the result of one process, one that writes, and none left waiting."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.trainers import processes
from tests.trainers.processes import SCENARIOS
from trainers import device
from trainers.data import IGNORED, Batch
from trainers.launch import environment, is_first, launched, started_together
from trainers.ranks import Ranks
from tui_lm import checkpoint

# Both sum the same float32 gradients, in another order.
TOLERANCE = {"rtol": 1e-4, "atol": 1e-5}
PATIENCE = 300  # seconds; it takes five


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which two processes have run everything."""
    folder = tmp_path_factory.mktemp("ranks")
    together = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.trainers.processes", str(folder)],
            env={**os.environ, **environment(folder, rank, 2), "PYTHONPATH": os.pathsep.join(sys.path)},
            stderr=subprocess.PIPE,
        )
        for rank in range(2)
    ]
    try:
        said = [process.communicate(timeout=PATIENCE)[1].decode() for process in together]
    finally:
        for process in together:
            process.kill()
            process.communicate()
    assert [process.returncode for process in together] == [0, 0], said
    return folder


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One process with the arithmetic of the two."""
    monkeypatch.setattr(device, "_bfloat16_pays", device._bfloat16_pays)  # so that it comes back
    threads = torch.get_num_threads()
    processes.in_float32()
    yield
    torch.set_num_threads(threads)


def ended(folder: Path, name: str, rank: int) -> Any:
    return json.loads((folder / f"{name}.{rank}.json").read_text())


def weights(folder: Path) -> dict[str, Any]:
    return dict(checkpoint.load(folder).weights)


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("name", ["lstm", "llama", "pairs", "one stream"])
def test_two_processes_learn_what_one_learns(name: str, folder: Path, tmp_path: Path) -> None:
    SCENARIOS[name].run(tmp_path / name)
    one, two = weights(tmp_path / name), weights(folder / name)
    for key, weight in one.items():
        np.testing.assert_allclose(weight, two[key], **TOLERANCE, err_msg=key)
    metrics = [checkpoint.describe(parent / name).metrics for parent in (tmp_path, folder)]
    assert metrics[0]["validation_loss"] == pytest.approx(metrics[1]["validation_loss"], rel=1e-4)


def test_only_the_first_process_writes(folder: Path) -> None:
    assert not (folder / "others").exists()


def test_one_interrupted_process_stops_all_and_the_run_resumes_bit_for_bit(folder: Path) -> None:
    assert [ended(folder, "left alone", rank) for rank in (0, 1)] == [["interrupted", 6]] * 2
    assert [ended(folder, "interruptedresumed", rank) for rank in (0, 1)] == [["finished", 16]] * 2
    whole, again = weights(folder / "dropout"), weights(folder / "interrupted")
    for key, weight in whole.items():
        np.testing.assert_array_equal(weight, again[key], err_msg=key)


@pytest.mark.usefixtures("alone")
def test_one_process_resumes_a_run_of_two(folder: Path) -> None:
    last = SCENARIOS["lstm"].run(folder / "left alone", resume=True)
    assert (last.reason, last.steps) == ("finished", 16)
    whole, again = weights(folder / "lstm"), weights(folder / "left alone")
    for key, weight in whole.items():
        np.testing.assert_allclose(weight, again[key], **TOLERANCE, err_msg=key)


def test_the_first_process_decides_how_many_steps_a_time_budget_allows(folder: Path) -> None:
    assert [ended(folder, "budget", rank) for rank in (0, 1)] == [["finished", 12]] * 2


def test_processes_with_different_settings_are_an_error(folder: Path) -> None:
    for rank in (0, 1):
        (message,) = ended(folder, "unlike", rank)
        assert "do not read the same text with the same settings" in message


def test_a_failing_process_ends_the_others(folder: Path) -> None:
    assert ended(folder, "failing", 1) == ["the second process has had enough"]
    assert ended(folder, "failing", 0) == ["another process of this run has ended"]


def test_each_column_belongs_to_one_process() -> None:
    for size in range(1, 6):
        for count in range(12):
            cut = [Ranks(rank, size).columns(count) for rank in range(size)]
            assert [column for columns in cut for column in range(count)[columns]] == list(range(count))


def test_the_weighted_mean_over_processes_is_that_of_the_batch() -> None:
    generator = torch.Generator().manual_seed(0)
    losses = torch.rand(5, 4, generator=generator)
    targets = torch.where(torch.rand(5, 4, generator=generator) < 0.4, IGNORED, 1)
    batch = Batch(torch.arange(20).reshape(5, 4), targets, torch.zeros(4, dtype=torch.bool))
    mean = losses[targets != IGNORED].mean()
    for size in (1, 2, 3, 4, 6):
        parts = [Ranks(rank, size).part(batch) for rank in range(size)]
        means = [losses.flatten()[part.inputs][part.targets != IGNORED].mean() * weight for part, weight in parts]
        assert torch.stack(means).mean() == pytest.approx(mean.item())


def test_torchrun_is_recognised_by_its_variables() -> None:
    first = {"RANK": "0", "LOCAL_RANK": "0", "WORLD_SIZE": "2"}
    assert started_together(first)
    assert is_first(first)
    assert not is_first({**first, "RANK": "1"})
    assert not launched(first)
    assert is_first({})
    assert not started_together({**first, "WORLD_SIZE": "1"})
