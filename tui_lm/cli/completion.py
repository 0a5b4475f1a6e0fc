"""`tui-lm completion`: completion of commands, options, models and authors in a shell.

The script holds the commands and options, so that Tab starts no process for them, and nothing is done for it when
`tui-lm` starts. Names of models and authors change, so the script asks `tui-lm completion --list` for them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from tui_lm.cli import model as model_option
from tui_lm.cli.shell_init import Shell
from tui_lm.errors import TuiLmError


class Names(StrEnum):
    MODELS = "models"
    AUTHORS = "authors"


def completion(
    shell: Annotated[Shell | None, typer.Argument(help="Which shell.")] = None,
    names: Annotated[Names | None, typer.Option("--list", help="Print names instead, one a line.")] = None,
    model: Annotated[
        str | None, typer.Option(*model_option.OPTION, help="With --list authors: of this model; else the last one.")
    ] = None,
) -> None:
    """Print a script that completes commands, options, models and authors when you press Tab.

    In ~/.bashrc: source <(tui-lm completion bash); in ~/.zshrc, after compinit, the same with zsh.
    In config.fish: tui-lm completion fish | source
    """
    if (shell is None) == (names is None):
        raise TuiLmError(
            "name a shell, or names to list", "tui-lm completion bash; or zsh, fish, --list models", exit_code=2
        )
    if shell is not None:
        from tui_lm.cli import COMMANDS, program
        from tui_lm.cli.completion_scripts import script

        typer.echo(script(shell, program(COMMANDS)), nl=False)
        return
    from tui_lm import checkpoint
    from tui_lm.safe_text import visible_line

    if names is Names.MODELS:
        found = checkpoint.names()
    else:
        try:
            found = [*checkpoint.describe(model_option.resolve_model(model)).authors]
        except TuiLmError:  # Tab has no room for an error
            found = []
    for name in found:
        typer.echo(visible_line(name))
