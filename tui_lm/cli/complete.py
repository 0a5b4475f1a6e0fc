"""`tui-lm complete`: word candidates, ghost text and replies, once or over a pipe."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tui_lm.cli import model as model_option
from tui_lm.errors import TuiLmError
from tui_lm.safe_text import visible_line

if TYPE_CHECKING:
    from tui_lm.completion import Completer
    from tui_lm.tokenizers.stream import WritingContext


def complete(
    text: Annotated[
        str | None,
        typer.Argument(help="The message typed so far. Default: empty, which suggests first words or replies."),
    ] = None,
    model: Annotated[str | None, typer.Option(*model_option.OPTION, help=model_option.HELP)] = None,
    n: Annotated[int, typer.Option("-n", min=0, max=100, help="Maximum number of candidates or replies.")] = 3,
    author: Annotated[
        str | None,
        typer.Option(
            "--as", metavar="AUTHOR", help="The author who types. Default: the one given with --me in training."
        ),
    ] = None,
    history: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help='The messages before: a chat export, lines such as "Bob: when?", or [["Bob", "when?"]]; - for stdin. '
            "Without TEXT, replies to the last message are suggested.",
        ),
    ] = None,
    json_output: Annotated[
        bool,
        typer.Option(
            "--json", help="Print one JSON object: candidates, ghost; replies if there is a history and no TEXT."
        ),
    ] = False,
    stdio: Annotated[bool, typer.Option("--stdio", help="Answer JSON requests on stdin, one per line.")] = False,
    shell: Annotated[
        int | None,
        typer.Option(
            metavar="PID", help="With --stdio: serve the shell with this process id, as set up by `tui-lm shell-init`."
        ),
    ] = None,
    private: Annotated[bool, typer.Option("--private", help="With --stdio: do not learn from sent messages.")] = False,
) -> None:
    """Complete the word being typed at the end of TEXT: print candidates with their probabilities, then ghost text.

    With a history and without TEXT, print short replies to the last message.
    """
    import sys

    if shell is not None:
        if not stdio or text is not None or json_output or history is not None:
            raise TuiLmError(
                "--shell needs --stdio and no other input", "use the line that `tui-lm shell-init` prints", exit_code=2
            )
        serve_shell(shell, model, author)
        return
    if stdio and (text is not None or json_output or author is not None or history is not None):
        raise TuiLmError(
            "--stdio cannot be combined with TEXT, --json, --as or --history",
            'send requests on stdin, such as {"id": 1, "text": "see you tom", "author": "Ann", "history": []}',
            exit_code=2,
        )
    from tui_lm.completion import Completer

    folder = model_option.resolve_model(model, "language")
    completer = Completer.open(folder, private=private)
    if stdio:
        from tui_lm.completion.stdio import Server

        def write(answer: str) -> None:
            sys.stdout.write(answer)
            sys.stdout.flush()

        try:
            Server(completer).serve(sys.stdin.buffer, write)
        finally:
            completer.save()
        return
    from tui_lm.tokenizers.stream import WritingContext

    turns: Sequence[tuple[str | None, str]] = ()
    if history is not None:
        from tui_lm.cli.complete_history import read_history

        turns = read_history(history)
    answer = _answer(completer, WritingContext(text or "", author, turns), n)
    if json_output:
        import json

        print(json.dumps(answer))
    else:
        _print(answer)
    model_option.remember_model(folder)


def _answer(completer: Completer, context: WritingContext, n: int) -> dict[str, Any]:
    """The JSON answer: candidates and ghost, and replies if there is a history and no text."""
    from dataclasses import asdict

    answer = asdict(completer.complete(context, n=n))
    if context.history and not context.text:
        answer["replies"] = [asdict(reply) for reply in completer.replies(context, n=n)]
    return answer


def _print(answer: dict[str, Any]) -> None:
    """Print the replies if there are any, else the candidates and the ghost."""
    if replies := answer.get("replies"):
        for reply in replies:
            print(visible_line(reply["text"]))
        return
    for candidate in answer["candidates"]:
        print(f"{candidate['probability']:6.1%}  {visible_line(candidate['text'])}")
    if answer["ghost"]:
        print(f" ghost  {visible_line(answer['ghost'])}")


def serve_shell(shell: int, model: str | None, author: str | None) -> None:
    """Answer the requests of a shell until its process ends. Nothing is learned from them."""
    import signal
    import sys

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C at the prompt must not end this process

    from tui_lm.completion import Completer, prompt_line

    completer = Completer.open(model_option.resolve_model(model, "language"), private=True)

    def write(answer: str) -> None:
        sys.stdout.buffer.write(answer.encode("utf-8", "replace"))
        sys.stdout.flush()

    prompt_line.serve(completer, prompt_line.requests(sys.stdin.fileno(), shell), write, author)
