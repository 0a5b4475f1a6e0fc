"""What learns word vectors, step by step: one class per way, with its tables, batches and finished vectors."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from trainers.config import TrainingConfig
from trainers.vectors import ppmi
from trainers.vectors.glove import GloveCounts, GloveTables, glove
from trainers.vectors.negative_sampling import Tables, cbow, skipgram
from trainers.vectors.settings import GloveSettings, NegativeSamplingSettings, PpmiSettings
from trainers.vectors.text import WordStream
from trainers.vectors.windows import Windows
from tui_lm.architecture import WordVectors
from tui_lm.tokenizers.vocabulary import VocabularyTokenizer
from tui_lm.vectors.subwords import composed, subwords

INPUTS = "inputs"  # the weights from which a run of negative sampling begins: rows of words, then of n-grams
LOWEST_RATE = 0.004  # share of the learning rate at the end of a run, as in word2vec's program


class Learner(ABC):
    """One run. A step depends on its number and on the tables alone, so that a run can be resumed."""

    def __init__(self, config: TrainingConfig, stream: WordStream, tokenizer: VocabularyTokenizer) -> None:
        assert isinstance(config.architecture, WordVectors)
        self.architecture, self.config, self.stream, self.tokenizer = config.architecture, config, stream, tokenizer

    @property
    @abstractmethod
    def steps_in_epoch(self) -> int: ...

    def begin(self, inputs: NDArray[np.float32]) -> None:
        """Begin from these vectors [words + buckets, D]. Raises ValueError if this way to learn cannot."""
        raise ValueError(f"{self.architecture.family} begins from random vectors")

    def rate(self, done: float) -> float:
        """The learning rate when the share `done` of the run is over: it falls linearly."""
        return self.config.learning_rate * max(LOWEST_RATE, 1 - done)

    @abstractmethod
    def step(self, number: int, rate: float, *, measure: bool) -> float:
        """Returns the mean loss if `measure`."""

    @abstractmethod
    def tensors(self) -> dict[str, Tensor]:
        """All that changes in a run."""

    @abstractmethod
    def restore(self, tensors: Mapping[str, Tensor]) -> None: ...

    @abstractmethod
    def vectors(self) -> NDArray[np.float32]:
        """The finished vectors [words, D]."""

    def weights(self) -> dict[str, NDArray[np.float32]]:
        """The tables of the model folder."""
        specials = np.zeros((len(self.tokenizer.specials), self.architecture.dim), np.float32)
        return {"embedding.weight": np.concatenate([specials, self.vectors()])}


class NegativeSampling(Learner):
    """word2vec, or fastText if the architecture has n-grams."""

    def __init__(self, config: TrainingConfig, stream: WordStream, tokenizer: VocabularyTokenizer) -> None:
        super().__init__(config, stream, tokenizer)
        assert isinstance(config.task, NegativeSamplingSettings)
        shape, words = self.architecture, tokenizer.words
        self.settings = config.task
        grams = subwords(words, shape.shortest, shape.longest, shape.buckets) if shape.buckets else None
        self.tables = Tables.new(len(words), shape.buckets, shape.dim, config.seed, grams)
        self.windows = Windows(stream, self.settings, config.seed)

    @property
    def steps_in_epoch(self) -> int:
        return self.windows.steps_in_epoch

    def begin(self, inputs: NDArray[np.float32]) -> None:
        self.tables.inputs = torch.from_numpy(np.array(inputs, np.float32))

    def step(self, number: int, rate: float, *, measure: bool) -> float:
        learn = skipgram if self.settings.objective == "skipgram" else cbow
        return learn(self.tables, self.windows.batch(number), self.settings.negatives, rate, measure=measure)

    def tensors(self) -> dict[str, Tensor]:
        return {"inputs": self.tables.inputs, "outputs": self.tables.outputs}

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        self.tables.inputs, self.tables.outputs = tensors["inputs"], tensors["outputs"]

    def vectors(self) -> NDArray[np.float32]:
        words, rows = self._split()
        return words if self.tables.grams is None else composed(rows, self.tables.grams, words)

    def weights(self) -> dict[str, NDArray[np.float32]]:
        rows = {} if self.tables.grams is None else {"ngrams.weight": self._split()[1].copy()}
        return super().weights() | rows

    def _split(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        inputs: NDArray[np.float32] = self.tables.inputs.numpy()
        return inputs[: len(self.tokenizer.words)], inputs[len(self.tokenizer.words) :]


class Glove(Learner):
    def __init__(self, config: TrainingConfig, stream: WordStream, tokenizer: VocabularyTokenizer) -> None:
        super().__init__(config, stream, tokenizer)
        assert isinstance(config.task, GloveSettings)
        self.settings = config.task
        self.tables = GloveTables.new(len(tokenizer.words), self.architecture.dim, config.seed)
        self.counts = GloveCounts(stream, self.settings, config.seed)

    @property
    def steps_in_epoch(self) -> int:
        return self.counts.steps_in_epoch

    def rate(self, done: float) -> float:
        """Constant: AdaGrad slows down by itself."""
        return self.config.learning_rate

    def step(self, number: int, rate: float, *, measure: bool) -> float:
        return glove(self.tables, *self.counts.batch(number), self.settings, rate)

    def tensors(self) -> dict[str, Tensor]:
        tables = self.tables
        return {
            "words": tables.words,
            "contexts": tables.contexts,
            "words_squared": tables.words_squared,
            "contexts_squared": tables.contexts_squared,
        }

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        self.tables = GloveTables(**tensors)

    def vectors(self) -> NDArray[np.float32]:
        found: NDArray[np.float32] = self.tables.vectors().numpy()
        return found


class Ppmi(Learner):
    """A step is a power iteration. Texts with fewer words than `dim` have zeros in the last columns."""

    def __init__(self, config: TrainingConfig, stream: WordStream, tokenizer: VocabularyTokenizer) -> None:
        super().__init__(config, stream, tokenizer)
        assert isinstance(config.task, PpmiSettings)
        self.settings = config.task
        self.basis: Tensor | None = None

    @cached_property
    def matrix(self) -> Tensor:
        return ppmi.ppmi_matrix(self.stream, self.settings)

    @cached_property
    def turned(self) -> Tensor:
        return ppmi.transposed(self.matrix)

    @property
    def steps_in_epoch(self) -> int:
        return 1

    def step(self, number: int, rate: float, *, measure: bool) -> float:
        if self.basis is None:
            rank = min(self.architecture.dim + self.settings.oversampling, len(self.tokenizer.words))
            self.basis = ppmi.first_basis(self.matrix, rank, self.config.seed)
        self.basis = ppmi.better_basis(self.matrix, self.turned, self.basis)
        return self._left_over() if measure else 0.0

    def _left_over(self) -> float:
        """The share of the squared matrix that the basis does not hold."""
        assert self.basis is not None
        held = float((self.turned @ self.basis).square().sum())
        return 1 - held / max(1e-12, float(self.matrix.values().square().sum()))

    def tensors(self) -> dict[str, Tensor]:
        return {} if self.basis is None else {"basis": self.basis}

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        self.basis = tensors.get("basis")

    def vectors(self) -> NDArray[np.float32]:
        found = np.zeros((len(self.tokenizer.words), self.architecture.dim), np.float32)
        if self.basis is not None:
            left, values = ppmi.decomposed(self.turned, self.basis, self.architecture.dim)
            found[:, : len(values)] = (left * values**self.settings.singular_exponent).numpy()
        return found


def create(config: TrainingConfig, stream: WordStream, tokenizer: VocabularyTokenizer) -> Learner:
    kinds: dict[type[Any], type[Learner]] = {GloveSettings: Glove, PpmiSettings: Ppmi}
    return kinds.get(type(config.task), NegativeSampling)(config, stream, tokenizer)
