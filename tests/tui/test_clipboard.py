"""Copying reaches the system's clipboard also in macOS Terminal."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tui_lm.tui.terminal.clipboard import copy_natively


@pytest.fixture
def pbcopy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for pbcopy that writes its input to a file."""
    copied, program = tmp_path / "copied", tmp_path / "pbcopy"
    program.write_text(f"#!/bin/sh\n{shutil.which('cat')} > '{copied}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    return copied


async def test_in_macos_terminal_a_draft_is_copied_with_pbcopy(start, pbcopy: Path, monkeypatch) -> None:
    monkeypatch.setenv("TERM_PROGRAM", "Apple_Terminal")
    async with start() as app:
        await app.type("on my way")
        await app.do("chat.copy")
        assert app.clipboard == pbcopy.read_text() == "on my way"


async def test_the_last_answer_and_the_whole_chat_are_copied(start) -> None:
    async with start() as app:
        await app.do("chat.copy_answer")
        assert "nothing was answered yet" in app.notices[-1]
        await app.type("when?")
        await app.press("enter")
        await app.until(lambda: len(app.turns) == 2 and not app.app.screen.answering)
        await app.do("chat.copy_answer")
        assert app.clipboard == "yes, at six"
        await app.do("chat.copy_all")
        assert app.clipboard == "Ann: when?\nMaya: yes, at six"


def test_in_other_terminals_pbcopy_is_not_used(pbcopy: Path) -> None:
    copy_natively("on my way", {"TERM_PROGRAM": "iTerm.app"})
    copy_natively("on my way", {})
    assert not pbcopy.exists()


def test_a_failing_pbcopy_is_ignored(pbcopy: Path, tmp_path: Path) -> None:
    (tmp_path / "pbcopy").write_text("#!/no/such/shell\n")
    copy_natively("on my way", {"TERM_PROGRAM": "Apple_Terminal"})
    (tmp_path / "pbcopy").unlink()
    copy_natively("on my way", {"TERM_PROGRAM": "Apple_Terminal"})
