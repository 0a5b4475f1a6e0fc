"""After a kill -9 of the app the unsent draft is there at the next start."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import pytest

from tests.terminal.journey import PROGRAM, environment
from tests.terminal.tmux import AVAILABLE, PATIENCE, Tmux

pytestmark = [pytest.mark.torture, pytest.mark.skipif(not AVAILABLE, reason="tmux is not installed")]


def draft(home: Path) -> str:
    try:
        return str(json.loads((home / "session.json").read_text("utf-8"))["talks"]["small"]["draft"])
    except (OSError, ValueError, KeyError):
        return ""


@pytest.mark.usefixtures("saved")
def test_an_unsent_draft_survives_kill_9(home: Path) -> None:
    with Tmux(PROGRAM, environment=environment(home)) as terminal:
        terminal.wait_for("● ready +small")
        typed = ""
        for word in ("on", " my", " way"):  # three kills: each start continues the draft that the last one saved
            terminal.type(word)
            typed += word
            end = time.monotonic() + PATIENCE
            while draft(home) != typed:
                assert time.monotonic() < end, "the draft was never written"
                time.sleep(0.02)
            os.kill(terminal.process, signal.SIGKILL)
            assert terminal.wait_for_exit() == 128 + signal.SIGKILL
            terminal.start_again()
            terminal.wait_for("● ready +small", f"│ {typed}")
