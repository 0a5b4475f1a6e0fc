"""The training loop: step after step, with evaluations, and a return to the last good snapshot after a failure."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from typing import Any

import torch

from trainers import device as devices
from trainers import optim, transfer
from trainers.best import BestModel
from trainers.config import TrainingConfig
from trainers.ema import Ema
from trainers.epochs import Epochs
from trainers.job import TrainingJob
from trainers.pace import Pace
from trainers.ranks import Ranks
from trainers.snapshot import Snapshot, capture_tensors, restore_tensors
from trainers.task import Task
from tui_lm import events, models
from tui_lm.architecture import count_parameters
from tui_lm.errors import TuiLmError
from tui_lm.events import CheckpointSaved, Evaluated, Event, RolledBack, RunFinished, RunStarted, StepDone
from tui_lm.models.model import State

REPORTS = 400  # StepDone events of a run, about
WIND_DOWN = 0.15  # share of the remaining steps in which a run that no longer improves ends
MOST_ROLLBACKS = 5
DIVERGED = 2.0  # times the best validation loss


class FailureError(Exception):
    """A step or an evaluation went wrong, and the run can continue from its last good snapshot."""


class Loop:
    """The moving parts of one run. `events` may be called once."""

    def __init__(
        self,
        job: TrainingJob,
        task: Task[Any],
        best: BestModel,
        ranks: Ranks,
        started: float,
        stop: Callable[[], bool],
    ) -> None:
        config = job.config
        self.job, self.task, self.best, self.ranks = job, task, best, ranks
        self.pace = Pace(config.seconds, started)
        self.should_stop = stop
        torch.manual_seed(config.seed)
        devices.keep_memory()
        self.device = devices.choose(config.device)
        self.threads = devices.Threads(self.device)
        ranks.require_same(task.train_tokens, task.valid_tokens, fingerprint(config, best.card.sources))
        self._configure(replace(config, task=task.fitted(config.task)))
        self.model = models.create(config.architecture, config.dropout).to(self.device)
        transfer.begin(self.model, job.weights, config.frozen_layers)
        network = devices.compiled(self.model) if config.compile else self.model
        self.replica = ranks.replicated(network, self.device)
        if not ranks.first:  # the weights are the first process's, but dropout on other streams needs another seed
            torch.manual_seed(config.seed + ranks.rank)
        self.ema = Ema(self.model, config.ema)
        self.optimizers = optim.create(self.model, config, self.device)
        self.schedule = optim.Schedule(config.learning_rate, config.warmup, config.steps)
        self.evaluations = config.evaluations  # fewer if the time budget is short
        self.epochs = Epochs(task, self.model, config.seed)
        self.state: State | None = None
        self.log: list[str] = []
        self.step = 0
        self.stale = 0  # evaluations since the best
        self.winding_down = False  # after `patience` evaluations without a better loss
        self.rollbacks = 0
        self.good: Snapshot | None = None  # of the last evaluation without a failure
        self.losses = torch.zeros((), device=self.device)  # summed since the last report

    def events(self) -> Iterator[Event]:
        """Train from the beginning, or from the snapshot of a job that is resumed."""
        if self.job.resume:
            self._resume()
        else:
            self.pace.begin(0, self.pace.spent())
        try:
            for event in self._train():
                if events.stored(event):
                    self.log.append(events.to_json(event))
                yield event
        finally:
            self.threads.restore()

    def _train(self) -> Iterator[Event]:
        yield self._started()
        self.good = self.good or self._snapshot()
        batches = self.epochs.batches(self.config.task)
        ended = stopped = False
        while not (ended or stopped):
            self.threads.choose()
            try:
                norm = self._train_step(next(batches))
                self._calibrate()
                ended, stopped = self.step >= (self.schedule.end or math.inf), self.ranks.any(self.should_stop())
                if ended or self._due(REPORTS):
                    yield self._report(norm)
                if ended or stopped or self._due(self.evaluations):
                    yield from self._evaluate()
            except (RuntimeError, MemoryError, FailureError) as error:
                yield self._recover(error)
                batches = self.epochs.batches(self.config.task)
                ended = stopped = False
        finished = self._finished(ended)
        if self.ranks.first:
            self.best.save([*self.log, events.to_json(finished)], None if ended else self.good, now=True)
        yield finished

    def _train_step(self, batch: Any) -> torch.Tensor:
        """One step: forward, backward, clip, update the weights and their average. Returns the gradient's norm."""
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = self._learning_rate() * group["relative_rate"]
        own, weight = self.ranks.part(batch)
        loss, self.state = self.task.loss(self.replica, own, self.state, self.config.task, self.device)
        if self.ranks.size > 1:
            loss = loss * weight
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.config.grad_clip)
        for optimizer in self.optimizers:
            optim.step(optimizer)
            optimizer.zero_grad(set_to_none=True)
        self.losses += loss.detach()
        self.step += 1
        self.ema.update(self.step)
        return norm

    def _evaluate(self) -> Iterator[Event]:
        """Validate the averaged weights, keep them if they are the best, and save."""
        with self.ema.applied():
            loss, bits = self._validate()
            if not loss < DIVERGED * self.best.loss:
                raise FailureError("the validation loss rose far above its best")
            better = self.best.offer(self.model, self.step, loss, bits)
            evaluated = self.best.as_now(self.model)
        self._stop_early(better)
        self.good = self._snapshot()
        yield Evaluated(self.step, loss, bits, better, self.pace.spent())
        if self.ranks.first:
            yield self.task.sample(evaluated, self.step, self.config.seed)
            if self.best.save(self.log, self.good):
                yield CheckpointSaved(self.step, str(self.best.folder))

    def _validate(self) -> tuple[float, float | None]:
        """(nats a predicted token, bits a character), measured by the first process."""
        loss, bits = self.task.validate(self.model, self.device) if self.ranks.first else (math.nan, None)
        loss, bits = self.ranks.of_first(loss, math.nan if bits is None else bits)
        return loss, None if math.isnan(bits) else bits

    def _stop_early(self, better: bool) -> None:
        """Wind the run down after `patience` evaluations without a better loss."""
        self.stale = 0 if better else self.stale + 1
        patience = max(2, round(self.config.patience * self.evaluations / self.config.evaluations))
        if self.stale == patience and not self.winding_down and self.schedule.end is not None:
            self.winding_down = True
            left = self.schedule.end - self.step
            self.schedule.wind_down(self.step, max(1, int(left * WIND_DOWN)))

    def _calibrate(self) -> None:
        """Convert a time budget into steps and evaluations, once the pace is known."""
        if self.schedule.end is None:
            planned = self.pace.calibrated(self.step, self.evaluation_steps, self.config.evaluations)
            end, evaluations = self.ranks.of_first(*(planned or (0, 0)))
            if end:
                self.schedule.end, self.evaluations = int(end), int(evaluations)

    def _learning_rate(self) -> float:
        """The rate of this step: the schedule's, halved by every rollback."""
        return self.schedule.rate(self.step) * 0.5**self.rollbacks

    def _due(self, times: int) -> bool:
        """Whether an event that occurs `times` in a run, the last time at its end, occurs at this step."""
        if self.schedule.end is None:
            return False
        return self.step % max(1, -(-self.schedule.end // times)) == 0

    def _started(self) -> RunStarted:
        card = self.best.card
        parameters = count_parameters(card.architecture)
        tokens = (self.task.train_tokens, self.task.valid_tokens)
        return RunStarted(card.name, card.description, self.device, parameters, *tokens, self.schedule.end)

    def _finished(self, ended: bool) -> RunFinished:
        best, reason = self.best, "early stop" if self.winding_down else "finished"
        reason = reason if ended else "interrupted"
        return RunFinished(reason, self.step, best.step, best.loss, best.bits, self.pace.spent(), str(best.folder))

    def _report(self, norm: torch.Tensor) -> StepDone:
        steps, seconds = self.pace.since_report(self.step)
        loss = self.ranks.total(self.losses.item())[0] / self.ranks.size / steps
        self.losses.zero_()
        end = self.schedule.end or self.step
        (affordable,) = self.ranks.of_first(self.pace.affordable(self.step, end - self.step) or 0)
        if affordable and not self.schedule.winding_down:
            self.schedule.wind_down(self.step, int(affordable))
        if not math.isfinite(loss):
            raise FailureError("the loss is no longer a number")
        return StepDone(
            self.step,
            end,
            self.step / self.epoch_steps,
            loss,
            self._learning_rate(),
            float(norm),
            steps * self.task.train_tokens / self.epoch_steps / seconds,
            self.pace.spent(),
            (end - self.step) * seconds / steps,
        )

    def _snapshot(self) -> Snapshot:
        batch = self.config.task.batch
        return Snapshot(
            capture_tensors(self.model, self.optimizers, self.ema, self.state, batch, self.ranks),
            {
                "step": self.step,
                "chunk": self.epochs.done,
                "epoch_began": self.epochs.began,
                "schedule": asdict(self.schedule),
                "evaluations": self.evaluations,
                "stale": self.stale,
                "no_longer_better": self.winding_down,
                "rollbacks": self.rollbacks,
                "spent": self.pace.spent(),
                "batch": batch,
            },
        )

    def _restore(self, snapshot: Snapshot) -> None:
        numbers = snapshot.numbers
        self.state = restore_tensors(snapshot.tensors, self.model, self.optimizers, self.ema, self.device, self.ranks)
        self.step, self.epochs.done, self.epochs.began = numbers["step"], numbers["chunk"], numbers["epoch_began"]
        self.schedule = optim.Schedule(**numbers["schedule"])
        self.evaluations = numbers["evaluations"]
        self.stale, self.winding_down = numbers["stale"], numbers["no_longer_better"]
        self.losses.zero_()

    def _resume(self) -> None:
        """Continue from the folder's snapshot. The time spent before counts against a time budget."""
        self.good = Snapshot.load(self.best.folder)
        numbers = self.good.numbers
        self._configure(replace(self.config, task=self.config.task.with_batch(numbers["batch"])))
        self._restore(self.good)
        self.rollbacks = numbers["rollbacks"]
        self.pace.begin(self.step, numbers["spent"])
        self.log = self.best.take_up()

    def _recover(self, error: RuntimeError | MemoryError | FailureError) -> RolledBack:
        """Return to the last good snapshot: with half the learning rate, or with half the batch if memory ran out."""
        if isinstance(error, FailureError):
            return self._halve_rate(str(error))
        told = str(error).lower()
        if isinstance(error, MemoryError) or "out of memory" in told or "allocate memory" in told:
            return self._halve_batch(error)
        raise error

    def _halve_rate(self, reason: str) -> RolledBack:
        self.rollbacks += 1
        if self.good is None or self.rollbacks > MOST_ROLLBACKS:
            raise TuiLmError(
                f"the training diverges: {reason}, even at 1/{2**MOST_ROLLBACKS} of the learning rate",
                "the best model so far is kept; try a smaller learning_rate",
                about="set",
            )
        self._restore(self.good)
        return RolledBack(self.step, reason, self._learning_rate())

    def _halve_batch(self, error: RuntimeError | MemoryError) -> RolledBack:
        task = self.config.task
        if self.ranks.size > 1:
            raise TuiLmError(
                "memory ran out in one of the processes",
                f"set a smaller {task.BATCH} than {task.batch}, or choose a smaller network",
                about="set",
            ) from error
        if self.good is None or task.batch == 1:
            raise TuiLmError("this network does not fit into memory", "choose a smaller one", about="size") from error
        for optimizer in self.optimizers:
            optimizer.zero_grad(set_to_none=True)
        self._restore(self.good)
        self._configure(replace(self.config, task=task.with_batch(task.batch // 2)))
        self.state, self.epochs.done = None, 0
        reason = f"memory ran out; {task.BATCH} is {task.batch // 2} from here on"
        return RolledBack(self.step, reason, self._learning_rate())

    def _configure(self, config: TrainingConfig) -> None:
        self.config = config
        self.epoch_steps = self.task.steps_in_epoch(config.task)
        # The tokens that an evaluation reads, counted in training steps.
        self.evaluation_steps = self.task.evaluated_tokens * self.epoch_steps / self.task.train_tokens


def fingerprint(config: TrainingConfig, sources: Sequence[str]) -> int:
    """A number by which processes detect that they do not run the same job."""
    return zlib.crc32(repr((config, sources)).encode())
