"""A run as a generator of events, in one process or in several that train together. This imports torch."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext

from trainers import device as devices
from trainers.attachments import Attachments
from trainers.best import BestModel
from trainers.job import TrainingJob
from trainers.language import LanguageTask
from trainers.launch import AnotherFailedError, is_first
from trainers.lesson import Lesson
from trainers.loop import Loop
from trainers.ranks import Ranks, lost_another
from trainers.vectors.run import VectorRun
from tui_lm import checkpoint
from tui_lm.architecture import WordVectors, count_parameters
from tui_lm.events import Event

BYTES_A_PARAMETER = 16  # arrays of a model folder with its snapshot: weights, and weights and two moments in float32


def run(job: TrainingJob, *, started: float | None = None, stop: Callable[[], bool] = lambda: False) -> Iterator[Event]:
    """Train, yield what happens, and keep the model of the best validation loss in the job's folder.

    `started` (of `time.monotonic`) is the start of the time budget; `stop` is asked at every step. A corpus without a
    validation part is evaluated on its training part. If torchrun or `trainers.launch` has started several processes,
    all have to run this with the same job; all yield the same events, but only the first writes. Raises TuiLmError if
    the folder cannot be written, the run cannot be resumed, another process trains the model or has ended.
    """
    started = time.monotonic() if started is None else started
    with checkpoint.training(job.folder) if is_first() else nullcontext():
        if is_first():
            checkpoint.require_room(job.folder, BYTES_A_PARAMETER * count_parameters(job.config.architecture))
        if isinstance(job.config.architecture, WordVectors):
            yield from VectorRun(job, started, stop).events()
            return
        gc.freeze()  # torch stays until the process ends: collecting it at exit would take half a second
        attachments = Attachments.of(job)
        ranks = Ranks.join(devices.choose(job.config.device))
        try:
            best = BestModel(job.card, job.tokenizers, job.folder, attachments)
            task = job.task.create(job.config, job.corpus, job.tokenizers)
            if job.lesson is not None:
                assert isinstance(task, LanguageTask)
                task = task.taught(Lesson.load(job.lesson))
            yield from Loop(job, task, best, ranks, started, stop).events()
            if job.lesson is not None and not checkpoint.is_unfinished(job.folder):
                job.lesson.unlink(missing_ok=True)
        except RuntimeError as error:
            if ranks.size > 1 and lost_another(error):
                raise AnotherFailedError from error
            raise
        finally:
            ranks.leave()
