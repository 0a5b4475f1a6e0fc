"""The n-grams of a training part. They are counted once and stored in the model's folder."""

from __future__ import annotations

from pathlib import Path

from trainers.job import TrainingJob
from trainers.launch import is_first
from tui_lm.completion import ngram_files
from tui_lm.completion.ngrams import Ngrams
from tui_lm.completion.training_counts import build
from tui_lm.utterances import latest

COUNTED = 10_000_000  # characters, the latest ones: a vocabulary drifts, and counts take memory


class NgramCounts:
    """Written into the folder at the run's first save; later saves take the file of the folder that they replace."""

    def __init__(self, previous: Path, ngrams: Ngrams | None) -> None:
        self.previous, self.ngrams = previous, ngrams

    @classmethod
    def of(cls, job: TrainingJob) -> NgramCounts:
        """Count the training part; a resumed run and a process that does not write count nothing."""
        writes = job.card.purpose == "language" and is_first() and not job.resume
        counted = latest(job.corpus.utterances["train"], COUNTED) if writes else ()
        return cls(job.folder, build(counted) if counted else None)

    def __call__(self, folder: Path) -> None:
        if self.ngrams is not None:
            ngram_files.save(self.ngrams, folder)
            self.ngrams = None
        else:
            ngram_files.pass_on(self.previous, folder)
