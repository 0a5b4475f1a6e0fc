"""Start one command as several processes of this machine that train together, as `torchrun` does.

torchrun's processes meet at a port that other machines can reach; these meet in a private file and talk over loopback.
This module does not import torch: its processes do.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tui_lm import paths
from tui_lm.errors import TuiLmError

TUI_LM = (sys.executable, "-m", "tui_lm")
STORE = "TUI_LM_STORE"  # the file in which the processes started by `launch` meet
LOOPBACK = {"linux": "lo", "darwin": "lo0"}
ANOTHER_FAILED = 75  # exit code of the first process if another one failed, whose error `launch` prints
LOOK_EVERY = 0.05  # seconds
GRACE = 2.0  # seconds between the signal to end a process and killing it
WIND_DOWN = 30.0  # seconds that the other processes get after the first has succeeded
SUCCESS = (0, 130)  # exit codes of a run that finished, or was interrupted and has saved its model
FORWARDED = {getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)}
Process = subprocess.Popen[bytes]


class AnotherFailedError(TuiLmError):
    """Another process failed, so that this one cannot continue."""

    def __init__(self) -> None:
        super().__init__(
            "another process of this run has ended", "its own error says why; the best model so far is kept"
        )


def started_together(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether torchrun or `launch` has started this process as one of several."""
    return {"RANK", "WORLD_SIZE", "LOCAL_RANK"} <= environment.keys() and int(environment["WORLD_SIZE"]) > 1


def launched(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether `launch` has started this process, and will print the errors of the others."""
    return STORE in environment and started_together(environment)


def is_first(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether this is the process that writes and reports."""
    return not started_together(environment) or int(environment["RANK"]) == 0


def launch(arguments: Sequence[str], processes: int, command: Sequence[str] = TUI_LM) -> int:
    """Run `command` with `arguments` in several processes. Returns the exit code of the first, or of one that failed.

    Only the first prints. If another fails, all are ended and its error is printed. Signals are forwarded to all.
    """
    if os.name == "nt":
        raise TuiLmError("several processes need Linux or macOS", "train in one process")
    folder = Path(tempfile.mkdtemp(dir=paths.make_private(paths.scratch_dir())))
    started: list[Process] = []

    def forward(number: int, _: object) -> None:
        for process in started:
            if process.poll() is None:
                process.send_signal(number)

    previous = {number: signal.signal(number, forward) for number in FORWARDED}
    try:
        for rank in range(processes):
            with (folder / f"{rank}").open("wb") as errors:
                process = subprocess.Popen(
                    [*command, *arguments],
                    env={**os.environ, **environment(folder, rank, processes)},
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL if rank else None,
                    stderr=errors if rank else None,
                    start_new_session=True,  # a Ctrl-C reaches each of them once, through `forward`
                )
            started.append(process)
        ended = _deciding_rank(started)
        code = started[ended].returncode
        _end(started, WIND_DOWN if code in SUCCESS else 0)
        if ended or code < 0:
            printed = (folder / f"{ended}").read_text("utf-8", "replace")
            print(_error_of(printed, ended, processes, code), file=sys.stderr)
        return int(code if code >= 0 else 128 - code)
    finally:
        _end(started, 0)
        for number, handler in previous.items():
            signal.signal(number, handler)
        shutil.rmtree(folder, ignore_errors=True)


def _deciding_rank(processes: Sequence[Process]) -> int:
    """Wait until the first process has ended or another has failed. Returns the rank whose exit code counts."""
    while True:
        codes = [process.poll() for process in processes]
        failed = [rank for rank, code in enumerate(codes) if code not in (None, 0, ANOTHER_FAILED)]
        if failed and failed[0] and codes[0] is None:
            _wait(processes[:1], GRACE)  # it may be about to end with the same error
            codes[0] = processes[0].returncode
        if codes[0] not in (None, ANOTHER_FAILED):
            return 0
        if failed:
            return failed[0]
        if all(code is not None for code in codes):
            return 0
        time.sleep(LOOK_EVERY)


def _wait(processes: Sequence[Process], seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and any(process.poll() is None for process in processes):
        time.sleep(LOOK_EVERY)


def _end(processes: Sequence[Process], patience: float) -> None:
    """Give the processes `patience` seconds to end by themselves, then end them."""
    _wait(processes, patience)
    for process in processes:
        process.terminate()
    _wait(processes, GRACE)
    for process in processes:
        process.kill()
        process.wait()


def _error_of(printed: str, rank: int, processes: int, code: int) -> str:
    """The error of a process: its own two lines if it printed some, else its output and how it ended."""
    lines = printed.splitlines()
    if len(lines) > 1 and lines[-2].startswith("error: "):
        return "\n".join(lines[-2:])
    how = f"was ended by signal {-code}" if code < 0 else f"ended with {code}"
    hint = "hint: the best model so far is kept; --resume continues the run"
    return "\n".join([*lines, f"error: process {rank + 1} of {processes} {how}", hint])


def environment(folder: Path, rank: int, processes: int) -> dict[str, str]:
    """The variables of a process: its rank, the meeting file, the network device, and its share of the cores."""
    variables = {"OMP_NUM_THREADS": str(max(1, (os.cpu_count() or 1) // processes))}
    if sys.platform in LOOPBACK:
        variables["GLOO_SOCKET_IFNAME"] = variables["NCCL_SOCKET_IFNAME"] = LOOPBACK[sys.platform]
    variables = {name: value for name, value in variables.items() if name not in os.environ}
    ranks = {"RANK": f"{rank}", "LOCAL_RANK": f"{rank}", "WORLD_SIZE": f"{processes}"}
    return {**variables, **ranks, STORE: (folder / "store").as_uri()}
