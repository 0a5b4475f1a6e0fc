"""The training loop: step after step, judged now and then, and back to the last good moment where it goes wrong."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from itertools import islice
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from trainers import device as devices
from trainers import optim, transfer
from trainers.average import Average
from trainers.best import BestModel
from trainers.config import TrainingConfig
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
WIND_DOWN = 0.15  # of the steps that are left, when validation no longer gets better
MOST_ROLLBACKS = 5
DIVERGED = 2.0  # times the best validation loss


class Loop:
    """The moving parts of one run. `events` may be asked for once."""

    def __init__(
        self,
        config: TrainingConfig,
        task: Task,
        best: BestModel,
        started: float | None,
        stop: Callable[[], bool],
        weights: Mapping[str, NDArray[Any]] | None,
        ranks: Ranks,
    ) -> None:
        self.ranks = ranks
        self.pace = Pace(config.seconds, started)
        self.should_stop = stop
        torch.manual_seed(config.seed)
        devices.keep_memory()
        self.device = devices.choose(config.device)
        self.threads = devices.Threads(self.device)
        self.task, self.best = task, best
        ranks.require_same(task.train_tokens, task.valid_tokens, fingerprint(config, best.card.sources))
        self._set(task.fitted(config))
        self.model = models.create(config.architecture, config.rates).to(self.device)
        transfer.begin(self.model, weights, config.frozen)
        network = devices.compiled(self.model) if config.compiled else self.model
        self.replica = ranks.replicated(network, self.device)
        if not ranks.first:  # the same weights, but what is dropped from other streams is dropped by another chance
            torch.manual_seed(config.seed + ranks.rank)
        self.average = Average(self.model, config.average)
        self.optimizers = optim.create(self.model, config, self.device)
        self.schedule = optim.Schedule(config.learning_rate, config.warmup, config.steps)
        self.evaluations = config.evaluations  # fewer where the budget of time is short for them
        self.generator = np.random.default_rng(config.seed)
        self.epoch_began: Mapping[str, Any] = {}  # the generator's state then, from which its batches come again
        self.chunk = 0  # batches of this epoch that are done
        self.state: State | None = None
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
        card = self.best.card
        yield RunStarted(
            card.name,
            card.description,
            self.device,
            count_parameters(card.architecture),
            self.task.train_tokens,
            self.task.valid_tokens,
            self.schedule.end,
        )
        self.good = self.good or self._snapshot()
        batches = self._batches()
        while True:
            trouble: RolledBack | None = None
            ended = stopped = False
            self.threads.choose()
            try:
                norm = self._update(next(batches))
            except (RuntimeError, MemoryError) as error:
                trouble = self._halve_batch(error)
            if trouble is None:
                if self.schedule.end is None:
                    self._calibrate()
                ended = self.schedule.end is not None and self.step >= self.schedule.end
                stopped = self.ranks.any(self.should_stop())
                if ended or self._due(REPORTS):
                    report = self._report(norm)
                    if math.isfinite(report.loss):
                        yield report
                    else:
                        trouble = self._roll_back("the loss is no longer a number")
            if trouble is None and (ended or stopped or self._due(self.evaluations)):
                with self.average.applied():
                    loss, bits = self._validate()
                    sane = loss < DIVERGED * self.best.loss
                    better = sane and self.best.offer(self.model, self.step, loss, bits)
                    judged = self.best.as_now(self.model)
                if sane:
                    self._judge(better)
                    yield Evaluated(self.step, loss, bits, better, self.pace.spent())
                    if self.ranks.first:
                        yield self.task.sample(judged, self.step, self.config.seed)
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
        if self.ranks.first:
            self.best.save([*self.log, events.to_json(finished)], None if ended else self.good, now=True)
        yield finished

    def _calibrate(self) -> None:
        """Turn a budget of time into steps and evaluations, once their pace is known."""
        planned = self.pace.calibrated(self.step, self.judged, self.config.evaluations)
        end, evaluations = self.ranks.of_first(*(planned or (0, 0)))
        if end:
            self.schedule.end, self.evaluations = int(end), int(evaluations)

    def _batches(self) -> Iterator[Any]:
        """The text, epoch after epoch, from where the run is."""
        done = self.chunk
        while True:
            if done:
                self.generator.bit_generator.state = self.epoch_began
            self.epoch_began = self.generator.bit_generator.state
            batches = self.task.epoch(self.config, self.model, self.generator)
            for self.chunk, batch in enumerate(islice(batches, done, None), start=done + 1):
                yield batch
            self.chunk = done = 0

    def _update(self, batch: Any) -> torch.Tensor:
        """One step of the weights. Returns the gradient's norm."""
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = self._rate() * group["relative_rate"]
        own, weight = self.ranks.part(batch)
        loss, self.state = self.task.loss(self.replica, own, self.state, self.config, self.device)
        if self.ranks.size > 1:
            loss = loss * weight
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.config.clip)
        for optimizer in self.optimizers:
            optim.step(optimizer)
            optimizer.zero_grad(set_to_none=True)
        self.losses += loss.detach()
        self.step += 1
        self.average.update(self.step)
        return norm

    def _rate(self) -> float:
        """The learning rate of this step: what the schedule says, halved at every rollback."""
        return self.schedule.rate(self.step) * 0.5**self.rollbacks

    def _due(self, times: int) -> bool:
        """Whether something that happens `times` in a run, the last time at its end, happens at this step."""
        if self.schedule.end is None:
            return False
        return self.step % max(1, -(-self.schedule.end // times)) == 0

    def _report(self, norm: torch.Tensor) -> StepDone:
        steps, seconds = self.pace.since_report(self.step)
        loss = self.ranks.total(self.losses.item())[0] / self.ranks.size / steps
        self.losses.zero_()
        end = self.schedule.end or self.step
        (affordable,) = self.ranks.of_first(self.pace.affordable(self.step, end - self.step) or 0)
        if affordable and not self.schedule.winding_down:
            self.schedule.wind_down(self.step, int(affordable))
        return StepDone(
            self.step,
            end,
            self.step / self.epoch_steps,
            loss,
            self._rate(),
            float(norm),
            steps * self.task.train_tokens / self.epoch_steps / seconds,
            self.pace.spent(),
            (end - self.step) * seconds / steps,
        )

    def _validate(self) -> tuple[float, float | None]:
        """(nats a predicted token, bits a character) as the first process finds them."""
        nothing = (math.nan, None)
        loss, bits = self.task.validate(self.model, self.device) if self.ranks.first else nothing
        loss, bits = self.ranks.of_first(loss, math.nan if bits is None else bits)
        return loss, None if math.isnan(bits) else bits

    def _judge(self, better: bool) -> None:
        """What an evaluation means for the run."""
        self.stale = 0 if better else self.stale + 1
        patience = max(2, round(self.config.patience * self.evaluations / self.config.evaluations))
        if self.stale == patience and not self.no_longer_better and self.schedule.end is not None:
            self.no_longer_better = True
            left = self.schedule.end - self.step
            self.schedule.wind_down(self.step, max(1, int(left * WIND_DOWN)))
        self.good = self._snapshot()

    def _snapshot(self) -> Snapshot:
        return Snapshot(
            capture_tensors(self.model, self.optimizers, self.average, self.state, self.config.streams, self.ranks),
            {
                "step": self.step,
                "chunk": self.chunk,
                "epoch_began": self.epoch_began,
                "schedule": asdict(self.schedule),
                "evaluations": self.evaluations,
                "stale": self.stale,
                "no_longer_better": self.no_longer_better,
                "rollbacks": self.rollbacks,
                "spent": self.pace.spent(),
                "streams": self.config.streams,
            },
        )

    def _restore(self, snapshot: Snapshot) -> None:
        numbers = snapshot.numbers
        self.state = restore_tensors(
            snapshot.tensors, self.model, self.optimizers, self.average, self.device, self.ranks
        )
        self.step, self.chunk, self.epoch_began = numbers["step"], numbers["chunk"], numbers["epoch_began"]
        self.schedule = optim.Schedule(**numbers["schedule"])
        self.evaluations = numbers["evaluations"]
        self.stale, self.no_longer_better = numbers["stale"], numbers["no_longer_better"]
        self.losses.zero_()

    def _resume(self) -> None:
        """Go on from the folder's snapshot. The time spent before counts against a budget of time."""
        self.good = Snapshot.load(self.best.folder)
        numbers = self.good.numbers
        self._set(replace(self.config, streams=numbers["streams"]))
        self._restore(self.good)
        self.rollbacks = numbers["rollbacks"]
        self.pace.begin(self.step, numbers["spent"])
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
        if self.ranks.size > 1:
            raise TuiLmError(
                "memory ran out in one of the processes",
                f"take a smaller --set streams than {self.config.streams}, or a smaller --size",
            ) from error
        if self.good is None or self.config.streams == 1:
            raise TuiLmError("this network does not fit into memory", "choose a smaller --size") from error
        for optimizer in self.optimizers:
            optimizer.zero_grad(set_to_none=True)
        self._restore(self.good)
        self._set(replace(self.config, streams=self.config.streams // 2))
        self.state, self.chunk = None, 0
        return RolledBack(self.step, f"memory ran out; {self.config.streams} streams from here on", self._rate())

    def _set(self, config: TrainingConfig) -> None:
        self.config = config
        self.epoch_steps = self.task.steps_in_epoch(config)
        self.judged = self.task.judged_tokens * self.epoch_steps / self.task.train_tokens  # by an evaluation, in steps


def fingerprint(config: TrainingConfig, sources: Sequence[str]) -> int:
    """A number that differs between runs that are not the same."""
    return zlib.crc32(repr((config, sources)).encode())
