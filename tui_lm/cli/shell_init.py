"""`tui-lm shell-init`: ghost text at the prompt of zsh, bash and fish."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from tui_lm.cli import model as model_option
from tui_lm.errors import TuiLmError

PROCESS = {"zsh": "$$", "bash": "$$", "fish": "$fish_pid"}  # the variable that holds the shell's own process id


class Shell(StrEnum):
    ZSH = "zsh"
    BASH = "bash"
    FISH = "fish"


def shell_init(
    shell: Annotated[Shell, typer.Argument(help="Which shell.")],
    model: Annotated[str | None, typer.Option(*model_option.OPTION, help=model_option.HELP)] = None,
    author: Annotated[
        str | None,
        typer.Option(
            "--as", metavar="AUTHOR", help="The author who types. Default: the one given with --me in training."
        ),
    ] = None,
) -> None:
    """Print the start-up script that shows ghost text at a shell prompt while you write prose.

    In ~/.zshrc: eval "$(tui-lm shell-init zsh)"; in ~/.bashrc the same with bash.
    In config.fish: tui-lm shell-init fish | source
    """
    import os
    from importlib.resources import files

    if os.name == "nt":
        raise TuiLmError(
            "ghost text at a prompt needs Linux or macOS", "`tui-lm lsp` suggests in editors on Windows too"
        )
    script = files("tui_lm.cli").joinpath("shells", f"ghost.{shell}").read_text("utf-8")
    typer.echo(script.replace("@COMMAND@", _command(shell, model, author)), nl=False)


def _command(shell: Shell, model: str | None, author: str | None) -> str:
    """The command that the shell starts, quoted for it. It names this interpreter, so that PATH does not matter."""
    import shlex
    import sys
    from pathlib import Path

    from tui_lm import checkpoint

    words = [sys.executable, "-m", "tui_lm", "complete", "--stdio"]
    if model is not None:
        folder = checkpoint.find(model)
        words += ["-m", model if checkpoint.is_name(model) and not Path(model).exists() else str(folder.resolve())]
    if author is not None:
        words += ["--as", author]
    quote = fish_quote if shell is Shell.FISH else shlex.quote
    return " ".join([*map(quote, words), "--shell", PROCESS[shell]])


def fish_quote(word: str) -> str:
    return "'" + word.replace("\\", "\\\\").replace("'", "\\'") + "'"
