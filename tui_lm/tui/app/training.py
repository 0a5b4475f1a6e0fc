"""A training is followed, whoever began it, and told of."""

from __future__ import annotations

from typing import Any

from tui_lm.safe_text import visible, visible_line
from tui_lm.tui.app.model import ModelApp
from tui_lm.tui.jobs.training import Training


class TrainingApp(ModelApp):
    """At most one training at a time."""

    def __init__(self, training: Training, **model: Any) -> None:
        super().__init__(**model)
        self.training = training

    def train(self, *arguments: str, source: str) -> None:
        """Begin a training in a process of its own. Raises TuiLmError where one is under way."""
        self.training.start(arguments, source)
        self._follow_training()

    def find_training(self) -> None:
        """Follow the one that the app left running, if there is one."""
        if not self.training.running and self.training.find():  # a quick hand may have begun one already
            self._follow_training()

    def _follow_training(self) -> None:
        self.set_interval(0.25, self.look_at_training, name="training")
        self.look_at_training()

    def look_at_training(self) -> None:
        """Read what the training has told since; every screen hears of it."""
        was_running = self.training.running
        news = self.training.poll()
        for screen in self.screens_made():
            screen.training_changed(news)
        if was_running and not self.training.running:
            for timer in list(self._timers):
                if timer.name == "training":
                    timer.stop()
            self._training_ended()

    def _training_ended(self) -> None:
        folder = self.training.folder
        if folder is None:
            self.notify(
                visible(self.training.complaint or "It ended without a model."),
                title="The training did not finish",
                severity="error",
                markup=False,
            )
            return
        where = "" if self.current_mode == "train" else " on the Train screen"
        self.notify(f"{visible_line(folder.name)} is trained. Enter{where} writes with it.", markup=False)
        if self.folder is None and not self.training.is_translator:
            self.use_model(folder)
