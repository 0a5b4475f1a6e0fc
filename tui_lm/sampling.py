"""From logits to a choice: pure functions; the random generator is an argument.

Order, as in the literature and in the tools people know: repeat penalty (Keskar 2019), temperature, top-k (Fan 2018),
top-p (Holtzman 2019), min-p (Nguyen 2024). Names follow transformers and Ollama.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_lm.errors import TuiLmError

Floats = NDArray[np.float64]


def softmax(logits: NDArray[np.floating]) -> Floats:
    """Probabilities over the last axis, in float64 so that they sum to 1 to rounding."""
    shifted = np.asarray(logits, dtype=np.float64)
    shifted = np.exp(shifted - shifted.max(axis=-1, keepdims=True))
    total: Floats = shifted / shifted.sum(axis=-1, keepdims=True)
    return total


def log_softmax(logits: NDArray[np.floating]) -> Floats:
    shifted = np.asarray(logits, dtype=np.float64)
    shifted = shifted - shifted.max(axis=-1, keepdims=True)
    total: Floats = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return total


def entropy_bits(probabilities: Floats) -> float:
    """Shannon entropy in bits."""
    positive = probabilities[probabilities > 0]
    return float(-(positive * np.log2(positive)).sum()) + 0.0


@dataclass(frozen=True, slots=True)
class Sampler:
    """How the next token is chosen. temperature 0 is greedy; top_k 0, top_p 1, min_p 0, repeat_penalty 1 are off."""

    temperature: float = 0.8
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0
    repeat_penalty: float = 1.0

    def __post_init__(self) -> None:
        for name, value, right in (
            ("temperature", self.temperature, 0 <= self.temperature <= 100),
            ("top-k", self.top_k, self.top_k >= 0),
            ("top-p", self.top_p, 0 < self.top_p <= 1),
            ("min-p", self.min_p, 0 <= self.min_p <= 1),
            ("repeat-penalty", self.repeat_penalty, 0 < self.repeat_penalty <= 100),
        ):
            if not right:
                raise TuiLmError(
                    f"{name} cannot be {value}",
                    "temperature is at least 0, top-k at least 0, top-p in (0, 1], min-p in [0, 1], "
                    "repeat-penalty above 0",
                    exit_code=2,
                )

    def probabilities(self, logits: NDArray[np.floating], recent: Sequence[int] = ()) -> Floats:
        """Distribution over V tokens for logits [V]; `recent` are the ids that the repeat penalty looks at."""
        scores = np.array(logits, dtype=np.float64)
        if self.repeat_penalty != 1.0 and recent:
            seen = np.unique(np.asarray(recent))
            kept = scores[seen]
            scores[seen] = np.where(kept > 0, kept / self.repeat_penalty, kept * self.repeat_penalty)
        if self.temperature == 0:
            greedy = np.zeros_like(scores)
            greedy[int(scores.argmax())] = 1.0
            return greedy
        with np.errstate(over="ignore"):  # at next to no temperature all but the best are infinitely far away
            probabilities = softmax((scores - scores.max()) / self.temperature)
        if 0 < self.top_k < len(probabilities):
            weakest = np.partition(probabilities, -self.top_k)[-self.top_k]
            probabilities = np.where(probabilities >= weakest, probabilities, 0.0)
        if self.top_p < 1.0:
            order = np.argsort(-probabilities, kind="stable")
            before = np.cumsum(probabilities[order]) - probabilities[order]
            probabilities[order[before >= self.top_p * probabilities.sum()]] = 0.0
        if self.min_p > 0.0:
            probabilities = np.where(probabilities >= self.min_p * probabilities.max(), probabilities, 0.0)
        result: Floats = probabilities / probabilities.sum()
        return result

    @staticmethod
    def pick(probabilities: Floats, generator: np.random.Generator) -> int:
        cumulative = np.cumsum(probabilities)
        index = int(np.searchsorted(cumulative, generator.random() * cumulative[-1], side="right"))
        return min(index, int(np.flatnonzero(probabilities)[-1]))
