"""What the folder of a model says about it: its card, its size and state, and how its training went."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from tui_lm import checkpoint, events
from tui_lm.checkpoint import Card
from tui_lm.errors import TuiLmError
from tui_lm.tui.jobs.training_process import TrainingProgress


@dataclass(frozen=True)
class ModelRecord:
    """`card` is None if the folder is damaged. `learned`: from typing. `unfinished`: its training can resume."""

    name: str
    card: Card | None
    size: int  # bytes
    learned: bool
    unfinished: bool


def read_card(name: str) -> Card | None:
    """The card of the model `name`; None if its folder is damaged."""
    with suppress(TuiLmError):
        return checkpoint.describe(checkpoint.find(name))
    return None


def read_record(name: str, card: Card | None) -> ModelRecord:
    folder = checkpoint.find(name)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return ModelRecord(name, card, size, any(folder.glob("learned.*")), checkpoint.is_unfinished(folder))


def read_training(name: str) -> TrainingProgress:
    """The progress of the training of `name`, from the events in its folder."""
    progress = TrainingProgress()
    with suppress(OSError, UnicodeDecodeError):
        for line in (checkpoint.find(name) / checkpoint.EVENTS).read_text("utf-8").splitlines():
            with suppress(ValueError, TypeError):
                progress.see(events.from_json(line))
    return progress
