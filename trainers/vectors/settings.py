"""The settings of each way to learn word vectors. No torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from trainers.task_settings import TaskSettings

OBJECTIVES = ("skipgram", "cbow")
# Settings of `TrainingConfig` that mean nothing here, because there is no network, no validation and no optimizer.
NO_NETWORK = frozenset(
    {
        "optimizer",
        "betas",
        "weight_decay",
        "grad_clip",
        "warmup",
        "evaluations",
        "patience",
        "frozen_layers",
        "ema",
        "descent",
        "l1",
        "l2",
    }
    | {"compile", "dropout_"}
)


@dataclass(frozen=True, slots=True)
class NegativeSamplingSettings(TaskSettings):
    """word2vec and fastText: tell the words around a word from `negatives` random ones (Mikolov et al. 2013).

    objective: "skipgram" predicts the context from the word, "cbow" the word from the mean of its context; window: the
    largest distance of a context word, drawn anew from 1 to `window` for each word; noise_exponent: the power of a
    word's frequency with which it is drawn as a negative; subsampling: the share of the text above which a word is left
    out at random, the more often the more frequent it is; min_count: the fewest occurrences of a word with a vector;
    lowercase: whether words are lowercased; batch_words: the words of the text that one step reads.
    """

    objective: str = "skipgram"
    window: int = 5
    negatives: int = 5
    noise_exponent: float = 0.75
    subsampling: float = 1e-3
    min_count: int = 5
    lowercase: bool = True
    batch_words: int = 1024

    TASK: ClassVar[str] = "vectors"
    BATCH: ClassVar[str] = "batch_words"
    UNUSED: ClassVar[frozenset[str]] = NO_NETWORK

    def __post_init__(self) -> None:
        if self.objective not in OBJECTIVES:
            raise ValueError(f"objective is skipgram or cbow, not {self.objective}")
        _require(self.window, "window", 1, 100)
        _require(self.negatives, "negatives", 1, 100)
        _require(self.min_count, "min_count", 1, 1 << 30)
        _require(self.batch_words, "batch_words", 1, 1 << 20)
        if self.subsampling < 0:
            raise ValueError("subsampling is 0 (none) or above")

    @property
    def step_tokens(self) -> int:
        return self.batch_words


@dataclass(frozen=True, slots=True)
class GloveSettings(TaskSettings):
    """GloVe: products of vectors that equal the logarithms of co-occurrence counts (Pennington et al. 2014).

    window: the largest distance of two words that occur together, which count 1 / distance; x_max, weight_exponent: a
    count x weighs (x / x_max) ** weight_exponent, at most 1; min_count, lowercase: as for word2vec; batch_counts: the
    counts that one step learns from.
    """

    window: int = 10
    x_max: float = 100.0
    weight_exponent: float = 0.75
    min_count: int = 5
    lowercase: bool = True
    batch_counts: int = 2048

    TASK: ClassVar[str] = "vectors"
    BATCH: ClassVar[str] = "batch_counts"
    UNUSED: ClassVar[frozenset[str]] = NO_NETWORK

    def __post_init__(self) -> None:
        _require(self.window, "window", 1, 100)
        _require(self.min_count, "min_count", 1, 1 << 30)
        _require(self.batch_counts, "batch_counts", 1, 1 << 20)
        if self.x_max <= 0:
            raise ValueError("x_max is above 0")

    @property
    def step_tokens(self) -> int:
        return self.batch_counts


@dataclass(frozen=True, slots=True)
class PpmiSettings(TaskSettings):
    """A singular value decomposition of positive pointwise mutual information (Levy, Goldberg & Dagan 2015).

    window: the largest distance of a context word; a distance d weighs (window - d + 1) / window, as in word2vec on
    average; noise_exponent: the power of a context's frequency (context distribution smoothing); shift: log(shift) is
    subtracted, as `negatives` do in word2vec; singular_exponent: the power of the singular values in the vectors;
    subsampling, min_count, lowercase: as for word2vec; oversampling: directions computed beyond `dim`, for accuracy.
    """

    window: int = 5
    noise_exponent: float = 0.75
    shift: float = 1.0
    singular_exponent: float = 0.5
    subsampling: float = 1e-3
    min_count: int = 5
    lowercase: bool = True
    oversampling: int = 20

    TASK: ClassVar[str] = "vectors"
    BATCH: ClassVar[str] = "oversampling"
    UNUSED: ClassVar[frozenset[str]] = NO_NETWORK | {"learning_rate"}

    def __post_init__(self) -> None:
        _require(self.window, "window", 1, 100)
        _require(self.min_count, "min_count", 1, 1 << 30)
        if self.shift <= 0:
            raise ValueError("shift is above 0")

    @property
    def step_tokens(self) -> int:
        return 1


VectorSettings = NegativeSamplingSettings | GloveSettings | PpmiSettings
OF_FAMILY: dict[str, type[VectorSettings]] = {
    "word2vec": NegativeSamplingSettings,
    "fasttext": NegativeSamplingSettings,
    "glove": GloveSettings,
    "ppmi": PpmiSettings,
}


def _require(value: int, name: str, low: int, high: int) -> None:
    if not low <= value <= high:
        raise ValueError(f"{name} is between {low} and {high:,}, not {value}")
