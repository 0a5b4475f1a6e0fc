"""Several processes under one command: only the first prints, and an error is printed once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from trainers.launch import ANOTHER_FAILED, launch

BEGIN = """
import os, signal, sys, time
from pathlib import Path
rank = int(os.environ["RANK"])
def wait_for(name, folder=Path(sys.argv[1])):
    (folder / f"{name}.{rank}").touch()
    while not (folder / name).exists():
        time.sleep(0.01)
"""
Launch = Callable[..., tuple[int, str, str]]


@pytest.fixture
def launched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Launch:
    """Run a piece of Python as two processes: exit code, stdout and stderr."""
    monkeypatch.setenv("TUI_LM_HOME", str(tmp_path / "home"))

    def run(code: str, processes: int = 2) -> tuple[int, str, str]:
        ended = launch([str(tmp_path)], processes, [sys.executable, "-c", BEGIN + code])
        assert not list((tmp_path / "home/scratch").iterdir())
        return ended, *capfd.readouterr()

    return run


def test_only_the_first_process_prints(launched: Launch) -> None:
    code = "print(rank, os.environ['WORLD_SIZE'], os.environ['LOCAL_RANK']); print('said', rank, file=sys.stderr)"
    assert launched(code, 3) == (0, "0 3 0\n", "said 0\n")


def test_the_error_of_a_failing_process_is_printed_and_all_end(launched: Launch) -> None:
    code = "rank or time.sleep(600)\nprint('step 1\\nerror: no room\\nhint: make some', file=sys.stderr); sys.exit(2)"
    assert launched(code) == (2, "", "error: no room\nhint: make some\n")


def test_the_error_of_the_process_that_failed_first_is_printed(launched: Launch) -> None:
    code = f"rank or sys.exit({ANOTHER_FAILED})\ntime.sleep(0.2); sys.exit('error: no room\\nhint: make some')"
    assert launched(code) == (1, "", "error: no room\nhint: make some\n")


def test_an_error_of_all_processes_is_printed_once(launched: Launch) -> None:
    assert launched("sys.exit('error: no such file\\nhint: look')") == (1, "", "error: no such file\nhint: look\n")


def test_a_killed_process_ends_the_run(launched: Launch) -> None:
    ended, _, said = launched("rank or time.sleep(600)\nos.kill(os.getpid(), signal.SIGKILL)")
    assert ended == 128 + signal.SIGKILL
    assert said.splitlines()[0] == "error: process 2 of 2 was ended by signal 9"
    assert len(said.splitlines()) == 2


def test_ctrl_c_reaches_all_processes_and_all_can_save(launched: Launch, tmp_path: Path) -> None:
    def interrupt() -> None:
        while not all((tmp_path / f"ready.{rank}").exists() for rank in range(2)):
            stopped.wait(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    stopped = threading.Event()
    thread = threading.Thread(target=interrupt, daemon=True)
    thread.start()
    before = signal.getsignal(signal.SIGINT)
    code = """
def end(*_):
    print("saved", rank)
    sys.exit(0 if rank else 130)
signal.signal(signal.SIGINT, end)
wait_for("ready")
"""
    assert launched(code) == (130, "saved 0\n", "")
    assert signal.getsignal(signal.SIGINT) is before
    thread.join()


def test_the_command_trains_in_two_processes_and_prints_once(tmp_path: Path) -> None:
    chat = tmp_path / "chat.txt"
    chat.write_text("".join(f"{t % 12 + 1}/1/24, 10:{t % 60:02d} - Ann: see you at {t % 9}\n" for t in range(300)))
    command = [sys.executable, "-m", "tui_lm", "train", str(chat), "--size", "tiny", "--steps", "4", "--json"]
    trained = subprocess.run(
        [*command, "--devices", "2", "--device", "cpu", "--name", "two"],
        env={**os.environ, "TUI_LM_HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert trained.returncode == 0, trained.stderr
    events = [json.loads(line) for line in trained.stdout.splitlines()]
    assert [event["event"] for event in events].count("run_finished") == 1
    assert events[-1]["steps"] == 4
    assert [path.name for path in (tmp_path / "models").iterdir() if path.is_dir()] == ["two"]
