"""`tui-lm` alone: the app, on the model named or used last."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui_lm.cli import model as model_option
from tui_lm.errors import TuiLmError

if TYPE_CHECKING:
    from tui_lm.tui.backend import Backend


def show_version(wanted: bool) -> None:
    if wanted:
        from tui_lm import __version__

        print(f"tui-lm {__version__}")
        raise typer.Exit


def app(
    context: typer.Context,
    model: Annotated[str | None, typer.Option(*model_option.OPTION, help=model_option.HELP)] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Your own language model, trained on your own chats, on your own machine, in your terminal.

    Without a command the app opens: type with the model, chat with it, look inside.
    """
    if context.invoked_subcommand is None:
        open_app(model)


def open_app(model: str | None) -> None:
    """Run the app until it is left. Raises TuiLmError without a terminal, or for a model that is not there."""
    import sys

    # Textual draws on stderr, so that has to be the terminal too.
    if not (sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()):
        raise TuiLmError(
            "the app needs a terminal, and this is none",
            "in scripts use `tui-lm complete`, `tui-lm generate` or `tui-lm complete --stdio`",
            exit_code=2,
        )
    from tui_lm import checkpoint
    from tui_lm.settings import load_settings, save_settings
    from tui_lm.tui.app import run_app

    settings, notices = load_settings()
    folder = None
    if model is not None or checkpoint.names():
        folder = model_option.resolve_model(model)
        model_option.remember_model(folder)
        settings, _ = load_settings()
    opened: list[Backend] = []

    def load(folder: Path) -> Backend:
        opened.append(load_backend(folder))
        return opened[-1]

    code = run_app(
        None if folder is None else partial(load, folder),
        model_name=None if folder is None else folder.name,
        settings=settings,
        save_settings=save_settings,
        load_new=lambda: load(model_option.resolve_model(None)),
        notices=notices,
    )
    for backend in opened:
        backend.completer.save()
    if code:
        raise typer.Exit(code)


def load_backend(folder: Path) -> Backend:
    """What the app thinks with. Called in its worker, after the first paint."""
    from tui_lm.completion import Completer
    from tui_lm.engine import Engine
    from tui_lm.tui.backend import Backend

    engine = Engine.open(folder)
    return Backend(engine, Completer.open(folder, engine))
