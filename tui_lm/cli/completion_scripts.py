"""Completion scripts for bash, zsh and fish, written from the commands and their options."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import typer

from tui_lm.cli.shell_init import Shell, fish_quote

FILES, MODELS, AUTHORS = "files", "models", "authors"
LIST = "tui-lm completion --list "


@dataclass(frozen=True, slots=True)
class Values:
    """The values of an option or argument: `choices`, or a `kind` of names; any text if neither is known."""

    kind: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Option:
    """An option by its `names`. `values` is None for a flag."""

    names: tuple[str, ...]
    values: Values | None
    help: str


@dataclass(frozen=True, slots=True)
class Command:
    """A command by its `path`, such as "models show". With `repeats` the last of `arguments` may be given again."""

    path: str
    help: str
    options: tuple[Option, ...]
    arguments: tuple[Values, ...]
    repeats: bool
    commands: tuple[str, ...]


def script(shell: Shell, program: typer.Typer) -> str:
    """The script for a shell that completes the command line of `program`."""
    commands = [*_commands("", typer.main.get_command(program))]
    template = files("tui_lm.cli").joinpath("shells", f"completion.{shell}").read_text("utf-8")
    return template.replace("@TABLES@", "\n".join((_fish if shell is Shell.FISH else _tables)(commands)))


def _commands(path: str, command: Any) -> Iterator[Command]:
    """A command and those below it. The classes of commands belong to the library, which keeps them private."""
    below = getattr(command, "commands", {})
    options, arguments, repeats = [Option(("--help",), None, "Show the help.")], [], False
    for parameter in command.params:
        values = _values(parameter, path)
        if parameter.param_type_name == "argument":
            arguments.append(values)
            repeats = parameter.nargs == -1
        elif not parameter.hidden:
            names = (*parameter.opts, *parameter.secondary_opts)
            options.append(Option(names, None if parameter.is_flag else values, _first_sentence(parameter.help)))
    yield Command(path, _first_sentence(command.help), tuple(options), tuple(arguments), repeats, tuple(below))
    for name, each in below.items():
        yield from _commands(f"{path} {name}".strip(), each)


def _values(parameter: Any, path: str) -> Values:
    if choices := getattr(parameter.type, "choices", None):
        return Values(choices=tuple(str(choice) for choice in choices))
    if parameter.metavar == "AUTHOR":
        return Values(AUTHORS)
    named = parameter.name == "name" and path.startswith("models ") and parameter.param_type_name == "argument"
    if parameter.name == "model" or parameter.metavar == "MODEL" or named:
        return Values(MODELS)
    return Values(FILES if type(parameter.type).__name__ == "TyperPath" else "")


def _first_sentence(help_text: str | None) -> str:
    line = " ".join((help_text or "").partition("\n\n")[0].split())
    return line.partition(". ")[0].rstrip(".")


def _tables(commands: Sequence[Command]) -> Iterator[str]:
    """Functions with tables for bash and zsh: what a word is, and which words can follow."""
    yield "_tui_lm_is_command() { case $1 in"
    yield f"  {_pattern(command.path for command in commands if command.path)}) return 0 ;; esac; return 1; }}"
    takes = [f"{command.path} {name}" for command in commands for name in _names(command) if _takes(command, name)]
    yield "_tui_lm_takes_value() { case $1 in"
    yield f"  {_pattern(takes)}) return 0 ;; esac; return 1; }}"
    yield "_tui_lm_options() { case $1 in"
    for command in commands:
        yield f"  {_pattern([command.path])}) printf '%s\\n' {_words(_names(command))} ;;"
    yield "  esac; }"
    yield "_tui_lm_values() { case $1 in"
    for command in commands:
        for option in command.options:
            if option.values is not None and (values := _printed(option.values)):
                yield f"  {_pattern(f'{command.path} {name}' for name in option.names)}) {values} ;;"
        if command.commands:
            yield f"  {_pattern([f'{command.path} 0'])}) printf '%s\\n' {_words(command.commands)} ;;"
        for i, argument in enumerate(command.arguments):
            last = command.repeats and i == len(command.arguments) - 1
            rest = f"{shlex.quote(command.path + ' ')}*" if last else _pattern([f"{command.path} {i}"])
            if values := _printed(argument):
                yield f"  {rest}) {values} ;;"
    yield "  esac; }"


def _printed(values: Values) -> str:
    """A shell command that prints the values, "" if the shell completes file names."""
    if values.choices:
        return f"printf '%s\\n' {_words(values.choices)}"
    if values.kind == AUTHORS:
        return f'{LIST}{AUTHORS} ${{2:+-m}} ${{2:+"$2"}} 2>/dev/null'
    return f"{LIST}{MODELS} 2>/dev/null" if values.kind == MODELS else ""


def _names(command: Command) -> list[str]:
    return [name for option in command.options for name in option.names]


def _takes(command: Command, name: str) -> bool:
    return any(name in option.names and option.values is not None for option in command.options)


def _words(words: Iterable[str]) -> str:
    return " ".join(shlex.quote(word) for word in words)


def _pattern(words: Iterable[str]) -> str:
    return "|".join(shlex.quote(word) for word in words)


def _fish(commands: Sequence[Command]) -> Iterator[str]:
    for command in commands:
        seen = [f"__fish_seen_subcommand_from {word}" for word in command.path.split()]
        for name in command.commands:
            if not command.path:
                where = "__fish_use_subcommand"
            else:
                where = f"{seen[0]}; and not __fish_seen_subcommand_from {' '.join(command.commands)}"
            (below,) = (each for each in commands if each.path == f"{command.path} {name}".strip())
            yield f"complete -c tui-lm -n {fish_quote(where)} -a {name} -d {fish_quote(below.help)}"
        here = f"-n {fish_quote('; and '.join(seen) or '__fish_use_subcommand')}"
        for option in command.options:
            names = " ".join(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names)
            values = "" if option.values is None else f" {_fish_values(option.values, required=True)}"
            yield f"complete -c tui-lm {here} {names}{values} -d {fish_quote(option.help)}"
        for argument in dict.fromkeys(command.arguments):
            if argument != Values():
                yield f"complete -c tui-lm {here} {_fish_values(argument, required=False)}"


def _fish_values(values: Values, *, required: bool) -> str:
    if values.choices:
        names = " ".join(values.choices)
    elif values.kind == AUTHORS:
        names = "(__tui_lm_authors)"
    elif values.kind == MODELS:
        names = f"({LIST}{MODELS} 2>/dev/null)"
    elif values.kind == FILES:
        return f"{'-r ' if required else ''}-F"
    else:
        return "-x"
    return f"{'-x ' if required else ''}-a {fish_quote(names)}"
