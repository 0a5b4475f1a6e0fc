"""kill -9 at every step of an operation leaves the state before it or the state after it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCENARIOS = ["save", "first save", "rename", "remove", "forget", "learn", "settings", "export", "import", "train"]


def kills(scenario: str, folder: Path, every: int) -> int:
    """The number of kills survived. The script runs in its own process, because it forks and sets an audit hook."""
    command = [sys.executable, "-m", "tests.torture.kills", scenario, folder, str(every)]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@pytest.mark.parametrize("scenario", ["save", "rename", "remove", "learn"])
def test_every_third_step_survives_a_kill(scenario: str, tmp_path: Path) -> None:
    assert kills(scenario, tmp_path, 3) >= 2


@pytest.mark.torture
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_step_survives_a_kill(scenario: str, tmp_path: Path) -> None:
    survived = kills(scenario, tmp_path, 1)
    print(f"{scenario}: {survived} kills survived")
    assert survived >= 3
