"""Where else in a chat are the units of a span on, all at once, for as long? LSTMVis' search (Strobelt et al. 2018).

A unit is on at a token if it has the sign that it has in the span, and at least half of the size that it rarely
exceeds. The units of a span are those that are on at each of its tokens; of many, those that are on least often
elsewhere, since a unit that is always on tells nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_lm.errors import TuiLmError
from tui_lm.inspection.concordance import STEPS, Concordance, apart

Array = NDArray[np.floating]
MOST_UNITS = 12
RARE = 0.99  # the share of tokens at which the size of a unit is smaller than the one that counts as large


@dataclass(frozen=True, slots=True)
class Alike:
    """A stretch of the chat, from `row` of the index on, with how many of the units are on at all of its tokens.

    `on` [L] is the share of the units that are on at each token.
    """

    row: int
    units: int
    on: Array


@dataclass(frozen=True, slots=True)
class SpanSearch:
    """The units of a span, and the stretches of the chat that are most alike.

    `chance` is the share of all stretches of this length in which as many units are on as in the last hit.
    """

    units: tuple[int, ...]
    hits: tuple[Alike, ...]
    chance: float


def search(index: Concordance, span: Array, most: int) -> SpanSearch:
    """Search for a span with the values [L, U]. Raises TuiLmError if no unit is on throughout it."""
    length = len(span)
    large = np.quantile(np.abs(index.values.astype(np.float32)), RARE, axis=0)  # in steps of the index
    threshold = np.maximum(large / 2, 1.0)
    here = span / index.limit * STEPS
    throughout = (np.abs(here) >= threshold).all(axis=0) & (np.sign(here) == np.sign(here[0])).all(axis=0)
    found = np.flatnonzero(throughout)
    if not found.size:
        raise TuiLmError("no unit is on throughout this span", "choose a shorter span, or another gate or state")
    on = index.values[:, found] * np.sign(here[0, found]).astype(np.int16) >= threshold[found]  # [N, units]
    rarest = np.argsort(on.mean(axis=0), kind="stable")[:MOST_UNITS]
    units, on = found[rarest], on[:, rarest]
    counts = np.concatenate([np.zeros((1, len(units)), np.int32), np.cumsum(on, axis=0, dtype=np.int32)])
    if len(on) < length:
        raise TuiLmError("the chat is shorter than the span", "choose a shorter span")
    whole = counts[length:] - counts[:-length] == length  # [N - L + 1, units]
    same = index.messages[length - 1 :] == index.messages[: len(whole)]
    scores = np.where(same, whole.sum(axis=1), -1)
    shares = (counts[length:] - counts[:-length]).sum(axis=1)
    order = np.lexsort((-shares, -scores))
    rows = [row for row in apart(index, order, most) if scores[row] > 0]
    hits = tuple(Alike(row, int(scores[row]), on[row : row + length].mean(axis=1)) for row in rows)
    least = min((hit.units for hit in hits), default=0)
    chance = float((scores[same] >= max(1, least)).mean()) if same.any() else 0.0
    return SpanSearch(tuple(units.tolist()), hits, chance)


def on_around(index: Concordance, found: SpanSearch, span: Array, rows: Sequence[int]) -> Array:
    """The share of the units of a search that are on at each of `rows` of the index."""
    values = index.values[list(rows)][:, list(found.units)].astype(np.int16)
    signs = np.sign(span[0, list(found.units)]).astype(np.int16)
    large = np.quantile(np.abs(index.values[:, list(found.units)].astype(np.float32)), RARE, axis=0)
    result: Array = (values * signs >= np.maximum(large / 2, 1.0)).mean(axis=1)
    return result
