"""The training loop: step after step, with evaluations, and a return to the last good snapshot after a failure."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

import torch

from trainers import device as devices
from trainers import optim
from trainers.best import BestModel
from trainers.config import TrainingConfig
from trainers.job import TrainingJob
from trainers.pace import Pace
from trainers.ranks import Ranks
from trainers.run_state import RunState
from trainers.snapshot import Snapshot
from trainers.task import Task
from tui_lm import events
from tui_lm.architecture import count_parameters
from tui_lm.errors import TuiLmError
from tui_lm.events import CheckpointSaved, Evaluated, Event, RolledBack, RunFinished, RunStarted, StepDone

REPORTS = 400  # StepDone events of a run, about
WIND_DOWN = 0.15  # share of the remaining steps in which a run that no longer improves ends
MOST_ROLLBACKS = 5
DIVERGED = 2.0  # times the best validation loss


class FailureError(Exception):
    """A step or an evaluation went wrong, and the run can continue from its last good snapshot."""


class Loop:
    """One run. `events` may be called once."""

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
        self.should_stop = stop
        self.pace = Pace(config.seconds, started)
        devices.keep_memory()
        self.device = devices.choose(config.device)
        self.threads = devices.Threads(self.device)
        ranks.require_same(task.train_tokens, task.valid_tokens, fingerprint(config, best.card.sources))
        self._configure(replace(config, task=task.fitted(config.task)))
        self.run = RunState(config, task, self.device, job.weights, ranks)
        self.good: Snapshot | None = None  # of the last evaluation without a failure
        self.log: list[str] = []

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
        run = self.run
        yield self._started()
        if self.job.continues_chat and not self.job.resume:
            yield self._base_evaluated()
        self.good = self.good or self._snapshot()
        batches = run.epochs.batches(self.config.task)
        ended = stopped = False
        while not (ended or stopped):
            self.threads.choose()
            try:
                norm = self._train_step(batches)
                self._calibrate()
                ended, stopped = run.step >= (run.schedule.end or math.inf), self.ranks.any(self.should_stop())
                if ended or self._due(REPORTS):
                    yield self._report(norm)
                if ended or stopped or self._due(run.evaluations):
                    yield from self._evaluate()
            except (RuntimeError, MemoryError, FailureError) as error:
                yield self._recover(error)
                batches = run.epochs.batches(self.config.task)
                ended = stopped = False
        finished = self._finished(ended)
        if self.ranks.first:
            self.best.save([*self.log, events.to_json(finished)], None if ended else self.good, now=True)
        yield finished

    def _train_step(self, batches: Iterator[Any]) -> torch.Tensor:
        """One step: forward, backward, clip, update the weights and their average. Returns the gradient's norm."""
        run = self.run
        for batch in islice(batches, self.step_batches):
            own, weight = self.ranks.part(batch)
            loss, run.state = self.task.loss(run.replica, own, run.state, self.config.task, self.device)
            if self.ranks.size > 1:
                loss = loss * weight
            loss = loss / self.step_batches
            loss.backward()
            run.losses += loss.detach()
        norm = torch.nn.utils.clip_grad_norm_(run.model.parameters(), self.config.grad_clip)
        optim.update(run.optimizers, run.learning_rate)
        run.step += 1
        run.ema.update(run.step)
        return norm

    def _evaluate(self) -> Iterator[Event]:
        """Validate the averaged weights, keep them if they are the best, and save."""
        run = self.run
        with run.ema.applied():
            loss, bits = self._validate()
            if not loss < DIVERGED * self.best.loss:
                raise FailureError("the validation loss rose far above its best")
            better = self.best.offer(run.model, run.step, loss, bits)
            evaluated = self.best.kept if better else self.best.as_now(run.model)
        self._stop_early(better)
        self.good = None  # before the new one is made: of a large network, two are more than the rest of the memory
        self.good = self._snapshot()
        yield Evaluated(run.step, loss, bits, better, self.pace.spent())
        if self.ranks.first:
            yield self.task.sample(evaluated, run.step, self.config.seed)
            if self.best.save(self.log, self.good):
                yield CheckpointSaved(run.step, str(self.best.folder))

    def _base_evaluated(self) -> Evaluated:
        """Validate the base, on messages that it has not been trained on either, before the first step."""
        loss, bits = self._validate()
        self.best.remember_base(loss, bits)
        return Evaluated(0, loss, bits, False, self.pace.spent())

    def _validate(self) -> tuple[float, float | None]:
        """(nats a predicted token, bits a character), measured by the first process."""
        loss, bits = self.task.validate(self.run.model, self.device) if self.ranks.first else (math.nan, None)
        loss, bits = self.ranks.of_first(loss, math.nan if bits is None else bits)
        return loss, None if math.isnan(bits) else bits

    def _stop_early(self, better: bool) -> None:
        """Wind the run down after `patience` evaluations without a better loss."""
        run = self.run
        run.stale = 0 if better else run.stale + 1
        patience = max(2, round(self.config.patience * run.evaluations / self.config.evaluations))
        if run.stale == patience and not run.winding_down and run.schedule.end is not None:
            run.winding_down = True
            left = run.schedule.end - run.step
            run.schedule.replan(run.step, max(1, int(left * WIND_DOWN)))

    def _calibrate(self) -> None:
        """Convert a time budget into steps and evaluations, once the pace is known."""
        run = self.run
        if run.schedule.end is None:
            planned = self.pace.calibrated(run.step, self.evaluation_steps, self.config.evaluations)
            end, evaluations = self.ranks.of_first(*(planned or (0, 0)))
            if end:
                run.schedule.end, run.evaluations = int(end), int(evaluations)

    def _due(self, times: int) -> bool:
        """Whether an event that occurs `times` in a run, the last time at its end, occurs at this step."""
        end = self.run.schedule.end
        return end is not None and self.run.step % max(1, -(-end // times)) == 0

    def _started(self) -> RunStarted:
        card = self.best.card
        parameters = count_parameters(card.architecture)
        tokens = (self.task.train_tokens, self.task.valid_tokens)
        return RunStarted(card.name, card.description, self.device, parameters, *tokens, self.run.schedule.end)

    def _finished(self, ended: bool) -> RunFinished:
        best, reason = self.best, "early stop" if self.run.winding_down else "finished"
        reason = reason if ended else "interrupted"
        return RunFinished(reason, self.run.step, best.step, best.loss, best.bits, self.pace.spent(), str(best.folder))

    def _report(self, norm: torch.Tensor) -> StepDone:
        """The figures since the last report. Here a run with a time budget follows the speed of its machine."""
        run = self.run
        steps, seconds = self.pace.since_report(run.step)
        loss = self.ranks.total(run.losses.item())[0] / self.ranks.size / steps
        run.losses.zero_()
        end = run.schedule.end or run.step
        (affordable,) = self.ranks.of_first(self.pace.replanned(run.step, end - run.step) or 0)
        if affordable and not run.winding_down:
            run.schedule.replan(run.step, int(affordable))
            end = run.schedule.end or run.step
        if not math.isfinite(loss):
            raise FailureError("the loss is no longer a number")
        return StepDone(
            run.step,
            end,
            run.step / self.epoch_steps,
            loss,
            run.learning_rate,
            float(norm),
            steps * self.task.train_tokens / self.epoch_steps / seconds,
            self.pace.spent(),
            self.pace.left((end - run.step) * seconds / steps),
        )

    def _snapshot(self) -> Snapshot:
        return self.run.snapshot(self.config.task.batch, self.pace.spent(), self.job.files)

    def _resume(self) -> None:
        """Continue from the folder's snapshot. The time spent before counts against a time budget."""
        self.good = Snapshot.load(self.best.folder)
        numbers = self.good.numbers
        self._configure(replace(self.config, task=self.config.task.with_batch(numbers["batch"])))
        self.run.restore(self.good)
        self.run.rollbacks = numbers["rollbacks"]
        self.pace.begin(self.run.step, numbers["spent"])
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
        self.run.rollbacks += 1
        if self.good is None or self.run.rollbacks > MOST_ROLLBACKS:
            raise TuiLmError(
                f"the training diverges: {reason}, even at 1/{2**MOST_ROLLBACKS} of the learning rate",
                "the best model so far is kept; try a smaller learning_rate",
                about="set",
            )
        self.run.restore(self.good)
        return RolledBack(self.run.step, reason, self.run.learning_rate)

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
        for optimizer in self.run.optimizers:
            optimizer.zero_grad(set_to_none=True)
        self.run.restore(self.good)
        self._configure(replace(self.config, task=task.with_batch(task.batch // 2)))
        self.run.state, self.run.epochs.done = None, 0
        reason = f"memory ran out; {task.BATCH} is {task.batch // 2} from here on"
        return RolledBack(self.run.step, reason, self.run.learning_rate)

    def _configure(self, config: TrainingConfig) -> None:
        self.config = config
        batches = self.task.steps_in_epoch(config.task)
        self.step_batches = batches if config.descent == "batch" else 1
        self.epoch_steps = batches / self.step_batches
        # The tokens that an evaluation reads, counted in training steps.
        self.evaluation_steps = self.task.evaluated_tokens * self.epoch_steps / self.task.train_tokens


def fingerprint(config: TrainingConfig, sources: Sequence[str]) -> int:
    """A number by which processes detect that they do not run the same job."""
    return zlib.crc32(repr((config, sources)).encode())
