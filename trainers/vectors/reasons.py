"""The reasons for the plan of word vectors, for `tui-lm train --explain`."""

from __future__ import annotations

from trainers.config import TrainingConfig
from trainers.vectors.kind import EPOCHS, WORDS_SEEN
from trainers.vectors.settings import GloveSettings, NegativeSamplingSettings, PpmiSettings
from tui_lm.architecture import WordVectors


def reasons(config: TrainingConfig, tokens: int) -> list[str]:
    """A line a choice; `tokens` are those of the training text."""
    shape, settings = config.architecture, config.task
    assert isinstance(shape, WordVectors)
    lines = [f"vectors: {shape.dim} numbers for each of the words that occur at least {_min_count(settings)} times"]
    match settings:
        case PpmiSettings():
            lines.append("length: power iterations of the singular value decomposition; more of them change little")
        case GloveSettings():
            lines.append("length: passes over all pairs of words that occur together, at a constant rate (AdaGrad)")
        case NegativeSamplingSettings():
            lines += [
                f"length: {WORDS_SEEN:,} words in all without a limit, in {EPOCHS[0]} to {EPOCHS[1]} passes; the text "
                f"has {tokens:,} tokens",
                f"batch: {settings.batch_words:,} words; larger ones would repeat the most frequent word so often that "
                "the sum of its gradients overshoots",
                f"rate: {config.learning_rate:g}, that of the papers' programs, falling to zero at the end",
            ]
    return lines


def _min_count(settings: object) -> int:
    assert isinstance(settings, NegativeSamplingSettings | GloveSettings | PpmiSettings)
    return settings.min_count
