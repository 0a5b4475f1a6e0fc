"""Every command on a chat of 100 MB: memory of its own that does not grow with the chat (docs/reliability.md)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "limits.py"
MOST = {"read": 60, "complete": 100, "inspect --find": 600, "evaluate": 600, "audit": 600, "train": 900}  # MB


@pytest.mark.torture
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_no_command_needs_the_memory_that_the_chat_would_fill(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, SCRIPT, "--folder", tmp_path], capture_output=True, text=True, check=True)
    rows = [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in done.stdout.splitlines()[2:]]
    assert {name for name, *_ in rows} == set(MOST), done.stderr
    for name, _, _, own, code in rows:
        assert code in ("0", "1"), done.stderr  # 1: what an audit ends with that found something
        assert float(own) <= MOST[name], done.stdout
    print(done.stdout)
