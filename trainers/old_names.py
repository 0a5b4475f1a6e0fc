"""The names that settings had in version 0.1.0: in its model folders, and accepted by `--set` for one version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trainers.task_settings import ReplySettings, StreamSettings, TaskSettings, TranslationSettings, WindowSettings
from tui_lm.architecture import Seq2Seq
from tui_lm.checkpoint import Card

GENERAL = {"clip": "grad_clip", "frozen": "frozen_layers", "average": "ema", "compiled": "compile"}
TASK: dict[type[TaskSettings], dict[str, str]] = {
    StreamSettings: {
        "streams": "batch_size",
        "chunk": "sequence_length",
        "reset": "state_reset",
        "unnamed": "author_dropout",
    },
    WindowSettings: {
        "streams": "batch_size",
        "chunk": "sequence_length",
        "reset": "text_start",
        "unnamed": "author_dropout",
    },
    TranslationSettings: {"smoothing": "label_smoothing"},
    ReplySettings: {"reset": "no_context", "unnamed": "author_dropout", "smoothing": "label_smoothing"},
}
DROPOUT, OLD_DROPOUT = "dropout_", "drop_"  # before the name of where dropout is applied
CHUNK = 64  # tokens: with sentence pairs a batch of 0.1.0 held streams x chunk tokens


def current_settings(values: Mapping[str, Any], task: TaskSettings) -> tuple[dict[str, Any], dict[str, str]]:
    """`--set` values under their current names, and the current name of each old one that was used."""
    names = GENERAL | TASK.get(type(task), {})
    found: dict[str, Any] = {}
    used: dict[str, str] = {}
    for key, value in values.items():
        if key.startswith(OLD_DROPOUT):
            used[key] = DROPOUT + key.removeprefix(OLD_DROPOUT)
        elif key in names:
            used[key] = names[key]
        elif key in ("streams", "chunk") and task.BATCH == "batch_tokens":
            used[key] = "batch_tokens"
            streams, chunk = values.get("streams", task.batch // CHUNK), values.get("chunk", CHUNK)
            value = streams * chunk if isinstance(streams, int) and isinstance(chunk, int) else None
        found[used.get(key, key)] = value
    return found, used


def old_task(card: Card) -> str:
    """The name of the task that a model of 0.1.0 was trained for."""
    if not isinstance(card.architecture, Seq2Seq):
        return "language"
    return "translation" if card.kind == "pairs" else "replies"


def current_training(values: Mapping[str, Any], settings: type[TaskSettings]) -> dict[str, Any]:
    """The training settings of a card of 0.1.0 in the current form."""
    task_names = TASK[settings]
    task: dict[str, Any] = {task_names[key]: value for key, value in values.items() if key in task_names}
    if settings.BATCH == "batch_tokens":
        task["batch_tokens"] = values["streams"] * values["chunk"]
    of_tasks = {"streams", "chunk", "reset", "unnamed", "smoothing"}
    general = {GENERAL.get(key, key): value for key, value in values.items() if key not in of_tasks}
    general["dropout"] = general.pop("rates")
    return {**general, "task": {"name": settings.TASK, **task}}


def current_numbers(numbers: Mapping[str, Any], card: Card) -> dict[str, Any]:
    """The numbers of a snapshot of 0.1.0 in the current form; `card` is of the model folder that it lies in."""
    found = dict(numbers)
    if "streams" in found:
        streams = found.pop("streams")
        found["batch"] = streams * card.training["chunk"] if isinstance(card.architecture, Seq2Seq) else streams
    return found
