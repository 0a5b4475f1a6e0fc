"""From logits to a token: a chain of rules, each a pure function; the random generator is an argument.

A rule takes scores [V] (logits that are not normalised; -inf excludes a token), its value, and the recent tokens. It
returns scores [V], of which at least one is finite. `Sampler` has one field per rule and applies them in that order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from tui_lm.errors import TuiLmError

if TYPE_CHECKING:
    from tui_lm.settings import Settings

Floats = NDArray[np.float64]
Rule = Callable[[Floats, Any, Sequence[int]], Floats]


def softmax(logits: NDArray[np.floating]) -> Floats:
    """Probabilities over the last axis, in float64 so that they sum to 1 to rounding."""
    shifted = np.asarray(logits, dtype=np.float64)
    shifted = np.exp(shifted - shifted.max(axis=-1, keepdims=True))
    total: Floats = shifted / shifted.sum(axis=-1, keepdims=True)
    return total


def log_softmax(logits: NDArray[np.floating]) -> Floats:
    """Log probabilities over the last axis, in nats and float64."""
    shifted = np.asarray(logits, dtype=np.float64)
    shifted = shifted - shifted.max(axis=-1, keepdims=True)
    total: Floats = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return total


def entropy_bits(probabilities: Floats) -> float:
    """Shannon entropy in bits."""
    positive = probabilities[probabilities > 0]
    return float(-(positive * np.log2(positive)).sum()) + 0.0


def penalise_repeats(scores: Floats, penalty: float, recent: Sequence[int]) -> Floats:
    """Divide the positive scores of recent tokens by the penalty, multiply the negative ones (Keskar et al. 2019)."""
    if not recent:
        return scores
    repeated = sorted(set(recent))
    before, after = scores[repeated], scores.copy()
    after[repeated] = np.where(before > 0, before / penalty, before * penalty)
    return after


def scale_by_temperature(scores: Floats, temperature: float, recent: Sequence[int]) -> Floats:
    """Divide the scores by the temperature; at 0 only the best token is left."""
    if temperature == 0:
        greedy = np.full_like(scores, -np.inf)
        greedy[int(scores.argmax())] = 0.0
        return greedy
    with np.errstate(over="ignore"):  # near temperature 0 all tokens but the best reach -inf
        scaled: Floats = (scores - scores.max()) / temperature
    return scaled


def keep_top_k(scores: Floats, k: int, recent: Sequence[int]) -> Floats:
    """Keep the k most probable tokens, and those as probable as the last of them (Fan et al. 2018)."""
    if k >= len(scores):
        return scores
    return _keep(scores, scores >= np.partition(scores, -k)[-k])


def keep_top_p(scores: Floats, p: float, recent: Sequence[int]) -> Floats:
    """Keep the fewest tokens whose probabilities sum to p or more: nucleus sampling (Holtzman et al. 2020)."""
    probabilities = softmax(scores)
    order = np.argsort(-probabilities, kind="stable")
    more_probable = np.cumsum(probabilities[order]) - probabilities[order]
    kept = np.empty(len(scores), dtype=bool)
    kept[order] = more_probable < p
    return _keep(scores, kept)


def keep_min_p(scores: Floats, p: float, recent: Sequence[int]) -> Floats:
    """Keep the tokens that are at least p times as probable as the best one (Nguyen et al. 2024)."""
    probabilities = softmax(scores)
    return _keep(scores, probabilities >= p * probabilities.max())


def _keep(scores: Floats, kept: NDArray[np.bool_]) -> Floats:
    return np.where(kept, scores, -np.inf)


def rule(apply: Rule, default: float, *, off: float, low: float, high: float) -> Any:
    """A field of `Sampler`. The rule is skipped if its value is `off`; values lie between `low` and `high`."""
    return field(default=default, metadata={"apply": apply, "off": off, "low": low, "high": high})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampler:
    """The value of each rule, in the order in which the rules are applied. Raises TuiLmError for one out of range."""

    repeat_penalty: float = rule(penalise_repeats, 1.0, off=1.0, low=0.01, high=100.0)
    temperature: float = rule(scale_by_temperature, 0.8, off=1.0, low=0.0, high=100.0)
    top_k: int = rule(keep_top_k, 0, off=0, low=0, high=1 << 20)
    top_p: float = rule(keep_top_p, 1.0, off=1.0, low=1e-6, high=1.0)
    min_p: float = rule(keep_min_p, 0.0, off=0.0, low=0.0, high=1.0)

    def __post_init__(self) -> None:
        for item in fields(self):
            value, low, high = getattr(self, item.name), item.metadata["low"], item.metadata["high"]
            if not low <= value <= high:
                name = item.name.replace("_", "-")
                raise TuiLmError(f"{name} cannot be {value}", f"choose a value from {low} to {high}", exit_code=2)

    @classmethod
    def from_settings(cls, settings: Settings, **chosen: float | None) -> Self:
        """The user's settings, except for the values that were `chosen` for this time."""
        values: dict[str, Any] = {item.name: getattr(settings, item.name) for item in fields(cls)}
        return cls(**values | {name: value for name, value in chosen.items() if value is not None})

    def probabilities(self, logits: NDArray[np.floating], recent: Sequence[int] = ()) -> Floats:
        """The distribution [V] from which the next token is drawn, given its logits [V] and the recent tokens."""
        scores = np.asarray(logits, dtype=np.float64)
        for item in fields(self):
            value = getattr(self, item.name)
            if value != item.metadata["off"]:
                scores = item.metadata["apply"](scores, value, recent)
        return softmax(scores)

    @staticmethod
    def pick(probabilities: Floats, generator: np.random.Generator) -> int:
        """Draw a token from a distribution [V]."""
        cumulative = np.cumsum(probabilities)
        index = int(np.searchsorted(cumulative, generator.random() * cumulative[-1], side="right"))
        return min(index, int(np.flatnonzero(probabilities)[-1]))
