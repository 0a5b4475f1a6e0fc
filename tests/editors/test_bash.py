"""bash: Alt-G asks for a ghost, which is shown below the line and is never part of the command."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.editors.screen import Screen, wait_for

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")


def open_bash(start: Callable[..., Screen], init: Callable[[str], Path], command: str, tmp_path: Path) -> Screen:
    (tmp_path / "bashrc").write_text(f"PS1='> '\nsource {init('bash')}\necho ready\n", encoding="utf-8")
    screen = start(f"bash --rcfile {tmp_path / 'bashrc'} -i", TUI_LM_COMMAND=command)
    screen.see("ready\n>")
    return screen


@pytest.fixture
def bash(start: Callable[..., Screen], init: Callable[[str], Path], scripted: str, tmp_path: Path) -> Screen:
    return open_bash(start, init, f"{scripted} --shell $$", tmp_path)


def ask(bash: Screen, ghost: str) -> None:
    """Press Alt-G, and again while the completer is still loading."""
    shown = f"\n…{ghost}\n"
    while True:
        bash.press("M-g")
        wait_for(lambda: shown in bash.text or "still loading" in bash.text)
        bash.wait_for_keys()
        if shown in bash.text:
            return


def test_the_ghost_is_shown_below_the_line_and_taken_word_by_word(bash: Screen) -> None:
    bash.type("we meet tom")
    ask(bash, "orrow at six")
    bash.press("M-j")
    bash.see("> we meet tomorrow\n… at six\n")
    bash.wait_for_keys()
    bash.press("M-j")
    bash.see("> we meet tomorrow at\n… six\n")
    bash.wait_for_keys()
    bash.press("M-j")
    bash.see("> we meet tomorrow at six\n", without="…")


def test_alt_g_takes_the_whole_ghost(bash: Screen) -> None:
    bash.type("echo \"I'll be")
    ask(bash, " there")
    bash.press("M-g")
    bash.type('"')
    bash.press("Enter")
    bash.see("> echo \"I'll be there\"\nI'll be there\n>", without="…")


def test_the_ghost_is_inserted_at_a_cursor_in_the_middle_of_a_line(bash: Screen) -> None:
    bash.type('echo "I\'ll be" two')
    bash.press(*["Left"] * 5)
    ask(bash, " there")
    bash.press("M-g")
    bash.see('> echo "I\'ll be there" two\n')


def test_a_line_longer_than_the_screen_gets_a_ghost(bash: Screen) -> None:
    bash.type('echo "' + "a b " * 25 + '"; echo "two')
    ask(bash, " lines")
    bash.press("M-g")
    bash.see('; echo "two lines\n', without="…")


def test_a_ghost_of_another_line_is_not_taken_and_is_cleared(bash: Screen) -> None:
    bash.type('echo "two')
    ask(bash, " lines")
    bash.type('"')
    bash.press("M-j", "Enter")
    bash.see("\ntwo\n>", without="…")


def test_read_e_is_completed_as_prose(bash: Screen) -> None:
    bash.type("read -e -p 'text: ' text; echo \"<$text>\"")
    bash.press("Enter")
    bash.see("text:")
    bash.type("we meet tom")
    ask(bash, "orrow at six")
    bash.press("M-g", "Enter")
    bash.see("<we meet tomorrow at six>")


def test_other_scripts_and_emoji_are_completed(bash: Screen) -> None:
    bash.type("नमस्ते ")
    ask(bash, "दोस्त 👍")
    bash.press("M-g")
    bash.press("Home")
    bash.type('echo "')
    bash.press("End")
    bash.type('!"')
    bash.press("Enter")
    bash.see("\nनमस्ते दोस्त 👍!\n>")


def test_the_completer_ends_with_the_shell(bash: Screen, tmp_path: Path) -> None:
    bash.type("two")
    ask(bash, " lines")
    bash.press("C-u")
    bash.type("pgrep -P $$ -f 'scripted[.]py' > pid; kill -9 $$")
    bash.press("Enter")
    pid = tmp_path / "pid"
    wait_for(lambda: pid.exists() and pid.read_text().strip() != "")
    wait_for(lambda: not Path("/proc", pid.read_text().strip()).exists())


def test_a_completer_that_cannot_start_leaves_the_prompt_usable(
    start: Callable[..., Screen], init: Callable[[str], Path], tmp_path: Path
) -> None:
    screen = open_bash(start, init, "false", tmp_path)
    screen.type("echo $(( 6 * 7 ))")
    screen.press("M-g")
    screen.see("\ntui-lm does not answer")
    screen.wait_for_keys()
    screen.press("Enter")
    assert screen.see("\n42\n>") == "ready\n> echo $(( 6 * 7 ))\n42\n>" + "\n" * 21
