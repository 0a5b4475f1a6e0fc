"""The preparation of a corpus for a task: a fitted tokenizer and the plan of the run. No torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trainers.config import TrainingConfig
from trainers.plan import Measured
from tui_lm.tokenizers import Tokenizer, Tokenizers
from tui_lm.tokenizers.specials import OTHER
from tui_lm.utterances import Utterance, sampled

if TYPE_CHECKING:
    from numpy.typing import NDArray

SAMPLE = 10_000_000  # characters that a tokenizer is fitted on; more of them only take longer


@dataclass(frozen=True, slots=True)
class Preparation:
    """`weights` are those to begin from, None for random ones. `labels` are those of a classifier or tagger."""

    tokenizers: Tokenizers
    config: TrainingConfig
    authors: tuple[str, ...] = ()
    weights: Mapping[str, NDArray[Any]] | None = None
    labels: tuple[str, ...] = ()


def training_texts(utterances: Sequence[Utterance]) -> list[str]:
    """The texts to fit a tokenizer on: all of them, or an even sample of a huge corpus."""
    return [utterance.text for utterance in sampled(utterances, SAMPLE)]


def measure(utterances: Sequence[Utterance], tokenizer: Tokenizer) -> Measured:
    """The size of a training part; an estimate from a sample for a huge corpus."""
    specials = tokenizer.specials
    return Measured(
        len(utterances),
        count_tokens(utterances, tokenizer),
        tokenizer.name,
        tokenizer.vocab_size,
        authors=len(specials) - OTHER if specials.authors else None,
    )


def count_tokens(utterances: Sequence[Utterance], tokenizer: Tokenizer) -> int:
    seen = sampled(utterances, SAMPLE)
    return sum(len(tokenizer.encode(u.text)) + 3 for u in seen) * len(utterances) // max(1, len(seen))
