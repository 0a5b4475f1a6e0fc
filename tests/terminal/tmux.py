"""A program in a terminal of its own: tmux draws what it writes, types what a person types, and tells what is seen.

Nothing here waits for a fixed time, and nothing for ever: each look at the screen has a deadline.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from rich.cells import cell_len

AVAILABLE = shutil.which("tmux") is not None
PATIENCE = 60.0  # seconds: only a program that hangs needs them
A_LOOK = 0.02  # seconds between two of them
OPTIONS = (
    ("status", "off"),  # the program has all rows
    ("remain-on-exit", "on"),  # its last screen and its exit code can be read
    ("escape-time", "0"),
    ("set-clipboard", "on"),  # what the program copies with OSC 52 comes into tmux's buffer
    ("terminal-features", "*:RGB"),
)


class Tmux:
    """A server of its own, so that it neither sees nor ends the tmux of whoever runs this."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        size: tuple[int, int] = (80, 24),
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        self._home = tempfile.mkdtemp(prefix="tmux-")  # a short path: a socket's has 107 bytes at most
        self._environment = {**os.environ, "COLORTERM": "truecolor", **(environment or {})}
        self._environment.pop("TMUX", None)
        words: list[str] = []
        for name, value in OPTIONS:
            words += ["set-option", "-g", name, value, ";"]
        columns, rows = size
        words += ["new-session", "-d", "-x", str(columns), "-y", str(rows)]
        if folder is not None:
            words += ["-c", str(folder)]
        try:
            self._tell("start-server", ";", *words, shlex.join(command))
        except BaseException:
            shutil.rmtree(self._home, ignore_errors=True)
            raise

    def __enter__(self) -> Tmux:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._tell("kill-server")  # whatever runs in it gets a SIGHUP
        finally:
            shutil.rmtree(self._home, ignore_errors=True)

    def _tell(self, *words: str) -> str:
        command = ["tmux", "-S", f"{self._home}/socket", "-f", "/dev/null", *words]
        done = subprocess.run(
            command, env=self._environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode("utf-8", "replace")

    # What a person does

    def press(self, *keys: str) -> None:
        """Keys by tmux's names: Enter, Tab, F2, Down, C-q."""
        self._tell("send-keys", *keys)

    def type(self, text: str) -> None:
        self._tell("send-keys", "-l", text)

    def paste(self, text: str) -> None:
        """All at once and in brackets, as terminals paste."""
        self._tell("set-buffer", "-b", "pasted", text, ";", "paste-buffer", "-d", "-p", "-b", "pasted")

    def click(self, pattern: str) -> None:
        """Press and release the mouse where the screen matches `pattern`, as a terminal reports it (SGR)."""
        screen = self.wait_for(pattern)
        row, match = next(
            (row, match) for row, line in enumerate(screen.splitlines(), 1) if (match := re.search(pattern, line))
        )
        column = cell_len(screen.splitlines()[row - 1][: match.start()]) + 1
        self.type(f"\x1b[<0;{column};{row}M\x1b[<0;{column};{row}m")

    def resize(self, columns: int, rows: int) -> None:
        self._tell("resize-window", "-x", str(columns), "-y", str(rows))

    # What a person sees

    @property
    def screen(self) -> str:
        """The text on the screen, a line a row, without the spaces at the ends."""
        return "\n".join(line.rstrip() for line in self._tell("capture-pane", "-p").splitlines())

    @property
    def painted(self) -> str:
        """The screen with its colours, as the escape sequences of SGR."""
        return self._tell("capture-pane", "-p", "-e", "-N")

    @property
    def is_taken_over(self) -> bool:
        """Whether the program draws on the alternate screen, reads the mouse, or hides the cursor."""
        flags = self._tell("display-message", "-p", "#{alternate_on}#{mouse_any_flag}#{mouse_sgr_flag}")
        return "1" in flags

    @property
    def process(self) -> int:
        """The number of the process that runs in the terminal."""
        return int(self._tell("display-message", "-p", "#{pane_pid}"))

    @property
    def clipboard(self) -> str:
        """What the program has copied last."""
        return self._tell("show-buffer")

    def wait_for(self, *patterns: str, patience: float = PATIENCE) -> str:
        """The screen, once each of the regular expressions matches it. `^` and `$` are the ends of a line."""
        end = time.monotonic() + patience
        while True:
            screen = self.screen
            missing = [pattern for pattern in patterns if not re.search(pattern, screen, re.MULTILINE)]
            if not missing:
                return screen
            assert time.monotonic() < end, f"{missing} never came on the screen:\n{screen}"
            time.sleep(A_LOOK)

    def wait_for_no(self, pattern: str, patience: float = PATIENCE) -> None:
        end = time.monotonic() + patience
        while re.search(pattern, screen := self.screen, re.MULTILINE):
            assert time.monotonic() < end, f"{pattern} stayed on the screen:\n{screen}"
            time.sleep(A_LOOK)

    def wait_until_still(self, moment: float = 0.5, patience: float = 5.0) -> None:
        """Wait until the screen has not changed for a moment: for pictures, where nothing in particular is awaited."""
        end, since, before = time.monotonic() + patience, time.monotonic(), self.screen
        while time.monotonic() < min(end, since + moment):
            time.sleep(A_LOOK)
            if (screen := self.screen) != before:
                since, before = time.monotonic(), screen

    def wait_for_change(self, pattern: str, before: str, patience: float = PATIENCE) -> None:
        """Wait until what the group of `pattern` matches is another than on the screen `before`."""
        old = re.search(pattern, before)
        assert old is not None, before
        end = time.monotonic() + patience
        while (new := re.search(pattern, self.screen)) is None or new[1] == old[1]:
            assert time.monotonic() < end, f"{pattern} stayed as it was on the screen:\n{before}"
            time.sleep(A_LOOK)

    def wait_for_exit(self, patience: float = PATIENCE) -> int:
        """The exit code of the program, once it has ended; of one that a signal ended, its number and 128."""
        end = time.monotonic() + patience
        while True:
            known = self._tell("display-message", "-p", "#{pane_dead},#{pane_dead_status},#{pane_dead_signal}")
            dead, status, number = known.strip().split(",")
            if status or number:
                return int(status or 128 + int(number))
            if dead == "1":
                self._tell("run-shell", "true")  # tmux may miss that a program has ended until another one does
            assert time.monotonic() < end, f"it never ended; on the screen:\n{self.screen}"
            time.sleep(A_LOOK)

    def start_again(self) -> None:
        """The same command in the same terminal, once more."""
        self._tell("respawn-pane")
