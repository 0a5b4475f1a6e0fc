"""The real program in a real pseudo-terminal: it paints, it answers keys, it leaves the terminal as it was."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

PATIENCE = 60  # seconds: only a program that hangs needs them


class Terminal:
    def __init__(self, home: Path) -> None:
        self.file, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        environment = {**os.environ, "TUI_LM_HOME": str(home), "TERM": "xterm-256color"}
        command = [sys.executable, "-m", "tui_lm"]
        self.process = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True
        )
        os.close(theirs)
        self.seen = b""

    def read_until(self, pattern: bytes) -> bytes:
        """What was written, up to and with `pattern`."""
        while (found := re.search(pattern, self.seen)) is None:
            ready = select.select([self.file], [], [], PATIENCE)[0]
            assert ready, f"{pattern!r} never came after {self.seen[-2000:]!r}"
            self.seen += os.read(self.file, 1 << 16)
        before, self.seen = self.seen[: found.end()], self.seen[found.end() :]
        return before

    def press(self, keys: str) -> None:
        os.write(self.file, keys.encode())


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    terminal = Terminal(tmp_path)
    yield terminal
    if terminal.process.poll() is None:
        terminal.process.kill()
    terminal.process.wait()
    os.close(terminal.file)


def test_welcome_help_and_quit_in_a_fresh_home(terminal: Terminal) -> None:
    terminal.read_until(rb"tui-lm train chat\.txt")
    terminal.press("\x1bOP")  # F1
    terminal.read_until(rb"Esc closes")
    terminal.press("\x1b")
    terminal.read_until(rb"tui-lm train chat\.txt")
    terminal.press("\x11")  # Ctrl+Q
    terminal.read_until(rb"\x1b\[\?1049l")
    assert terminal.process.wait(PATIENCE) == 0
