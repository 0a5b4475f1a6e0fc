"""A tiny corpus and a run on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.conftest import AUTHORS, TEXTS
from trainers import job
from trainers.config import TrainingConfig
from trainers.job import TrainingJob
from trainers.plan import Wishes
from trainers.run import run
from trainers.task_settings import StreamSettings
from tui_lm import checkpoint, tokenizers
from tui_lm.architecture import Recurrent
from tui_lm.checkpoint import Card
from tui_lm.corpus import Corpus, Utterance
from tui_lm.events import Evaluated, Event
from tui_lm.split import Fractions
from tui_lm.tokenizers import Specials, Tokenizers

UTTERANCES = [Utterance(AUTHORS[i % 2], TEXTS[i % 6]) for i in range(400)]
CORPUS = Corpus(
    "chat",
    Fractions(),
    "fingerprint",
    utterances={"train": UTTERANCES[:360], "val": UTTERANCES[360:380], "test": UTTERANCES[380:]},
)
TOKENIZER = tokenizers.train("char", TEXTS, Specials(AUTHORS))
CONFIG = TrainingConfig(
    Recurrent("lstm", TOKENIZER.vocab_size, 8, 24, authors=len(AUTHORS) + 1),
    StreamSettings(8, 16),
    steps=60,
    device="cpu",
    evaluations=6,
)

Train = Callable[..., Iterator[Event]]


@pytest.fixture
def train() -> Train:
    def start(
        folder: Path, config: TrainingConfig = CONFIG, *, resume: bool = False, **options: object
    ) -> Iterator[Event]:
        card = Card(folder.name, "chat", config.architecture, "char", authors=AUTHORS)
        return run(TrainingJob(CORPUS, Tokenizers.shared(TOKENIZER), config, card, folder, resume), **options)  # type: ignore[arg-type]

    return start


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Where sums are made in one order, so that equal means equal."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def require_same_after_a_cut(corpus: Corpus, author: str | None, wishes: Wishes, home: Path) -> None:
    """A run that is cut off at its fourth evaluation and resumed ends with the weights of one that is not cut off."""
    list(run(job.new(corpus, home / "whole", author, wishes)))
    cut = run(job.new(corpus, home / "cut", author, wishes))
    evaluations = (event for event in cut if isinstance(event, Evaluated))
    for _ in range(4):
        next(evaluations)
    del evaluations, cut
    assert checkpoint.is_unfinished(home / "cut")
    list(run(job.resumed(corpus, home / "cut")))
    whole, resumed = (checkpoint.load(home / name).weights for name in ("whole", "cut"))
    for name, weight in whole.items():
        np.testing.assert_array_equal(resumed[name], weight)
