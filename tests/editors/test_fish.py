"""fish: Alt-G asks for a ghost, which is shown in the right prompt."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.editors.screen import Screen, wait_for

pytestmark = pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not installed")


def open_fish(start: Callable[..., Screen], init: Callable[[str], Path], command: str, tmp_path: Path) -> Screen:
    commands = f"function fish_prompt; echo '> '; end; source {init('fish')}; echo ready"
    screen = start(f'fish --no-config --private -C "{commands}"', TUI_LM_COMMAND=command)
    screen.see("ready\n", "\n>")
    return screen


@pytest.fixture
def fish(start: Callable[..., Screen], init: Callable[[str], Path], scripted: str, tmp_path: Path) -> Screen:
    return open_fish(start, init, f"{scripted} --shell $fish_pid", tmp_path)


def test_the_ghost_is_taken_word_by_word(fish: Screen) -> None:
    fish.type("we meet tom")
    fish.press("M-g")
    fish.see("> we meet tom ", "…orrow at six")
    fish.press("M-j")
    fish.see("> we meet tomorrow ", "… at six")
    fish.press("M-g")
    fish.see("> we meet tomorrow at six", without="…")


def test_alt_g_takes_the_whole_ghost_inside_quotes(fish: Screen) -> None:
    fish.type("echo \"I'll be")
    fish.press("M-g")
    fish.see("… there")
    fish.press("M-g")
    fish.type('"')
    fish.press("Enter")
    fish.see("\nI'll be there\n>")


def test_a_ghost_of_another_line_is_not_taken(fish: Screen) -> None:
    fish.type('echo "two')
    fish.press("M-g")
    fish.see("… lines")
    fish.type('"')
    fish.press("M-j", "Enter")
    fish.see("\ntwo\n>")


def test_other_scripts_and_emoji_are_completed(fish: Screen) -> None:
    fish.type('echo "नमस्ते ')
    fish.press("M-g")
    fish.see("…दोस्त 👍")
    fish.press("M-g")
    fish.type('"')
    fish.press("Enter")
    fish.see("\nनमस्ते दोस्त 👍\n>")


def test_the_completer_ends_with_the_shell_and_leaves_no_files(fish: Screen, tmp_path: Path) -> None:
    fish.type("two")
    fish.press("M-g")
    fish.see("… lines")
    fish.press("C-u")
    fish.type("pgrep -f 'scripted[.]py.*shell '$fish_pid > pid; echo $_tui_lm_folder > folder; kill -9 $fish_pid")
    fish.press("Enter")
    pid, folder = tmp_path / "pid", tmp_path / "folder"
    wait_for(lambda: folder.exists() and folder.read_text().strip() != "")
    assert pid.read_text().strip()
    wait_for(lambda: not Path("/proc", pid.read_text().split()[0]).exists())
    wait_for(lambda: not Path(folder.read_text().strip()).exists())


def test_a_completer_that_cannot_start_leaves_the_prompt_usable(
    start: Callable[..., Screen], init: Callable[[str], Path], tmp_path: Path
) -> None:
    screen = open_fish(start, init, "false", tmp_path)
    screen.type("math 6 x 7")
    screen.press("M-g", "M-g", "M-j", "Enter")
    screen.see("\n42\n>")
