"""Which unit of a network best tracks a property of the text? Found on one part of a chat, scored on another.

With many units, one of them correlates with anything. So the best unit is scored on messages that were not searched,
beside the best of as many random directions of the same space, found and scored in the same way: if a unit is no better
than these, it is no unit of that property. A linear probe of all units (Alain & Bengio 2016) says how much the layer
knows in all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_lm.errors import TuiLmError
from tui_lm.inspection.concordance import STEPS, Concordance
from tui_lm.inspection.properties import Property
from tui_lm.tokenizers import Tokenizer
from tui_lm.utterances import Utterance

Array = NDArray[np.floating]
SEARCHED = 2 / 3  # of the messages: the first ones
RIDGE = 0.01  # of the probe, for inputs of variance 1
LEAST = 2  # standard deviation 0 or fewer rows have no correlation


@dataclass(frozen=True, slots=True)
class Score:
    """A correlation (Pearson) with the property: where it was searched, and on the text that was not."""

    searched: float
    held_out: float


@dataclass(frozen=True, slots=True)
class Tracked:
    """The result of a search. `units` are the best ones, by the correlation on the searched text.

    `first_held_out` is the row of the index at which the text begins that was not searched; `values` [N] are those of
    the property.
    """

    units: tuple[tuple[int, Score], ...]
    direction: Score
    probe: Score
    of: int
    first_held_out: int
    values: Array


def property_values(
    index: Concordance, tokenizer: Tokenizer, utterances: Sequence[Utterance], wanted: Property
) -> Array:
    """The value of the property at every token [N] of the index."""
    values = np.zeros(len(index.values))
    borders = np.flatnonzero(np.diff(index.messages.astype(np.int64), prepend=-1))
    for first, last in zip(borders, [*borders[1:], len(values)], strict=True):
        utterance = utterances[int(index.messages[first])]
        own = wanted.of(tokenizer, utterance, tokenizer.encode(utterance.text))
        values[first:last] = own[index.positions[first:last]]
    return values


def track(index: Concordance, values: Array, most: int, generator: np.random.Generator) -> Tracked:
    """Search the units of the index for the property with these values [N]; `most` of them are returned.

    Raises TuiLmError if one of the two texts is too short, or if the property is the same everywhere in it.
    """
    cut = _cut(index)
    parts = [(index.values[part].astype(np.float32) / STEPS, values[part]) for part in (slice(cut), slice(cut, None))]
    for states, wanted in parts:
        if len(states) < LEAST or not wanted.std():
            raise TuiLmError(
                "the property is the same everywhere in a part of the text", "search more of the chat, or track another"
            )
    mean, deviation = parts[0][0].mean(axis=0), parts[0][0].std(axis=0)
    deviation[deviation == 0] = np.inf  # a unit that never changes tracks nothing
    (covariance, with_property), (held_covariance, held_with) = (
        _moments((states - mean) / deviation, wanted) for states, wanted in parts
    )
    units = np.eye(len(mean), dtype=np.float64)
    directions = generator.standard_normal((len(mean), len(mean)))
    probe = np.linalg.solve(covariance + RIDGE * np.eye(len(mean)), with_property)[None]

    def scores(rows: Array) -> tuple[Array, Array]:
        return _correlations(rows, covariance, with_property), _correlations(rows, held_covariance, held_with)

    found, held = scores(units)
    best = np.argsort(-np.abs(found), kind="stable")[:most]
    of_directions, held_directions = scores(directions)
    direction = int(np.argmax(np.abs(of_directions)))
    return Tracked(
        tuple((int(unit), Score(float(found[unit]), float(held[unit]))) for unit in best),
        Score(float(of_directions[direction]), float(held_directions[direction])),
        Score(*(float(score[0]) for score in scores(probe))),
        len(mean),
        cut,
        values,
    )


def _cut(index: Concordance) -> int:
    """The first row that is not searched, at the beginning of a message."""
    messages = index.messages
    wanted = messages[min(len(messages) - 1, round(len(messages) * SEARCHED))]
    return int(np.searchsorted(messages, wanted))


def _moments(states: Array, values: Array) -> tuple[Array, Array]:
    """The covariance [U, U] of the states [N, U], and that [U] with the values in units of their deviation."""
    centred = states - states.mean(axis=0)
    standard = (values - values.mean()) / values.std()
    count = len(states)
    covariance = (centred.T @ centred / count).astype(np.float64)
    return covariance, (centred.T @ standard.astype(np.float32) / count).astype(np.float64)


def _correlations(rows: Array, covariance: Array, with_values: Array) -> Array:
    """The correlation of each direction [K, U] with the values; 0 for a direction that never changes."""
    variances = np.einsum("ku,ku->k", rows @ covariance, rows)
    sizes = np.sqrt(np.where(variances > 0, variances, np.inf))
    result: Array = rows @ with_values / sizes
    return result
