"""The command line. The only place that turns an error into an exit code; no command loads what it does not need."""

from __future__ import annotations

import gc
import os
import sys

import typer
from typer.exceptions import TyperException

from tui_lm.cli import app as app_command
from tui_lm.cli import audit, complete, demo, evaluate, generate, inspect, models, read, shell_init, train, translate
from tui_lm.errors import TuiLmError

USAGE, INTERRUPTED = 2, 130

cli = typer.Typer(
    name="tui-lm",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
cli.callback(invoke_without_command=True)(app_command.app)
cli.command()(demo.demo)
cli.command()(train.train)
cli.command()(complete.complete)
cli.command()(generate.generate)
cli.command(cls=translate.OptionalForm)(translate.translate)
cli.command()(evaluate.evaluate)
cli.command()(audit.audit)
cli.command()(inspect.inspect)
cli.command()(read.read)
cli.add_typer(models.cli, name="models")
cli.command()(shell_init.shell_init)


def main() -> None:
    """Run a command and exit with its code: 0 ok, 1 expected failure, 2 usage, 130 interrupted."""
    try:
        code = cli(standalone_mode=False)
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
    """Two lines on stderr; the exit code."""
    print(f"error: {message}\nhint: {hint}", file=sys.stderr)
    return code
