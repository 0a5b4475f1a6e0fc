"""A program in its own terminal, driven through tmux: keys in, screen text out.

Waits end as soon as the screen shows what is expected, and every wait has a deadline.
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
PATIENCE = 60.0  # seconds until a program counts as hanging
A_LOOK = 0.02  # seconds between two readings of the screen
OPTIONS = (
    ("status", "off"),  # leaves all rows to the program
    ("remain-on-exit", "on"),  # keeps the last screen and the exit code
    ("escape-time", "0"),
    ("set-clipboard", "on"),  # OSC 52 copies into tmux's buffer
    ("terminal-features", "*:RGB"),
)


class Tmux:
    """A tmux server of its own, separate from any tmux of the user."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        size: tuple[int, int] = (80, 24),
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        self._home = tempfile.mkdtemp(prefix="tmux-")  # short, because a socket path has at most 107 bytes
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
            self._tell("kill-server")  # sends SIGHUP to the program
        finally:
            shutil.rmtree(self._home, ignore_errors=True)

    def _tell(self, *words: str) -> str:
        command = ["tmux", "-S", f"{self._home}/socket", "-f", "/dev/null", *words]
        done = subprocess.run(
            command, env=self._environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode("utf-8", "replace")

    # Input

    def press(self, *keys: str) -> None:
        """Press keys, by their names in tmux: Enter, Tab, F2, Down, C-q."""
        self._tell("send-keys", *keys)

    def type(self, text: str) -> None:
        self._tell("send-keys", "-l", text)

    def paste(self, text: str) -> None:
        """Paste the text at once, with bracketed paste."""
        self._tell("set-buffer", "-b", "pasted", text, ";", "paste-buffer", "-d", "-p", "-b", "pasted")

    def click(self, pattern: str) -> None:
        """Click where the screen matches `pattern`, with the SGR mouse sequences of a terminal."""
        screen = self.wait_for(pattern)
        row, match = next(
            (row, match) for row, line in enumerate(screen.splitlines(), 1) if (match := re.search(pattern, line))
        )
        column = cell_len(screen.splitlines()[row - 1][: match.start()]) + 1
        self.type(f"\x1b[<0;{column};{row}M\x1b[<0;{column};{row}m")

    def resize(self, columns: int, rows: int) -> None:
        self._tell("resize-window", "-x", str(columns), "-y", str(rows))

    # Output

    @property
    def screen(self) -> str:
        """The text on the screen, one line per row, without trailing spaces."""
        return "\n".join(line.rstrip() for line in self._tell("capture-pane", "-p").splitlines())

    @property
    def painted(self) -> str:
        """The screen with its colours, as SGR escape sequences."""
        return self._tell("capture-pane", "-p", "-e", "-N")

    @property
    def is_taken_over(self) -> bool:
        """Whether the program uses the alternate screen or reads the mouse."""
        flags = self._tell("display-message", "-p", "#{alternate_on}#{mouse_any_flag}#{mouse_sgr_flag}")
        return "1" in flags

    @property
    def process(self) -> int:
        """The process id of the program."""
        return int(self._tell("display-message", "-p", "#{pane_pid}"))

    @property
    def clipboard(self) -> str:
        """The text that the program copied last."""
        return self._tell("show-buffer")

    def wait_for(self, *patterns: str, patience: float = PATIENCE) -> str:
        """Wait until every regular expression matches the screen, and return it. `^` and `$` match at line ends."""
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
        """Wait until the screen has not changed for `moment` seconds; for pictures."""
        end, since, before = time.monotonic() + patience, time.monotonic(), self.screen
        while time.monotonic() < min(end, since + moment):
            time.sleep(A_LOOK)
            if (screen := self.screen) != before:
                since, before = time.monotonic(), screen

    def wait_for_change(self, pattern: str, before: str, patience: float = PATIENCE) -> None:
        """Wait until the group of `pattern` matches another text than on the screen `before`."""
        old = re.search(pattern, before)
        assert old is not None, before
        end = time.monotonic() + patience
        while (new := re.search(pattern, self.screen)) is None or new[1] == old[1]:
            assert time.monotonic() < end, f"{pattern} stayed as it was on the screen:\n{before}"
            time.sleep(A_LOOK)

    def wait_for_exit(self, patience: float = PATIENCE) -> int:
        """Wait for the program to end; returns its exit code, or 128 plus the number of the signal that ended it."""
        end = time.monotonic() + patience
        while True:
            known = self._tell("display-message", "-p", "#{pane_dead},#{pane_dead_status},#{pane_dead_signal}")
            dead, status, number = known.strip().split(",")
            if status or number:
                return int(status or 128 + int(number))
            if dead == "1":
                self._tell("run-shell", "true")  # tmux may notice the end of a program only when another one ends
            assert time.monotonic() < end, f"it never ended; on the screen:\n{self.screen}"
            time.sleep(A_LOOK)

    def start_again(self) -> None:
        """Run the same command again in the same terminal."""
        self._tell("respawn-pane")
