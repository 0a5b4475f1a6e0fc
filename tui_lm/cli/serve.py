"""`tui-lm serve`: the OpenAI API on this machine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui_lm.cli import model as model_option
from tui_lm.errors import TuiLmError
from tui_lm.safe_text import visible_line

if TYPE_CHECKING:
    from starlette.applications import Starlette

    Create = Callable[[str, int], tuple[str, Starlette]]
    """From the token and the port to the model's name and its application."""


def serve(
    model: Annotated[str | None, typer.Option(*model_option.OPTION, help=model_option.HELP)] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 takes a free one.")] = 11435,
    author: Annotated[
        str | None,
        typer.Option(
            "--as", metavar="AUTHOR", help="The author who answers in chats. Default: the most frequent one but you."
        ),
    ] = None,
    new_token: Annotated[bool, typer.Option("--new-token", help="Replace the token that programs must send.")] = False,
) -> None:
    """Serve a model to other programs on this machine, with the OpenAI API.

    Programs need the printed address and the token. Nothing is learned from what they send.
    """
    try:
        from tui_lm.serve import listener
        from tui_lm.serve.guard import LOOPBACK
    except ModuleNotFoundError as error:
        raise TuiLmError(f"serving needs the package {error.name}", "pip install 'tui-lm[serve]'") from error
    from tui_lm import checkpoint
    from tui_lm.serve.token import load_token, token_file

    if model is not None and checkpoint.describe(checkpoint.find(model)).purpose == "vectors":
        create = _of_vectors(checkpoint.find(model))
    else:
        create = _of_writer(model_option.resolve_model(model), author)
    with listener.listen(port) as socket:
        port = socket.getsockname()[1]
        token, new = load_token(renew=new_token)
        name, application = create(token, port)
        print(f"{visible_line(name)} at http://{LOOPBACK}:{port}/v1", flush=True)
        if new:
            print(f"token (shown once): {token}", flush=True)
        print(f"the token is kept in {token_file()}; Ctrl-C ends", flush=True)
        listener.serve(application, socket)


def _of_writer(folder: Path, author: str | None) -> Create:
    from tui_lm.engine import Engine
    from tui_lm.serve import application
    from tui_lm.settings import load_settings

    engine = Engine.open(folder)
    if author is not None and author not in engine.authors:
        raise TuiLmError(
            f"{visible_line(author)} is no author of this model",
            f"choose one of: {', '.join(map(visible_line, engine.authors)) or 'none; it has no authors'}",
            exit_code=2,
        )
    settings = load_settings()[0]
    return lambda token, port: (engine.name, application.create(engine, token, port, settings, author))


def _of_vectors(folder: Path) -> Create:
    from tui_lm import checkpoint
    from tui_lm.serve import embeddings

    model = checkpoint.load(folder)
    return lambda token, port: (model.card.name, embeddings.create(model, token, port))
