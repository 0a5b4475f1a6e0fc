"""Follows the training, including one that an earlier run of the app started, and reports its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.timer import Timer

from tui_lm.safe_text import visible, visible_line
from tui_lm.tui.host import Host, News
from tui_lm.tui.jobs.models import Models
from tui_lm.tui.jobs.training_process import Training

if TYPE_CHECKING:
    from tui_lm import events

_EVERY = 0.25  # seconds between two looks at the events


@dataclass(frozen=True)
class TrainingTold(News):
    """The events since the last look; none if the training has only started or ended."""

    events: Sequence[events.Event]


class TrainingWatch:
    """At most one training at a time."""

    def __init__(self, host: Host, models: Models, training: Training) -> None:
        self.training = training
        self.base = ""  # the model that the user wants to train on, until the Train screen offers it
        self._host, self._models = host, models
        self._timer: Timer | None = None

    def start(self, *arguments: str, source: str) -> None:
        """Start a training in a child process. Raises TuiLmError if one is running."""
        self.training.start(arguments, source)
        self._follow()

    def find(self) -> None:
        """Follow the training that an earlier run of the app left running, if there is one."""
        if not self.training.running and self.training.find():  # a quick hand may have started one already
            self._follow()

    def _follow(self) -> None:
        self._timer = self._host.set_interval(_EVERY, self.look)
        self.look()

    def look(self) -> None:
        """Read the events since the last look and tell the screens."""
        was_running = self.training.running
        self._host.tell(TrainingTold(self.training.poll()))
        if was_running and not self.training.running:
            if self._timer is not None:
                self._timer.stop()
            self._report_end()

    def _report_end(self) -> None:
        folder = self.training.folder
        if folder is None:
            self._host.notify(
                visible(self.training.complaint or "It ended without a model."),
                title="The training did not finish",
                severity="error",
                markup=False,
            )
            return
        where = "" if self._host.current_mode == "train" else " on the Train screen"
        self._host.notify(f"{visible_line(folder.name)} is trained. Enter{where} writes with it.", markup=False)
        if self._models.folder is None and not self.training.is_translator:
            self._models.use(folder)
