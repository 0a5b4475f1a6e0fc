"""zsh: the ghost comes while you type prose, and never while you type a command."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.editors.screen import Screen, wait_for

pytestmark = pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed")


def open_zsh(start: Callable[..., Screen], init: Callable[[str], Path], command: str, tmp_path: Path) -> Screen:
    rc = f"PS1='> '\nsetopt combining_chars\nsource {init('zsh')}\nprint ready\n"
    (tmp_path / ".zshrc").write_text(rc, encoding="utf-8")
    screen = start("zsh -d -i", ZDOTDIR=str(tmp_path), TUI_LM_COMMAND=command)
    screen.see("ready\n>")
    return screen


@pytest.fixture
def zsh(start: Callable[..., Screen], init: Callable[[str], Path], scripted: str, tmp_path: Path) -> Screen:
    return open_zsh(start, init, f"{scripted} --shell $$", tmp_path)


def test_the_ghost_comes_in_prose_and_is_taken_word_by_word(zsh: Screen) -> None:
    zsh.type("we meet tom")
    zsh.see("> we meet tomorrow at six")
    zsh.press("M-j")
    zsh.type("!")  # the rest of the ghost is not part of the line
    zsh.see("> we meet tomorrow!", without="at six")


def test_right_takes_the_whole_ghost_and_the_next_one_comes(zsh: Screen) -> None:
    zsh.type("we meet tom")
    zsh.see("> we meet tomorrow at six")
    zsh.press("Right")
    zsh.see("> we meet tomorrow at six, bring soup")
    zsh.press("M-g")
    zsh.type("?")
    zsh.see("> we meet tomorrow at six, bring soup?")


def test_the_ghost_follows_typing_and_comes_back_after_backspace(zsh: Screen) -> None:
    zsh.type("we meet tomor")
    zsh.see("> we meet tomorrow at six")
    zsh.type("x")
    zsh.see("> we meet tomorx", without="six")
    zsh.press("BSpace", "BSpace", "BSpace")
    zsh.see("> we meet tomorrow at six")


def test_in_a_command_only_quoted_text_is_completed_up_to_its_closing_quote(
    zsh: Screen, asked: Callable[[], list[str]]
) -> None:
    zsh.type("echo two; ls tw")
    zsh.press("C-u")
    zsh.type('echo "fix the te')
    zsh.see('> echo "fix the test', without="soon")  # the ghost stops before its quote, which would close this one
    assert not any("ls" in text or "echo" in text for text in asked())


def test_the_completer_starts_only_once_there_is_prose(
    zsh: Screen, asked: Callable[[], list[str]], tmp_path: Path
) -> None:
    zsh.type("echo $(( 6 * 7 )) && jobs")
    zsh.press("Enter")
    zsh.see("\n42\n>")
    zsh.type("pgrep -P $$ -f scripted.p[y] || echo none")
    zsh.press("Enter")
    zsh.see("\nnone\n>")
    assert not asked()


def test_alt_g_asks_for_a_ghost_anywhere(zsh: Screen) -> None:
    zsh.type("two")
    zsh.press("M-g")
    zsh.see("> two lines")
    zsh.press("C-u")
    zsh.type("what")  # the model is not sure here
    zsh.press("M-g")
    zsh.see("> whatever")


def test_vared_is_completed_as_prose(zsh: Screen) -> None:
    zsh.type("vared -c -p 'text: ' text && print -r -- \"<$text>\"")
    zsh.press("Enter")
    zsh.see("text:")
    zsh.type("I'll be")
    zsh.see("text: I'll be there")
    zsh.press("Right", "Enter")
    zsh.see("<I'll be there>")


def test_a_ghost_that_is_not_taken_is_not_part_of_the_command(zsh: Screen) -> None:
    zsh.type('echo "we meet tom')
    zsh.see('> echo "we meet tomorrow at six')
    zsh.type('"')
    zsh.press("Enter")
    zsh.see('> echo "we meet tom"\nwe meet tom\n>')


def test_other_scripts_and_emoji_are_completed(zsh: Screen) -> None:
    zsh.type('echo "नमस्ते ')
    zsh.see("दोस्त 👍")
    zsh.press("M-g")
    zsh.type('"')
    zsh.press("Enter")
    zsh.see("\nनमस्ते दोस्त 👍\n>")


def test_the_completer_ends_with_the_shell_even_while_a_child_of_the_shell_lives_on(
    zsh: Screen, tmp_path: Path
) -> None:
    zsh.type("sleep 300 &!")
    zsh.press("Enter")
    zsh.type("we meet tom")
    zsh.see("> we meet tomorrow at six")
    zsh.press("C-u")
    zsh.type("sleep 300 & print -r -- $(pgrep -P $$ -f 'scripted[.]py') $! > pids")
    zsh.press("Enter")
    pids = tmp_path / "pids"
    wait_for(lambda: pids.exists() and len(pids.read_text().split()) == 2)
    completer, sleeper = map(int, pids.read_text().split())
    zsh.type("kill -9 $$")
    zsh.press("Enter")
    wait_for(lambda: not Path(f"/proc/{completer}").exists())
    os.kill(sleeper, 9)


def test_a_completer_that_cannot_start_leaves_the_prompt_usable(
    start: Callable[..., Screen], init: Callable[[str], Path], tmp_path: Path
) -> None:
    screen = open_zsh(start, init, "false", tmp_path)
    for _ in range(3):
        screen.type("we meet tom")
        screen.see("> we meet tom\n")
        screen.press("M-g", "C-u")
    screen.type("echo $(( 6 * 7 ))")
    screen.press("Enter")
    assert screen.see("\n42\n>") == "ready\n> echo $(( 6 * 7 ))\n42\n>" + "\n" * 21
