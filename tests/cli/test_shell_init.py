"""`tui-lm shell-init`: scripts that are valid in their shell and start tui-lm with the options given."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., tuple[int, str, str]]
SHELLS = ["zsh", "bash", "fish"]


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_is_valid_and_quotes_its_arguments(shell: str, tui_lm: Run, tmp_path: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    code, out, err = tui_lm("shell-init", shell, "--as", 'Ann O\'Neil \\ "x"')
    assert (code, err) == (0, "")
    script = tmp_path / "script"
    script.write_text(out, encoding="utf-8")
    assert subprocess.run([shell, "-n", str(script)], capture_output=True, text=True).stderr == ""
    asked = "printf '%s\\n' $_tui_lm_command" if shell == "fish" else "printf '%s\\n' \"${_tui_lm_command[@]}\""
    command = next(line for line in out.splitlines() if "_tui_lm_command" in line)
    words = subprocess.run([shell, "-c", f"{command}\n{asked}"], capture_output=True, text=True).stdout.splitlines()
    assert words[2:7] == ["tui_lm", "complete", "--stdio", "--as", 'Ann O\'Neil \\ "x"']
    assert words[7] == "--shell" and words[8].isdigit()


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_names_the_model_or_its_absolute_folder(
    shell: str, tui_lm: Run, saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert " -m small " in tui_lm("shell-init", shell, "-m", "small")[1].replace("'", "")
    monkeypatch.chdir(saved.parent)
    assert f" -m {saved.resolve()} " in tui_lm("shell-init", shell, "-m", "./small")[1].replace("'", "")


def test_an_unknown_shell_or_model_is_an_error(tui_lm: Run) -> None:
    assert tui_lm("shell-init", "tcsh")[0] == 2
    code, out, err = tui_lm("shell-init", "zsh", "-m", "nowhere")
    assert (code, out) == (1, "")
    assert err.startswith("error: there is no model called nowhere\nhint: ")


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_lists_its_keys_and_does_nothing_in_a_shell_that_is_not_interactive(
    shell: str, tui_lm: Run, tmp_path: Path
) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    out = tui_lm("shell-init", shell)[1]
    assert "Alt-G" in out and "Alt-J" in out and "learns nothing" in out
    script = tmp_path / "script"
    script.write_text(out, encoding="utf-8")
    done = subprocess.run([shell, str(script)], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_option_shell_needs_stdio(tui_lm: Run) -> None:
    code, out, err = tui_lm("complete", "see", "--shell", 1)
    assert (code, out) == (2, "")
    assert err.startswith("error: --shell needs --stdio")
