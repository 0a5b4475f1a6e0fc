"""The real program in tmux, used as a person would, starting from an empty data folder."""

from __future__ import annotations

import json
import os
import pty
import select
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from tests.terminal import journey
from tests.terminal.journey import PROGRAM, ROOT, environment
from tests.terminal.tmux import AVAILABLE, PATIENCE, Tmux

pytestmark = pytest.mark.skipif(not AVAILABLE, reason="tmux is not installed")


def variables(home: Path) -> dict[str, str]:
    return {**os.environ, **environment(home)}


@pytest.mark.slow
def test_a_new_user_trains_chats_translates_and_comes_back_the_next_day(tmp_path: Path, home: Path) -> None:
    folder = tmp_path / "chats"
    folder.mkdir()
    chat = folder / "chat.txt"
    shutil.copy(ROOT / "corpora/chat.txt", chat)
    with Tmux(PROGRAM, size=(120, 36), environment=environment(home), folder=folder) as terminal:
        training = journey.training(terminal, chat, 0.3)
        assert next(training) == "welcome"
        journey.train_translator(home, tmp_path / "pairs.tsv", steps=60)
        assert [*training] == ["source", "train"]
        assert [*journey.first_day(terminal)] == ["ghost", "chat", "gates", "translate"]
        terminal.start_again()
        assert [*journey.next_day(terminal)] == ["again"]
        journey.settled(terminal)
        assert (folder / "where-shall-we-meet.md").read_text("utf-8").startswith("# where shall we meet")
        newer = folder / "newer.txt"
        last = "".join(f"12/12/2026, 10:{i:02d} - Bea: the parcel {i} has come\n" for i in range(60))
        newer.write_text(chat.read_text("utf-8") + last, "utf-8")
        journey.second_look(terminal, newer)
    listed = subprocess.run([*PROGRAM, "models", "--json"], env=variables(home), capture_output=True, check=True)
    assert [row["name"] for row in json.loads(listed.stdout)] == ["french", "newer"]
    with Tmux([*PROGRAM, "-m", "french"], environment=environment(home)) as terminal:
        terminal.wait_for("● ready +french")


def test_welcome_help_and_quit_with_an_empty_data_folder(home: Path) -> None:
    with Tmux(PROGRAM, environment=environment(home)) as terminal:
        terminal.wait_for("Your own language model", "F1 Help")
        terminal.press("F1")
        terminal.wait_for("Esc closes")
        terminal.press("Escape")
        terminal.wait_for("Your own language model")
        assert terminal.is_taken_over
        terminal.press("C-q")
        assert terminal.wait_for_exit() == 0
        assert not terminal.is_taken_over, "the terminal is restored"


def test_draft_and_temperature_survive_resizing_and_a_restart(home: Path, saved: Path) -> None:
    with Tmux(PROGRAM, environment=environment(home)) as terminal:
        terminal.wait_for("● ready +small", "Write as Ann", "Bob answers")
        terminal.type("on my way")
        terminal.wait_for("│ on my way")
        terminal.press("F8", "F8")
        terminal.wait_for(r"Temperature .* 1\.00$")
        terminal.press("F2")
        terminal.wait_for("Next token")
        terminal.press("C-t")
        terminal.wait_for("forget gate")
        terminal.press("F2")
        terminal.wait_for_no("forget gate")
        terminal.press("F5")
        terminal.wait_for("The draft is copied")
        assert terminal.clipboard == "on my way"
        terminal.paste(" in a minute")
        terminal.wait_for(r"on my way in a minute")
        for columns, rows in ((40, 10), (10, 3), (200, 50), (80, 24)):
            terminal.resize(columns, rows)
        terminal.wait_for("● ready +small", r"on my way in a minute")
        terminal.press("C-q")
        assert terminal.wait_for_exit() == 0
        terminal.start_again()
        terminal.wait_for("● ready +small", r"on my way in a minute", r"Temperature .* 1\.00$")


def test_the_app_quits_and_keeps_the_draft_when_its_terminal_closes(home: Path, saved: Path) -> None:
    with Tmux(PROGRAM, environment=environment(home)) as terminal:
        terminal.wait_for("● ready +small")
        terminal.type("on my way")
        terminal.wait_for("│ on my way")
    assert not list(home.glob("crash*"))
    with Tmux(PROGRAM, environment=environment(home)) as terminal:
        terminal.wait_for("● ready +small", "│ on my way")


def test_the_app_quits_when_its_terminal_closes_without_a_signal(home: Path) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        PROGRAM,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, **environment(home), "TERM": "xterm-256color"},
        start_new_session=True,
    )
    try:
        os.close(theirs)
        seen = b""
        while b"Your own language model" not in seen:
            assert select.select([ours], [], [], PATIENCE)[0], seen
            seen += os.read(ours, 1 << 16)
        os.close(ours)
        assert process.wait(PATIENCE) == 128 + signal.SIGHUP
    finally:
        process.kill()
        process.wait()


def test_sigterm_restores_the_terminal(home: Path) -> None:
    with Tmux(PROGRAM, environment=environment(home)) as terminal:
        terminal.wait_for("Your own language model")
        os.kill(terminal.process, signal.SIGTERM)
        assert terminal.wait_for_exit() == 128 + signal.SIGTERM
        assert not terminal.is_taken_over


def test_the_app_without_a_terminal_is_a_clear_error(home: Path) -> None:
    done = subprocess.run(
        PROGRAM,
        env={**os.environ, **environment(home)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.splitlines()[0] == "error: the app needs a terminal"
    assert "\x1b" not in done.stderr
