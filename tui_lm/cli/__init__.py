"""The command line: the table of commands, and the one point where an error becomes an exit code."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterable, Sequence
from importlib import import_module

import typer
from typer.exceptions import TyperException

from tui_lm.cli import app
from tui_lm.cli.flags import flag
from tui_lm.errors import TuiLmError

USAGE, INTERRUPTED = 2, 130
COMMANDS = (
    "demo", "train", "complete", "generate", "translate", "classify", "tag", "similar", "evaluate", "audit", "inspect",
    "read", "shell-init", "completion", "lsp", "serve", "models",
)  # fmt: skip


def program(commands: Iterable[str] = COMMANDS, *, listed: bool = False) -> typer.Typer:
    """The command line with the given commands only, or with their names and help only if they are just `listed`.

    Building the options of all commands takes a third of the time to start.
    """
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
        if listed:
            text = command.info.help if isinstance(command, typer.Typer) else command.__doc__
            cli.command(name, help=text)(_without_options)
        elif isinstance(command, typer.Typer):
            cli.add_typer(command, name=name)
        else:
            cli.command(cls=getattr(module, "Command", None))(command)
    return cli


def _without_options() -> None:
    """Stands for a command in the list of commands."""


def is_list(arguments: Sequence[str]) -> bool:
    """Whether `arguments` can only print the list of commands, or suggest a command for a name that is none."""
    first = arguments[0] if arguments else "-"
    return first in {"-h", "--help"} or not (first.startswith("-") or first in COMMANDS)


def needed(arguments: Sequence[str]) -> Iterable[str]:
    """The commands that `arguments` can call. All of them, for the list in --help and for a name that is no command."""
    if arguments and arguments[0] in COMMANDS:
        return arguments[:1]
    if not {"-h", "--help"} & {*arguments} and all(argument.startswith("-") for argument in arguments[:1]):
        return [name for name in COMMANDS if name in arguments]
    return COMMANDS


def main() -> None:
    """Run a command and exit: 0 success, 1 expected failure, 2 wrong usage, 130 interrupted."""
    if os.name == "nt":
        from tui_lm.system import use_utf8

        use_utf8((sys.stdout, sys.stderr))
    try:
        arguments = sys.argv[1:]
        code = program(needed(arguments), listed=is_list(arguments))(standalone_mode=False)
        sys.stdout.flush()
    except TuiLmError as error:
        code = complain(error.message, f"{error.hint}{flag(error.about)}", error.exit_code)
    except typer.Abort:
        code = INTERRUPTED
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BrokenPipeError:  # the reader of our output has closed it, as `head` does
        # Python flushes stdout again at exit, which would raise the same error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except TyperException as error:
        code = complain(error.format_message(), "`tui-lm --help` lists the commands and their options", USAGE)
    gc.freeze()  # skip the last garbage collection: the process ends anyway
    sys.exit(code or 0)


def complain(message: str, hint: str, code: int) -> int:
    """Print the error and the hint on stderr, safe for a terminal even where they quote a file. Returns `code`."""
    from tui_lm.safe_text import visible_line

    for title, text in (("error", message), ("hint", hint)):
        print(f"{title}: {visible_line(text)}", file=sys.stderr)
    return code
