"""A run: what is learned from a corpus, by a loop that is a generator of events, by one process or several."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from trainers import device as devices
from trainers.best import BestModel
from trainers.config import TrainingConfig
from trainers.language import LanguageTask
from trainers.launch import AnotherFailedError
from trainers.loop import Loop
from trainers.pairs import PairTask
from trainers.ranks import Ranks, lost_another
from trainers.replies import reply_task
from trainers.task import Task
from tui_lm.architecture import Seq2Seq
from tui_lm.checkpoint import Card
from tui_lm.corpus import Corpus
from tui_lm.events import Event
from tui_lm.tokenizers import Tokenizers


def run(
    config: TrainingConfig,
    corpus: Corpus,
    tokenizers: Tokenizers,
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
    belongs into the folder. A corpus without a validation part is judged by its training part. Where torchrun or
    `trainers.launch` has started several processes, all have to run this with the same corpus and config, and all yield
    the same events, but the first alone writes. Raises TuiLmError where the folder cannot be written, nothing can be
    resumed, or another process has ended.
    """
    ranks = Ranks.join(devices.choose(config.device))
    try:
        best = BestModel(card, tokenizers, folder, attach)
        task = _task(config, corpus, tokenizers)
        yield from Loop(config, task, best, started, stop, weights, ranks).events(resume)
    except RuntimeError as error:
        if ranks.size > 1 and lost_another(error):
            raise AnotherFailedError from error
        raise
    finally:
        ranks.leave()


def _task(config: TrainingConfig, corpus: Corpus, tokenizers: Tokenizers) -> Task:
    if corpus.kind == "pairs":
        return PairTask.of(corpus, tokenizers)
    if isinstance(config.architecture, Seq2Seq):
        return reply_task(corpus, tokenizers.target, config.unnamed, config.reset)
    return LanguageTask.of(corpus, tokenizers.target)
