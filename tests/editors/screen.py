"""A program in a real terminal, seen through tmux."""

from __future__ import annotations

import os
import subprocess
import termios
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE = 60  # seconds until a program counts as hanging
BETWEEN = 0.02  # seconds between two readings of the screen


class Screen:
    """A program in a tmux window of 80 x 24."""

    def __init__(self, folder: Path, command: str, environment: dict[str, str]) -> None:
        self._tmux = ["tmux", "-u", "-L", f"tui-lm-{os.getpid()}-{folder.name}", "-f", "/dev/null"]
        self._environment = {**os.environ, **environment, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
        self._run("new-session", "-d", "-x", "80", "-y", "24", "-c", str(folder), command)

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(
            [*self._tmux, *arguments], env=self._environment, capture_output=True, text=True, timeout=PATIENCE
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def type(self, text: str) -> None:
        self._run("send-keys", "-l", "--", text)

    def press(self, *keys: str) -> None:
        """Press keys, by their names in tmux: M-g, Right, Enter."""
        self._run("send-keys", *keys)

    @property
    def text(self) -> str:
        return self._run("capture-pane", "-p")

    def see(self, *wanted: str, without: str | None = None) -> str:
        """Wait until the screen shows all of `wanted` and does not show `without`; returns its text."""
        begun = time.monotonic()
        while not all(part in (text := self.text) for part in wanted) or (without is not None and without in text):
            assert time.monotonic() - begun < PATIENCE, f"{wanted} not seen, or {without!r}, in\n{text}"
            time.sleep(BETWEEN)
        return text

    def wait_for_keys(self) -> None:
        """Wait until the program reads single keys again. bash does not while it runs a key's bound command."""
        terminal = os.open(self._run("display-message", "-p", "#{pane_tty}").strip(), os.O_RDONLY | os.O_NOCTTY)
        wait_for(lambda: not termios.tcgetattr(terminal)[3] & termios.ICANON)
        os.close(terminal)

    def close(self) -> None:
        subprocess.run([*self._tmux, "kill-server"], capture_output=True, timeout=PATIENCE)


def wait_for(condition: Callable[[], bool]) -> None:
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < PATIENCE
        time.sleep(BETWEEN)
