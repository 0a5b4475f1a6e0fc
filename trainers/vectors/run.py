"""The run of word vectors: steps without validation, samples of neighbours, and a folder to resume from."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from trainers.job import TrainingJob
from trainers.launch import started_together
from trainers.snapshot import Snapshot
from trainers.vectors.learners import INPUTS, Learner
from tui_lm import checkpoint, events
from tui_lm.architecture import count_parameters
from tui_lm.checkpoint import SavedModel
from tui_lm.errors import TuiLmError
from tui_lm.events import CheckpointSaved, Event, RunFinished, RunStarted, Sampled, StepDone
from tui_lm.vectors.words import Words

REPORT_EVERY = 0.5  # seconds
SAMPLE_EVERY = 10.0  # seconds
SAVE_EVERY = 10.0  # seconds
RESERVE = 0.3  # seconds of a time budget for saving
SAMPLED = 200  # the most frequent words, of which one is shown with its neighbours
NEIGHBOURS = 5


class VectorRun:
    """`events` may be called once. The rate follows the steps, or the seconds of a time budget."""

    def __init__(self, job: TrainingJob, started: float, stop: Callable[[], bool]) -> None:
        if started_together():
            raise TuiLmError("word vectors are learned in one process", "leave out the number of devices", 2)
        self.job, self.should_stop, self.started = job, stop, started
        learner: Any = job.task.create(job.config, job.corpus, job.tokenizers)
        self.learner: Learner = learner
        if job.weights is not None:
            self.learner.begin(job.weights[INPUTS])
        self.step, self.loss = 0, 0.0
        self.log: list[str] = []

    def events(self) -> Iterator[Event]:
        threads = torch.get_num_threads()
        torch.set_num_threads(1)  # the steps are so short that two threads only wait for each other
        try:
            with torch.no_grad():
                for event in self._learn():
                    if events.stored(event):
                        self.log.append(events.to_json(event))
                    yield event
        finally:
            torch.set_num_threads(threads)

    def _learn(self) -> Iterator[Event]:
        if self.job.resume:
            self._resume()
        card, stream = self.job.card, self.learner.stream
        size = count_parameters(card.architecture)
        yield RunStarted(card.name, card.description, "cpu", size, len(stream), 0, self.job.config.steps)
        reported = saved = sampled = time.monotonic()
        since, stopped = self.step, False
        while (done := self._done()) < 1 and not (stopped := self.should_stop()):
            now = time.monotonic()
            due = now - reported >= REPORT_EVERY or self.step == since
            rate = self.learner.rate(done)
            measured = self.learner.step(self.step, rate, measure=due)
            self.step += 1
            if not due:
                continue
            self.loss = measured
            if not np.isfinite(measured):
                raise TuiLmError("the training diverges", "try a smaller learning_rate or batch", about="set")
            if self.step - 1 > since:
                yield self._report(rate, (self.step - 1 - since) / max(1e-9, now - reported))
                reported, since = now, self.step - 1
            if now - sampled >= SAMPLE_EVERY:
                yield self._sample()
                sampled = now
            if now - saved >= SAVE_EVERY:
                self._save(resumable=True)
                yield CheckpointSaved(self.step, str(self.job.folder))
                saved = time.monotonic()
        yield self._report(self.learner.rate(1), 0.0)
        yield self._sample()
        reason = "interrupted" if stopped else "finished"
        finished = RunFinished(reason, self.step, self.step, self.loss, None, self._spent(), str(self.job.folder))
        self._save(resumable=stopped, last=finished)
        yield finished

    def _done(self) -> float:
        """The share of the run that is over."""
        config = self.job.config
        if config.steps is not None:
            return self.step / config.steps
        budget = max(1e-9, (config.seconds or 0.0) - RESERVE)
        return self._spent() / budget if self.step else 0.0

    def _spent(self) -> float:
        return time.monotonic() - self.started

    def _report(self, rate: float, pace: float) -> StepDone:
        """`pace` in steps a second. The gradient has no norm of its own: it is 0."""
        done, epoch = max(1e-9, self._done()), self.step / self.learner.steps_in_epoch
        steps = self.job.config.steps or max(self.step, round(self.step / min(1.0, done)))
        words = pace * len(self.learner.stream) / self.learner.steps_in_epoch
        left = (steps - self.step) / pace if pace else 0.0
        return StepDone(self.step, steps, epoch, self.loss, rate, 0.0, words, self._spent(), left)

    def _sample(self) -> Sampled:
        """A frequent word and its neighbours now."""
        words = Words(self.learner.tokenizer.words, self.learner.vectors())
        chance = np.random.default_rng([self.job.config.seed, self.step])
        word = words.names[int(chance.integers(min(SAMPLED, len(words.names))))]
        near = words.nearest(words.matrix[words.ids[word]], NEIGHBOURS, without=[word])
        return Sampled(self.step, None, f"{word}: {', '.join(each.word for each in near)}")

    def _save(self, *, resumable: bool, last: RunFinished | None = None) -> None:
        words = len(self.learner.tokenizer.words)
        metrics: dict[str, Any] = {"best_step": self.step, "training_loss": self.loss, "words": words}
        card = replace(self.job.card, metrics={**self.job.card.metrics, **metrics})
        log = self.log if last is None else [*self.log, events.to_json(last)]
        snapshot = self._snapshot() if resumable else None
        model = SavedModel(card, self.job.tokenizers, self.learner.weights())
        checkpoint.save(self.job.folder, model, log, lambda folder: None if snapshot is None else snapshot.save(folder))

    def _snapshot(self) -> Snapshot:
        files = {use: list(paths) for use, paths in self.job.files.items()}
        numbers = {"step": self.step, "spent": self._spent(), "loss": self.loss, "files": files}
        return Snapshot(self.learner.tensors(), numbers)

    def _resume(self) -> None:
        snapshot = Snapshot.load(self.job.folder)
        self.learner.restore(snapshot.tensors)
        self.step, self.loss = snapshot.numbers["step"], snapshot.numbers["loss"]
        self.started = time.monotonic() - snapshot.numbers["spent"]
        self.log = (self.job.folder / checkpoint.EVENTS).read_text("utf-8").splitlines()
