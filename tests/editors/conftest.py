"""Shells and editors in a real terminal, with a scripted completer."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.editors.screen import Screen

SCRIPTED = """
import sys
from tui_lm.completion import Candidate, prompt_line, stdio, Suggestion

GHOSTS = {ghosts!r}


class Scripted:
    me = None

    def ghost(self, context):
        text = context.text
        with open({log!r}, "a") as log:
            print(repr(text), file=log)
        found = (part + ghost for part, ghost in GHOSTS.items() if text.startswith(part))
        return next((whole[len(text):] for whole in found if whole.startswith(text) and whole != text), "")

    def candidates(self, context, n):
        return (Candidate("whatever", 0.1),) if context.text == "what" else ()

    def complete(self, context, n):
        return Suggestion(self.candidates(context, n), self.ghost(context))


if "--shell" in sys.argv:
    lines = prompt_line.requests(0, int(sys.argv[sys.argv.index("--shell") + 1]))
    prompt_line.serve(Scripted(), lines, lambda answer: (sys.stdout.write(answer), sys.stdout.flush()), None)
else:
    stdio.Server(Scripted()).serve(sys.stdin.buffer, lambda answer: (sys.stdout.write(answer), sys.stdout.flush()))
"""
GHOSTS = {
    "we meet tom": "orrow at six",
    "we meet tomorrow at six": ", bring soup",
    "I'll be": " there",
    "fix the te": 'st "soon"',
    "नमस्ते ": "दोस्त 👍",
    "two": " lines",
}


@pytest.fixture
def asked(tmp_path: Path) -> Callable[[], list[str]]:
    """Reads the texts that the scripted completer has been asked to complete so far."""

    def read() -> list[str]:
        log = tmp_path / "asked"
        return [eval(line) for line in log.read_text("utf-8").splitlines()] if log.exists() else []

    return read


@pytest.fixture
def scripted(tmp_path: Path) -> str:
    """The command line of a completer that answers from GHOSTS."""
    script = tmp_path / "scripted.py"
    script.write_text(SCRIPTED.format(ghosts=GHOSTS, log=str(tmp_path / "asked")), encoding="utf-8")
    return f"{sys.executable} {script} --stdio"


@pytest.fixture(scope="session")
def init(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A function that writes the output of `tui-lm shell-init SHELL` to a file."""
    folder = tmp_path_factory.mktemp("shell-init")

    def write(shell: str) -> Path:
        path = folder / shell
        if not path.exists():
            command = [sys.executable, "-m", "tui_lm", "shell-init", shell]
            path.write_bytes(subprocess.run(command, capture_output=True, check=True).stdout)
        return path

    return write


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Screen]]:
    """Starts a program in a terminal, with additional environment variables."""
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    screens: list[Screen] = []

    def open_screen(command: str, **environment: str) -> Screen:
        screens.append(Screen(tmp_path, command, {"HOME": str(tmp_path), **environment}))
        return screens[-1]

    yield open_screen
    for screen in screens:
        screen.close()
