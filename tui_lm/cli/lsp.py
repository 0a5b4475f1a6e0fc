"""`tui-lm lsp`: a language server, for suggestions in an editor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tui_lm.cli import model as model_option
from tui_lm.errors import TuiLmError

if TYPE_CHECKING:
    from tui_lm.completion import Completer
    from tui_lm.lsp.options import Options


def lsp(
    model: Annotated[str | None, typer.Option(*model_option.OPTION, help=model_option.HELP)] = None,
) -> None:
    """Serve an editor that speaks the Language Server Protocol, on stdin and stdout.

    The editor's section tui-lm configures model, author, threshold, languages and learn.
    """
    try:
        from tui_lm.lsp.server import Server
    except ModuleNotFoundError as error:
        raise TuiLmError(f"the language server needs the package {error.name}", "pip install 'tui-lm[lsp]'") from error

    if model is not None:
        model_option.resolve_model(model)  # an error now is easier to find than one in the editor's log
    Server(open_completer, model).serve()


def open_completer(options: Options) -> Completer:
    """The completer of the model that the options name. It learns only if they ask for it."""
    from tui_lm.completion import Completer
    from tui_lm.completion.ghost import SURE

    sure = SURE if options.threshold is None else options.threshold
    return Completer.open(model_option.resolve_model(options.model), private=not options.learn, sure=sure)
