"""The training loop: a generator of events that leaves the best model so far in its folder, however it ends."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from trainers import device as devices
from trainers.best import BestModel, as_saved
from trainers.config import TrainingConfig
from trainers.data import IGNORED, Batch, TextStream, epoch, fitting_streams, steps_in_epoch
from trainers.optim import Schedule, adamw
from trainers.validation import validate
from tui_lm import events, models
from tui_lm.architecture import count_parameters
from tui_lm.checkpoint import Card
from tui_lm.corpus import Corpus
from tui_lm.engine import Engine
from tui_lm.events import CheckpointSaved, Evaluated, Event, RunFinished, RunStarted, Sampled, StepDone
from tui_lm.models.model import State
from tui_lm.sampling import Sampler
from tui_lm.tokenizers import Tokenizer

CALIBRATION = (10, 40)  # the steps between which a time budget is turned into a number of steps
RESERVE = 0.05  # of a time budget, for evaluations and saving
LATE = 0.7  # of a time budget, after which a run that cannot keep it winds down
REPORTS = 400  # StepDone events of a run, about
WIND_DOWN = 0.15  # of the steps that are left, when validation no longer gets better
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
) -> Iterator[Event]:
    """Train on `corpus`, yield what happens, keep the model of the best validation loss in `folder`.

    `started` (of `time.monotonic`) is when the budget of time began; `stop` is asked at every step. A corpus without
    a validation part is judged by its training part. Raises TuiLmError where the folder cannot be written.
    """
    log: list[str] = []
    for event in _Run(config, corpus, tokenizer, card, folder, log, started, stop).events():
        if events.stored(event):
            log.append(events.to_json(event))
        yield event


class _Run:
    """The moving parts of one run."""

    def __init__(
        self,
        config: TrainingConfig,
        corpus: Corpus,
        tokenizer: Tokenizer,
        card: Card,
        folder: Path,
        log: list[str],
        started: float | None,
        stop: Callable[[], bool],
    ) -> None:
        self.started = time.monotonic() if started is None else started
        self.should_stop = stop
        torch.manual_seed(config.seed)
        devices.keep_memory()
        self.device = devices.choose(config.device)
        self.train = TextStream.of(corpus.utterances["train"], tokenizer, corpus.kind)
        self.valid = TextStream.of(corpus.utterances["val"], tokenizer, corpus.kind)
        if not self.valid.units:
            self.valid = self.train
        self.config = replace(config, streams=fitting_streams(len(self.train), config.streams, config.chunk))
        self.epoch_steps = steps_in_epoch(self.train, self.config.streams, config.chunk)
        self.model = models.create(config.architecture, config.rates).to(self.device)
        self.optimizer = adamw(self.model, config, self.device)
        self.schedule = Schedule(config.learning_rate, config.warmup, config.steps)
        self.generator = np.random.default_rng(config.seed)
        self.tokenizer, self.log = tokenizer, log
        self.best = BestModel(card, tokenizer, folder)
        self.step = 0
        self.stale = 0  # evaluations since the best
        self.no_longer_better = False
        self.losses = torch.zeros((), device=self.device)  # summed since the last report
        self.reported = (0, self.started)

    def events(self) -> Iterator[Event]:
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
        calibration_began = 0.0
        reason = "finished"
        state: State | None = None
        for batch in self._batches():
            state, norm = self._update(batch, state)
            self.step += 1
            if self.step == CALIBRATION[0]:
                calibration_began = time.monotonic()
            if self.step == CALIBRATION[1] and self.schedule.end is None:
                self._calibrate(calibration_began)
            ended = self.schedule.end is not None and self.step >= self.schedule.end
            stopped = self.should_stop()
            if ended or self._due(REPORTS):
                yield self._report(norm)
                self._keep_to_the_budget()
            if ended or stopped or self._due(self.config.evaluations):
                yield from self._evaluate()
                if self.best.save(self.log):
                    yield CheckpointSaved(self.step, str(self.best.folder))
            if stopped:
                reason = "interrupted"
            elif ended and self.no_longer_better:
                reason = "early stop"
            if ended or stopped:
                break
        finished = RunFinished(
            reason,
            self.step,
            self.best.step,
            self.best.loss,
            self.best.bits,
            time.monotonic() - self.started,
            str(self.best.folder),
        )
        self.best.save([*self.log, events.to_json(finished)], now=True)
        yield finished

    def _batches(self) -> Iterator[Batch]:
        config = self.config
        while True:
            yield from epoch(self.train, config.streams, config.chunk, config.reset, config.unnamed, self.generator)

    def _update(self, batch: Batch, state: State | None) -> tuple[State, torch.Tensor]:
        """One step of the weights. Returns the state after the batch and the gradient's norm."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.schedule.rate(self.step)
        if state is not None:
            state = self.model.carry(state, batch.fresh.to(self.device))
        with devices.autocast(self.device):
            logits, state = self.model(batch.inputs.to(self.device), state)
        targets = batch.targets.to(self.device).flatten()
        loss = F.cross_entropy(logits.float().flatten(0, 1), targets, ignore_index=IGNORED)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.config.clip)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.losses += loss.detach()
        return state, norm

    def _calibrate(self, began: float) -> None:
        """Turn the budget of time into a number of steps, once."""
        assert self.config.seconds is not None
        now = time.monotonic()
        pace = (now - began) / (CALIBRATION[1] - CALIBRATION[0])
        left = self.config.seconds * (1 - RESERVE) - (now - self.started)
        self.schedule.end = self.step + max(1, int(left / pace))

    def _keep_to_the_budget(self) -> None:
        """Wind down in time where the machine has become much slower than it was when the steps were counted."""
        if self.config.seconds is None or self.schedule.end is None or self.schedule.winding_down:
            return
        spent = time.monotonic() - self.started
        left = self.config.seconds - spent
        pace = spent / self.step
        affordable = max(1, int(left / pace))
        if spent > LATE * self.config.seconds and self.schedule.end - self.step > 2 * affordable:
            self.schedule.wind_down(self.step, affordable)

    def _due(self, times: int) -> bool:
        """Whether something that happens `times` in a run happens at this step."""
        if self.schedule.end is None:
            return False
        return self.step % max(1, self.schedule.end // times) == 0

    def _report(self, norm: torch.Tensor) -> StepDone:
        step, now = self.step, time.monotonic()
        steps, seconds = step - self.reported[0], now - self.reported[1]
        loss = self.losses.item() / max(1, steps)
        self.losses.zero_()
        self.reported = (step, now)
        end = self.schedule.end or step
        tokens = steps * self.config.streams * self.config.chunk
        return StepDone(
            step,
            end,
            step / self.epoch_steps,
            loss,
            self.schedule.rate(step),
            float(norm),
            tokens / max(seconds, 1e-9),
            now - self.started,
            (end - step) * seconds / max(1, steps),
        )

    def _evaluate(self) -> Iterator[Event]:
        loss, bits = validate(self.model, self.valid, self.device)
        counted = bits if self.tokenizer.lossless else None
        better = self.best.offer(self.model, self.step, loss, counted)
        self.stale = 0 if better else self.stale + 1
        yield Evaluated(self.step, loss, counted, better, time.monotonic() - self.started)
        yield self._sample()
        if self.stale == self.config.patience and not self.no_longer_better and self.schedule.end is not None:
            self.no_longer_better = True
            left = self.schedule.end - self.step
            self.schedule.wind_down(self.step, max(1, int(left * WIND_DOWN)))

    def _sample(self) -> Sampled:
        """A message as the model writes now, by its authors in turn."""
        engine = Engine(as_saved(self.model, self.best.card, self.tokenizer))
        authors = engine.authors or (None,)
        author = authors[self.generator.integers(len(authors))] if engine.kind == "chat" else None
        answer = engine.generate(author=author, sampler=SAMPLE, max_new_tokens=SAMPLE_TOKENS, seed=self.step)
        return Sampled(self.step, author, answer.text)
