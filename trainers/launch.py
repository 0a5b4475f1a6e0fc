"""One command as several processes on this machine, which train together: what `torchrun` does, without the network.

torchrun's processes meet at a port that other machines can reach. These meet in a private file and talk over loopback.
No torch here: the processes load it, and nothing waits for it twice.
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
STORE = "TUI_LM_STORE"  # where the processes of this machine meet, when it was `launch` that started them
LOOPBACK = {"linux": "lo", "darwin": "lo0"}
ANOTHER_FAILED = 75  # how the first process ends where another has: what that said is told here
LOOK_EVERY = 0.05  # seconds
GRACE = 2.0  # seconds that a process has to end after it was asked to
WIND_DOWN = 30.0  # seconds that the others have to end after the first has ended well
WELL = (0, 130)  # exit codes of a run that came to its end, or was interrupted and has saved what there is
HANDED_ON = {getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)}
Process = subprocess.Popen[bytes]


class AnotherFailedError(TuiLmError):
    """This process is well, but it cannot go on alone."""

    def __init__(self) -> None:
        super().__init__(
            "another process of this run has ended", "what it said tells why; the best model so far is kept"
        )


def started_together(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether this process is one of several that torchrun, or `launch`, has started."""
    return {"RANK", "WORLD_SIZE", "LOCAL_RANK"} <= environment.keys() and int(environment["WORLD_SIZE"]) > 1


def launched(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether `launch` has started this process, and will tell what others said."""
    return STORE in environment and started_together(environment)


def is_first(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether this process is the one that writes and reports."""
    return not started_together(environment) or int(environment["RANK"]) == 0


def launch(arguments: Sequence[str], processes: int, command: Sequence[str] = TUI_LM) -> int:
    """Run `command` with `arguments` in so many processes. The exit code of the first, or that of another that failed.

    The first alone speaks. Where another fails, all are ended, and what that one said is told. Signals are handed on.
    """
    place = Path(tempfile.mkdtemp(dir=paths.make_private(paths.scratch_dir())))
    started: list[Process] = []

    def hand_on(number: int, _: object) -> None:
        for process in started:
            if process.poll() is None:
                process.send_signal(number)

    previous = {number: signal.signal(number, hand_on) for number in HANDED_ON}
    try:
        for rank in range(processes):
            with (place / f"{rank}").open("wb") as said:
                process = subprocess.Popen(
                    [*command, *arguments],
                    env={**os.environ, **environment(place, rank, processes)},
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL if rank else None,
                    stderr=said if rank else None,
                    start_new_session=True,  # a Ctrl-C reaches them once, through `hand_on`
                )
            started.append(process)
        ended = _first_to_matter(started)
        code = started[ended].returncode
        _end(started, WIND_DOWN if code in WELL else 0)
        if ended or code < 0:
            said_by_it = (place / f"{ended}").read_text("utf-8", "replace")
            print(_told(said_by_it, ended, processes, code), file=sys.stderr)
        return int(code if code >= 0 else 128 - code)
    finally:
        _end(started, 0)
        for number, handler in previous.items():
            signal.signal(number, handler)
        shutil.rmtree(place, ignore_errors=True)


def _first_to_matter(processes: Sequence[Process]) -> int:
    """Wait until the first process has ended, or another has failed; which of them says how it went."""
    while True:
        codes = [process.poll() for process in processes]
        failed = [rank for rank, code in enumerate(codes) if code not in (None, 0, ANOTHER_FAILED)]
        if failed and failed[0] and codes[0] is None:
            _wait(processes[:1], GRACE)  # it may be about to say the same
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
    """Let them end by themselves for so many seconds, then end them."""
    _wait(processes, patience)
    for process in processes:
        process.terminate()
    _wait(processes, GRACE)
    for process in processes:
        process.kill()
        process.wait()


def _told(said: str, rank: int, processes: int, code: int) -> str:
    """The two lines of an error: those that the process said itself, or, after what else it said, that it ended."""
    lines = said.splitlines()
    if len(lines) > 1 and lines[-2].startswith("error: "):
        return "\n".join(lines[-2:])
    how = f"was ended by signal {-code}" if code < 0 else f"ended with {code}"
    hint = "hint: the best model so far is kept; --resume goes on"
    return "\n".join([*lines, f"error: process {rank + 1} of {processes} {how}", hint])


def environment(place: Path, rank: int, processes: int) -> dict[str, str]:
    """What a process is told: who it is, where they meet, how they talk, and its share of the cores."""
    told = {"OMP_NUM_THREADS": str(max(1, (os.cpu_count() or 1) // processes))}
    if sys.platform in LOOPBACK:
        told["GLOO_SOCKET_IFNAME"] = told["NCCL_SOCKET_IFNAME"] = LOOPBACK[sys.platform]
    told = {name: value for name, value in told.items() if name not in os.environ}
    who = {"RANK": f"{rank}", "LOCAL_RANK": f"{rank}", "WORLD_SIZE": f"{processes}"}
    return {**told, **who, STORE: (place / "store").as_uri()}
