"""`tui-lm complete`: the words one could mean, once or over a pipe."""

from __future__ import annotations

from typing import Annotated

import typer

from tui_lm.cli import model as model_option
from tui_lm.errors import TuiLmError


def complete(
    text: Annotated[
        str | None, typer.Argument(help="A message as far as it is typed; nothing: its first word.")
    ] = None,
    model: Annotated[str | None, typer.Option(*model_option.OPTION, help=model_option.HELP)] = None,
    n: Annotated[int, typer.Option("-n", min=0, max=100, help="At most so many words.")] = 3,
    author: Annotated[str | None, typer.Option("--as", metavar="AUTHOR", help="Who types.")] = None,
    json_output: Annotated[bool, typer.Option("--json", help="One JSON object: candidates, ghost.")] = False,
    stdio: Annotated[
        bool, typer.Option("--stdio", help="Answer a JSON object a line on stdin, until it ends.")
    ] = False,
    shell: Annotated[
        int | None,
        typer.Option(
            metavar="PID", help="With --stdio: plain lines, as `tui-lm shell-init` sends them, for that shell."
        ),
    ] = None,
    private: Annotated[bool, typer.Option("--private", help="With --stdio: learn nothing from what is sent.")] = False,
) -> None:
    """Complete the word being typed at the end of TEXT: candidates with their probabilities, then the ghost text."""
    import sys

    if shell is not None:
        if not stdio or text is not None or json_output:
            raise TuiLmError("--shell goes with --stdio", "`tui-lm shell-init` prints what uses both", exit_code=2)
        serve_shell(shell, model, author)
        return
    if stdio and (text is not None or json_output or author is not None):
        raise TuiLmError(
            "--stdio takes no TEXT, --json or --as",
            'send a line such as {"id": 1, "text": "see you tom", "author": "Ann"} on stdin',
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
    suggestion = completer.complete(text or "", n=n, author=author)
    if json_output:
        import json
        from dataclasses import asdict

        print(json.dumps(asdict(suggestion)))
    else:
        from tui_lm.cli.generate import visible

        for candidate in suggestion.candidates:
            print(f"{candidate.probability:6.1%}  {visible(candidate.text)}")
        if suggestion.ghost:
            print(f" ghost  {visible(suggestion.ghost)}")
    model_option.remember_model(folder)


def serve_shell(shell: int, model: str | None, author: str | None) -> None:
    """Answer the lines of one shell, a process, for as long as it lives. Nothing is learned from them."""
    import signal
    import sys

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C at the prompt is meant for the line

    from tui_lm.completion import Completer, prompt_line

    completer = Completer.open(model_option.resolve_model(model, "language"), private=True)

    def write(answer: str) -> None:
        sys.stdout.buffer.write(answer.encode("utf-8", "replace"))
        sys.stdout.flush()

    prompt_line.serve(completer, prompt_line.requests(sys.stdin.fileno(), shell), write, author)
