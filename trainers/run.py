"""The training loop: a generator of events that leaves the best model so far in its folder, however it ends."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from trainers import device as devices
from trainers import optim, transfer
from trainers.best import BestModel, as_saved
from trainers.config import TrainingConfig
from trainers.data import IGNORED, Batch, TextStream, epoch, fitting_chunk, fitting_streams, steps_in_epoch, windows
from trainers.pace import Pace
from trainers.snapshot import Snapshot, capture_tensors, restore_tensors
from trainers.validation import validate
from tui_lm import events, models
from tui_lm.architecture import count_parameters
from tui_lm.checkpoint import Card
from tui_lm.corpus import Corpus
from tui_lm.engine import Engine
from tui_lm.errors import TuiLmError
from tui_lm.events import CheckpointSaved, Evaluated, Event, RolledBack, RunFinished, RunStarted, Sampled, StepDone
from tui_lm.models.model import State
from tui_lm.sampling import Sampler
from tui_lm.tokenizers import Tokenizer

REPORTS = 400  # StepDone events of a run, about
WIND_DOWN = 0.15  # of the steps that are left, when validation no longer gets better
MOST_ROLLBACKS = 5
DIVERGED = 2.0  # times the best validation loss
SAMPLE = Sampler(temperature=0.7)
SAMPLE_TOKENS = 120


def run(
    config: TrainingConfig,
    corpus: Corpus,
    tokenizer: Tokenizer,
    card: Card,
    folder: Path,
    *,
    started: float | None = None,
    stop: Callable[[], bool] = lambda: False,
    resume: bool = False,
    weights: Mapping[str, NDArray[Any]] | None = None,
    attach: Callable[[Path], None] = lambda folder: None,
) -> Iterator[Event]:
    """Train on `corpus`, yield what happens, keep the model of the best validation loss in `folder`.

    `started` (of `time.monotonic`) is when the budget of time began; `stop` is asked at every step; `resume` goes on
    from the snapshot in `folder`; `weights` are those to begin from instead of random ones; `attach` writes what else
    belongs into the folder. A corpus without a validation part is judged by its training part. Raises TuiLmError where
    the folder cannot be written or nothing can be resumed.
    """
    yield from _Run(config, corpus, tokenizer, card, folder, started, stop, weights, attach).events(resume)


class _Run:
    """The moving parts of one run."""

    def __init__(
        self,
        config: TrainingConfig,
        corpus: Corpus,
        tokenizer: Tokenizer,
        card: Card,
        folder: Path,
        started: float | None,
        stop: Callable[[], bool],
        weights: Mapping[str, NDArray[Any]] | None,
        attach: Callable[[Path], None],
    ) -> None:
        self.pace = Pace(config.seconds, started)
        self.should_stop = stop
        torch.manual_seed(config.seed)
        devices.keep_memory()
        self.device = devices.choose(config.device)
        self.threads = devices.Threads(self.device)
        self.train = TextStream.of(corpus.utterances["train"], tokenizer, corpus.kind)
        self.valid = TextStream.of(corpus.utterances["val"], tokenizer, corpus.kind)
        if not self.valid.units:
            self.valid = self.train
        self.config = config = replace(config, chunk=fitting_chunk(len(self.train), config.chunk))
        self._set_streams(fitting_streams(len(self.train), config.streams, config.chunk))
        self.model = models.create(config.architecture, config.rates).to(self.device)
        transfer.begin(self.model, weights, config.frozen)
        self.optimizers = optim.create(self.model, config, self.device)
        self.schedule = optim.Schedule(config.learning_rate, config.warmup, config.steps)
        self.generator = np.random.default_rng(config.seed)
        self.epoch_began: Mapping[str, Any] = {}  # the generator's state then, from which its batches come again
        self.chunk = 0  # batches of this epoch that are done
        self.state: State | None = None
        self.tokenizer = tokenizer
        self.best = BestModel(card, tokenizer, folder, attach)
        self.log: list[str] = []
        self.step = 0
        self.stale = 0  # evaluations since the best
        self.no_longer_better = False
        self.rollbacks = 0
        self.good: Snapshot | None = None  # of the last evaluation that was no disaster
        self.losses = torch.zeros((), device=self.device)  # summed since the last report

    def events(self, resume: bool) -> Iterator[Event]:
        if resume:
            self._resume()
        try:
            for event in self._train():
                if events.stored(event):
                    self.log.append(events.to_json(event))
                yield event
        finally:
            self.threads.restore()

    def _train(self) -> Iterator[Event]:
        card = self.best.card
        yield RunStarted(
            card.name,
            card.description,
            self.device,
            count_parameters(card.architecture),
            len(self.train),
            len(self.valid),
            self.schedule.end,
        )
        self.good = self.good or self._snapshot()
        batches = self._batches()
        while True:
            trouble: RolledBack | None = None
            self.threads.choose()
            try:
                norm = self._update(next(batches))
            except (RuntimeError, MemoryError) as error:
                trouble = self._halve_batch(error)
            if trouble is None:
                self.schedule.end = self.schedule.end or self.pace.calibrated(self.step)
                ended = self.schedule.end is not None and self.step >= self.schedule.end
                stopped = self.should_stop()
                if ended or self._due(REPORTS):
                    report = self._report(norm)
                    if math.isfinite(report.loss):
                        yield report
                    else:
                        trouble = self._roll_back("the loss is no longer a number")
            if trouble is None and (ended or stopped or self._due(self.config.evaluations)):
                loss, bits = validate(self.model, self.valid, self.device)
                if loss < DIVERGED * self.best.loss:
                    yield from self._judge(loss, bits)
                    if self.best.save(self.log, self.good):
                        yield CheckpointSaved(self.step, str(self.best.folder))
                else:
                    trouble = self._roll_back("the loss on validation grew far above its best")
            if trouble is not None:
                yield trouble
                batches = self._batches()
            elif ended or stopped:
                break
        finished = RunFinished(
            "interrupted" if not ended else "early stop" if self.no_longer_better else "finished",
            self.step,
            self.best.step,
            self.best.loss,
            self.best.bits,
            self.pace.spent(),
            str(self.best.folder),
        )
        self.best.save([*self.log, events.to_json(finished)], None if ended else self.good, now=True)
        yield finished

    def _batches(self) -> Iterator[Batch]:
        """The text, epoch after epoch, from where the run is."""
        config, done = self.config, self.chunk
        while True:
            if done:
                self.generator.bit_generator.state = self.epoch_began
            self.epoch_began = self.generator.bit_generator.state
            reading = epoch if self.model.context is None else windows
            batches = reading(self.train, config.streams, config.chunk, config.reset, config.unnamed, self.generator)
            for self.chunk, batch in enumerate(islice(batches, done, None), start=done + 1):
                yield batch
            self.chunk = done = 0

    def _update(self, batch: Batch) -> torch.Tensor:
        """One step of the weights. Returns the gradient's norm."""
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = self._rate() * group["relative_rate"]
        state = None if self.state is None else self.model.carry(self.state, batch.fresh.to(self.device))
        with devices.autocast(self.device):
            logits, self.state = self.model(batch.inputs.to(self.device), state)
        targets = batch.targets.to(self.device).flatten()
        loss = F.cross_entropy(logits.float().flatten(0, 1), targets, ignore_index=IGNORED)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.config.clip)
        for optimizer in self.optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        self.losses += loss.detach()
        self.step += 1
        return norm

    def _rate(self) -> float:
        """The learning rate of this step: what the schedule says, halved at every rollback."""
        return self.schedule.rate(self.step) * 0.5**self.rollbacks

    def _due(self, times: int) -> bool:
        """Whether something that happens `times` in a run happens at this step."""
        if self.schedule.end is None:
            return False
        return self.step % max(1, self.schedule.end // times) == 0

    def _report(self, norm: torch.Tensor) -> StepDone:
        steps, seconds = self.pace.since_report(self.step)
        loss = self.losses.item() / steps
        self.losses.zero_()
        end = self.schedule.end or self.step
        affordable = self.pace.affordable(self.step, end - self.step)
        if affordable is not None and not self.schedule.winding_down:
            self.schedule.wind_down(self.step, affordable)
        return StepDone(
            self.step,
            end,
            self.step / self.epoch_steps,
            loss,
            self._rate(),
            float(norm),
            steps * self.config.streams * self.config.chunk / seconds,
            self.pace.spent(),
            (end - self.step) * seconds / steps,
        )

    def _judge(self, loss: float, bits: float) -> Iterator[Event]:
        """What an evaluation means for the run."""
        counted = bits if self.tokenizer.lossless else None
        better = self.best.offer(self.model, self.step, loss, counted)
        self.stale = 0 if better else self.stale + 1
        if self.stale == self.config.patience and not self.no_longer_better and self.schedule.end is not None:
            self.no_longer_better = True
            left = self.schedule.end - self.step
            self.schedule.wind_down(self.step, max(1, int(left * WIND_DOWN)))
        self.good = self._snapshot()
        yield Evaluated(self.step, loss, counted, better, self.pace.spent())
        yield self._sample()

    def _sample(self) -> Sampled:
        """A message as the model writes now, by its authors in turn."""
        engine = Engine(as_saved(self.model, self.best.card, self.tokenizer))
        authors = engine.authors or (None,)
        chance = np.random.default_rng([self.config.seed, self.step])
        author = authors[chance.integers(len(authors))] if engine.kind == "chat" else None
        answer = engine.generate(author=author, sampler=SAMPLE, max_new_tokens=SAMPLE_TOKENS, seed=self.step)
        return Sampled(self.step, author, answer.text)

    def _snapshot(self) -> Snapshot:
        return Snapshot(
            capture_tensors(self.model, self.optimizers, self.state),
            {
                "step": self.step,
                "chunk": self.chunk,
                "epoch_began": self.epoch_began,
                "schedule": asdict(self.schedule),
                "stale": self.stale,
                "no_longer_better": self.no_longer_better,
                "rollbacks": self.rollbacks,
                "spent": self.pace.spent(),
                "streams": self.config.streams,
            },
        )

    def _restore(self, snapshot: Snapshot) -> None:
        numbers = snapshot.numbers
        self.state = restore_tensors(snapshot.tensors, self.model, self.optimizers, self.device)
        self.step, self.chunk, self.epoch_began = numbers["step"], numbers["chunk"], numbers["epoch_began"]
        self.schedule = optim.Schedule(**numbers["schedule"])
        self.stale, self.no_longer_better = numbers["stale"], numbers["no_longer_better"]
        self.losses.zero_()

    def _resume(self) -> None:
        """Go on from the folder's snapshot. The time spent before counts against a budget of time."""
        self.good = Snapshot.load(self.best.folder)
        numbers = self.good.numbers
        self._set_streams(numbers["streams"])
        self._restore(self.good)
        self.rollbacks = numbers["rollbacks"]
        self.pace.go_on(self.step, numbers["spent"])
        self.log = self.best.take_up()

    def _roll_back(self, reason: str) -> RolledBack:
        """Back to the last good moment, at half the rate."""
        self.rollbacks += 1
        if self.good is None or self.rollbacks > MOST_ROLLBACKS:
            raise TuiLmError(
                f"the training diverges: {reason}, also at a {2**MOST_ROLLBACKS}th of the learning rate",
                "the best model so far is kept; try a smaller --set learning_rate",
            )
        self._restore(self.good)
        return RolledBack(self.step, reason, self._rate())

    def _halve_batch(self, error: RuntimeError | MemoryError) -> RolledBack:
        """Where memory ran out, go on with half as many streams, from the last good moment."""
        told = str(error).lower()
        if not isinstance(error, MemoryError) and "out of memory" not in told and "allocate memory" not in told:
            raise error
        if self.good is None or self.config.streams == 1:
            raise TuiLmError("this network does not fit into memory", "choose a smaller --size") from error
        for optimizer in self.optimizers:
            optimizer.zero_grad(set_to_none=True)
        self._restore(self.good)
        self._set_streams(self.config.streams // 2)
        self.state, self.chunk = None, 0
        return RolledBack(self.step, f"memory ran out; {self.config.streams} streams from here on", self._rate())

    def _set_streams(self, streams: int) -> None:
        self.config = replace(self.config, streams=streams)
        self.epoch_steps = steps_in_epoch(self.train, streams, self.config.chunk)
