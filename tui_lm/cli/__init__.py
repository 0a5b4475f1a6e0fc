"""The command line. The only place that turns an error into an exit code; no command loads what it does not need."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterable, Sequence
from importlib import import_module

import typer
from typer.exceptions import TyperException

from tui_lm.cli import app
from tui_lm.errors import TuiLmError

USAGE, INTERRUPTED = 2, 130
COMMANDS = (
    "demo", "train", "complete", "generate", "translate", "evaluate", "audit", "inspect", "read", "models",
    "shell-init",
)  # fmt: skip


def program(commands: Iterable[str] = COMMANDS) -> typer.Typer:
    """The command line with some of its commands: to read the options of all takes a third of the start of one."""
    cli = typer.Typer(
        name="tui-lm",
        no_args_is_help=False,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    cli.callback(invoke_without_command=True)(app.app)
    for name in commands:
        module = import_module(f"tui_lm.cli.{name.replace('-', '_')}")
        command = getattr(module, name.replace("-", "_"))
        if isinstance(command, typer.Typer):
            cli.add_typer(command, name=name)
        else:
            cli.command(cls=getattr(module, "Command", None))(command)
    return cli


def needed(arguments: Sequence[str]) -> Iterable[str]:
    """The commands that `arguments` may be about; all where help is wanted, or something that is none of them."""
    if arguments and arguments[0] in COMMANDS:
        return arguments[:1]
    if not {"-h", "--help"} & {*arguments} and all(argument.startswith("-") for argument in arguments[:1]):
        return [name for name in COMMANDS if name in arguments]
    return COMMANDS


def main() -> None:
    """Run a command and exit with its code: 0 ok, 1 expected failure, 2 usage, 130 interrupted."""
    try:
        code = program(needed(sys.argv[1:]))(standalone_mode=False)
        sys.stdout.flush()
    except TuiLmError as error:
        code = complain(error.message, error.hint, error.exit_code)
    except typer.Abort:
        code = INTERRUPTED
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BrokenPipeError:  # whoever read our output has had enough
        # Python flushes stdout once more at exit, which would complain again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except TyperException as error:
        code = complain(error.format_message(), "`tui-lm --help` lists the commands and their options", USAGE)
    gc.freeze()  # all goes with the process: nobody need look through it for what could be freed
    sys.exit(code or 0)


def complain(message: str, hint: str, code: int) -> int:
    """Two lines on stderr, whatever a file made them say; the exit code."""
    from tui_lm.safe_text import visible_line

    for title, text in (("error", message), ("hint", hint)):
        print(f"{title}: {visible_line(text)}", file=sys.stderr)
    return code
