"""Settings by hand: `--set learning_rate=0.01`, or the lines of a run.toml, over what the plan chose."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from trainers.config import OPTIMIZERS, TrainingConfig
from tui_lm.errors import TuiLmError

# What the command line, the text or the tokenizer decide.
GIVEN = {"architecture", "family", "vocab_size", "steps", "seconds", "seed", "device", "rates"}
DROP = "drop_"  # before the names of DropRates


def keys(config: TrainingConfig) -> dict[str, Any]:
    """Every setting that may be set by hand, with its value."""
    values = {field.name: getattr(config, field.name) for field in fields(config)}
    values |= {field.name: getattr(config.architecture, field.name) for field in fields(config.architecture)}
    values |= {DROP + field.name: getattr(config.rates, field.name) for field in fields(config.rates)}
    return {name: value for name, value in values.items() if name not in GIVEN}


def read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise TuiLmError(
            f"{path.name} cannot be read as TOML", "it holds lines such as learning_rate = 0.01", exit_code=2
        ) from error


def parse(assignments: Sequence[str]) -> dict[str, Any]:
    """The values of `key=value` strings, written as in TOML; a bare word is text."""
    values: dict[str, Any] = {}
    for assignment in assignments:
        key, equals, text = assignment.partition("=")
        if not equals:
            raise TuiLmError(f"--set {key} has no value", "write --set key=value", exit_code=2)
        try:
            values[key.strip()] = tomllib.loads(f"value = {text}")["value"]
        except (ValueError, RecursionError):
            values[key.strip()] = text.strip()
    return values


def override(config: TrainingConfig, values: Mapping[str, Any]) -> TrainingConfig:
    """The config with `values` set. Raises TuiLmError for an unknown key or a value that does not fit."""
    known = keys(config)
    for key, value in values.items():
        if key not in known:
            raise TuiLmError(f"there is no setting called {key}", _nearest(key, sorted(known)), exit_code=2)
        if key == "optimizer" and value not in OPTIMIZERS:
            raise TuiLmError(f"there is no optimizer called {value}", _nearest(str(value), OPTIMIZERS), exit_code=2)
        if not _fits(value, known[key]):
            raise TuiLmError(f"{key} cannot be {value!r}", f"the plan has {known[key]!r} there", exit_code=2)
    rates = {key.removeprefix(DROP): float(value) for key, value in values.items() if key.startswith(DROP)}
    shape = {field.name for field in fields(config.architecture)}
    own: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in values.items()
        if not key.startswith(DROP)
    }
    inner: dict[str, Any] = {key: own.pop(key) for key in shape & own.keys()}
    try:
        return replace(
            config,
            architecture=replace(config.architecture, **inner),
            rates=replace(config.rates, **rates),
            **own,
        )
    except ValueError as error:
        raise TuiLmError(f"these settings do not go together: {error}", "change one of them", exit_code=2) from error


def _nearest(word: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    return f"did you mean {near[0]}?" if near else f"choose one of {', '.join(known)}"


def _fits(value: Any, model: Any) -> bool:
    """Whether a value has the type of the one that it replaces; a whole number may stand for a fraction."""
    if isinstance(model, bool) or isinstance(value, bool):
        return isinstance(model, bool) and isinstance(value, bool)
    if isinstance(model, float):
        return isinstance(value, (int, float))
    if isinstance(model, tuple):
        return isinstance(value, list) and len(value) == len(model) and all(_fits(v, model[0]) for v in value)
    return isinstance(value, type(model))
