"""`tui-lm` alone: the app, on the model named or used last."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tui_lm.cli import model as model_option
from tui_lm.errors import TuiLmError


def show_version(wanted: bool) -> None:
    if wanted:
        from tui_lm import __version__

        print(f"tui-lm {__version__}")
        raise typer.Exit


def app(
    context: typer.Context,
    model: Annotated[str | None, typer.Option(*model_option.OPTION, help=model_option.HELP)] = None,
    private: Annotated[
        bool, typer.Option("--private", help="Private mode: the app learns nothing and saves nothing that you type.")
    ] = False,
    ascii_only: Annotated[
        bool, typer.Option("--ascii", help="Draw the app in ASCII characters, for terminals without a full font.")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Your own language model, trained on your own chats, on your own machine, in your terminal.

    Without a command the app opens: type with the model, chat with it, look inside.
    """
    if context.invoked_subcommand is None:
        open_app(model, private=private, ascii_only=ascii_only)


def open_app(model: str | None, *, private: bool = False, ascii_only: bool = False) -> None:
    """Run the app until the user quits. Raises TuiLmError without a terminal, or if there is no such model."""
    import sys
    from dataclasses import replace

    # Textual draws on stderr, so that has to be the terminal too.
    if not (sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()):
        raise TuiLmError(
            "the app needs a terminal",
            "in scripts use `tui-lm complete`, `tui-lm generate` or `tui-lm complete --stdio`",
            exit_code=2,
        )
    from tui_lm.settings import Settings, load_settings, save_settings
    from tui_lm.tui.app import run_app

    folder, screen = _start(model)
    settings, notices = load_settings()  # after `_start`, which notes the model as the last one used
    kept = settings.ascii

    def save(changed: Settings) -> None:
        """Save changed settings, without what was set by an option for this run."""
        save_settings(replace(changed, ascii=kept) if ascii_only else changed)

    code = run_app(
        folder,
        replace(settings, ascii=settings.ascii or ascii_only),
        notices=notices,
        save_settings=save,
        private=private,
        screen=screen,
    )
    if code:
        raise typer.Exit(code)


def _start(model: str | None) -> tuple[Path | None, str | None]:
    """The language model and the screen to start with; None for no model, and for the screen of the last session."""
    from tui_lm import checkpoint

    screen = None
    if model is not None:
        folder = checkpoint.find(model)
        purpose = checkpoint.describe(folder).purpose
        model_option.remember_model(folder, purpose)
        if purpose == "language":
            return folder, None
        screen = "translate"
    try:
        return (model_option.resolve_model(None) if checkpoint.names() else None), screen
    except TuiLmError:  # there are translators only
        return None, screen
