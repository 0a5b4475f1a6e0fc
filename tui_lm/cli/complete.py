"""`tui-lm complete`: the words one could mean, or the replies one could send, once or over a pipe."""

from __future__ import annotations

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
        str | None, typer.Argument(help="A message as far as it is typed; nothing: its first word, or a reply.")
    ] = None,
    model: Annotated[str | None, typer.Option(*model_option.OPTION, help=model_option.HELP)] = None,
    n: Annotated[int, typer.Option("-n", min=0, max=100, help="At most so many words or replies.")] = 3,
    author: Annotated[str | None, typer.Option("--as", metavar="AUTHOR", help="Who types.")] = None,
    history: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help='The messages before: a chat export, lines such as "Bob: when?", or [["Bob", "when?"]]; - is stdin. '
            "With no TEXT: whole replies to the last one.",
        ),
    ] = None,
    json_output: Annotated[
        bool, typer.Option("--json", help="One JSON object: candidates, ghost; with no TEXT but a history, replies.")
    ] = False,
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
    """Complete the word being typed at the end of TEXT: candidates with their probabilities, then the ghost text.

    With a history and no TEXT: short replies to the last message, different from one another.
    """
    import sys

    if shell is not None:
        if not stdio or text is not None or json_output or history is not None:
            raise TuiLmError("--shell goes with --stdio", "`tui-lm shell-init` prints what uses both", exit_code=2)
        serve_shell(shell, model, author)
        return
    if stdio and (text is not None or json_output or author is not None or history is not None):
        raise TuiLmError(
            "--stdio takes no TEXT, --json, --as or --history",
            'send a line such as {"id": 1, "text": "see you tom", "author": "Ann", "history": []} on stdin',
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
    from tui_lm.cli.complete_history import read_history
    from tui_lm.tokenizers.stream import WritingContext

    turns = () if history is None else read_history(history)
    answer = _answer(completer, WritingContext(text or "", author, turns), n)
    if json_output:
        import json

        print(json.dumps(answer))
    else:
        _print(answer)
    model_option.remember_model(folder)


def _answer(completer: Completer, context: WritingContext, n: int) -> dict[str, Any]:
    """What is printed: candidates and ghost, and replies where nothing is typed after a history."""
    from dataclasses import asdict

    answer = asdict(completer.complete(context, n=n))
    if context.history and not context.text:
        answer["replies"] = [asdict(reply) for reply in completer.replies(context, n=n)]
    return answer


def _print(answer: dict[str, Any]) -> None:
    """The replies, where there are some; else the words and the ghost."""
    if replies := answer.get("replies"):
        for reply in replies:
            print(visible_line(reply["text"]))
        return
    for candidate in answer["candidates"]:
        print(f"{candidate['probability']:6.1%}  {visible_line(candidate['text'])}")
    if answer["ghost"]:
        print(f" ghost  {visible_line(answer['ghost'])}")


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
