"""The memory of each command on a chat of 100 MB stays below a bound (docs/reliability.md has the figures)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "limits.py"
MOST = {"read": 60, "complete": 100, "inspect --find": 600, "evaluate": 600, "audit": 600, "train": 900}  # MB


@pytest.mark.torture
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_memory_on_a_large_chat_stays_below_its_bound(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, SCRIPT, "--folder", tmp_path], capture_output=True, text=True, check=True)
    rows = [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in done.stdout.splitlines()[2:]]
    assert {name for name, *_ in rows} == set(MOST), done.stderr
    for name, _, _, own, code in rows:
        assert code in ("0", "1"), done.stderr  # 1: the audit found a memorised string
        assert float(own) <= MOST[name], done.stdout
    print(done.stdout)
