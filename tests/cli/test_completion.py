"""Tab completes commands, options, models and authors, in the shells themselves."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tui_lm import checkpoint
from tui_lm.checkpoint import SavedModel

EVIL = "$(touch pwned)"
# Each program completes the words given to it, the last of which is being typed, and prints what it finds.
BASH = """
source "$SCRIPT"; COMP_WORDS=(tui-lm "$@"); COMP_CWORD=$#; _tui_lm
((${#COMPREPLY[@]})) && printf '%s\\n' "${COMPREPLY[@]}"
"""
ZSH = """
compdef() { }; _files() { print files }; compadd() { print -rl -- ${(M)names:#${words[CURRENT]}*} }
source "$SCRIPT"; words=(tui-lm "$@"); CURRENT=$#words; _tui_lm
"""
FISH = 'source $SCRIPT; complete -C "tui-lm $argv" | string replace -r "\\t.*" ""'
PROGRAMS = {"bash": ["-c", BASH, "bash"], "zsh": ["-fc", ZSH, "zsh"], "fish": ["--no-config", "-c", FISH]}

Tab = Callable[..., list[str]]


@pytest.fixture(params=PROGRAMS)
def tab(
    request: pytest.FixtureRequest, tui_lm: Run, tmp_path: Path, saved: Path, make_model: Callable[..., SavedModel]
) -> Tab:
    """Completes the last of some words in a shell, beside a model "small" and a model "other" with other authors."""
    shell = request.param
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    model = make_model()
    card = replace(model.card, name="other", authors=("Ann Lee", EVIL, "Bo"))
    checkpoint.save(saved.parent / "other", replace(model, card=card))
    script = tmp_path / "script"
    script.write_text(tui_lm("completion", shell)[1], "utf-8")
    program = tmp_path / "bin" / "tui-lm"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m tui_lm "$@"\n')
    program.chmod(0o755)

    def complete(*words: str) -> list[str]:
        environment = {
            **os.environ,
            "SCRIPT": str(script),
            "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(tmp_path),
            "PYTHONPATH": str(Path(__file__).parents[2]),
        }
        done = subprocess.run(
            [shell, *PROGRAMS[shell], *words], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60
        )
        assert not done.stderr, done.stderr
        return done.stdout.splitlines()

    return complete


def plain(words: Sequence[str]) -> set[str]:
    """Completions without the quoting of the shell."""
    return {word.replace("\\", "") for word in words}


def test_commands_and_their_options_are_completed(tab: Tab) -> None:
    assert tab("ev") == ["evaluate"]
    assert tab("models", "re") in (["rename", "remove"], ["remove", "rename"])
    assert tab("generate", "--max") == ["--max-new-tokens"]
    assert tab("evaluate", "--split", "t") in (["test", "train"], ["train", "test"])
    assert set(tab("shell-init", "")) >= {"bash", "fish", "zsh"}
    assert "--hide-first" not in tab("inspect", "--hide"), "a hidden option stays hidden"


def test_names_of_models_are_completed(tab: Tab) -> None:
    assert set(tab("generate", "-m", "")) == {"small", "other"}
    assert tab("evaluate", "sm") == ["small"]
    assert tab("models", "show", "o") == ["other"]
    assert tab("train", "chat.txt", "--from", "sm") == ["small"]


def test_names_of_authors_are_completed_and_never_run(tab: Tab, tmp_path: Path) -> None:
    assert plain(tab("generate", "-m", "small", "--as", "")) >= {"Ann", "Bob"}
    assert plain(tab("generate", "-m", "other", "--as", "")) >= {"Ann Lee", EVIL}
    assert not (tmp_path / "pwned").exists()


def test_a_shell_or_a_list_must_be_named(tui_lm: Run) -> None:
    assert tui_lm("completion")[0] == 2
    assert tui_lm("completion", "bash", "--list", "models")[0] == 2
    assert tui_lm("completion", "--list", "authors") == (0, "", ""), "without a model there are none"
