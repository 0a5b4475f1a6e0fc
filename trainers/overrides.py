"""Settings by hand: `--set learning_rate=0.01`, or the lines of a run.toml, replace values of the plan."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from trainers.config import DESCENTS, OPTIMIZERS, TrainingConfig
from trainers.old_names import DROPOUT
from tui_lm.errors import TuiLmError

# Decided by other options, the text or the tokenizer.
GIVEN = {
    "architecture", "task", "dropout", "family", "vocab_size", "source_vocab_size", "authors",
    "steps", "seconds", "seed", "device", "teacher", "lora",
    "head_size", "attention_bias", "qk_norm", "rope_factors",
}  # fmt: skip


def keys(config: TrainingConfig) -> dict[str, Any]:
    """Every setting that `--set` takes, with its value."""
    unused = GIVEN | config.task.UNUSED
    rates = () if DROPOUT in unused else fields(config.dropout)
    values = {DROPOUT + field.name: getattr(config.dropout, field.name) for field in rates}
    records: tuple[Any, ...] = (config, config.task, config.architecture)
    for record in records:
        values |= {field.name: getattr(record, field.name) for field in fields(record)}
    return {name: value for name, value in values.items() if name not in unused}


def read_toml(path: Path) -> dict[str, Any]:
    """The settings in a file. Raises TuiLmError for a file that is not TOML."""
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
            raise TuiLmError(f"the setting {key} has no value", "write key=value", exit_code=2, about="set")
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
        if key == "descent" and value not in DESCENTS:
            raise TuiLmError(f"descent cannot be {value}", f"choose one of {', '.join(DESCENTS)}", exit_code=2)
        if not _fits(value, known[key]):
            raise TuiLmError(f"{key} cannot be {value!r}", f"the plan has {known[key]!r}", exit_code=2)
    if any(key in values and values[key] < 1 for key in ("batch_size", "batch_tokens", "sequence_length")):
        raise TuiLmError("a batch cannot be empty", "give a number above 0", exit_code=2)
    changed: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
    dropout = {key.removeprefix(DROPOUT): float(changed.pop(key)) for key in values if key.startswith(DROPOUT)}
    try:
        return replace(
            config,
            architecture=replace(config.architecture, **_taken(changed, config.architecture)),
            task=replace(config.task, **_taken(changed, config.task)),  # type: ignore[type-var]
            dropout=replace(config.dropout, **dropout),
            **changed,
        )
    except ValueError as error:
        raise TuiLmError(f"these settings contradict each other: {error}", "change one of them", exit_code=2) from error


def _taken(values: dict[str, Any], record: Any) -> dict[str, Any]:
    """Take the fields of `record` out of `values`."""
    return {field.name: values.pop(field.name) for field in fields(record) if field.name in values}


def _nearest(word: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    return f"did you mean {near[0]}?" if near else f"choose one of {', '.join(known)}"


def _fits(value: Any, planned: Any) -> bool:
    """Whether a value has the type of the planned one; an integer may stand for a float."""
    if isinstance(planned, bool) or isinstance(value, bool):
        return isinstance(planned, bool) and isinstance(value, bool)
    if isinstance(planned, float):
        return isinstance(value, (int, float))
    if isinstance(planned, tuple):
        return isinstance(value, list) and len(value) == len(planned) and all(_fits(v, planned[0]) for v in value)
    return isinstance(value, type(planned))
