"""Who writes the next message.

Authors are inputs and never predicted, but a model is also trained without them. What it then expects of the first
token of a message is a mixture, over the authors, of what it expects of each; the weights of the mixture are the
probabilities of the authors. They are found by expectation maximisation, from equal weights on.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tui_lm.engine import Engine
from tui_lm.sampling import Sampler
from tui_lm.tokenizers.stream import History, WritingContext

ROUNDS = 50
MOST = 12  # authors that are considered: those who wrote last, then the most frequent ones


def next_author(engine: Engine, history: History, authors: Sequence[str]) -> dict[str, float]:
    """The probability of each of `authors` to write the message after `history`. They sum to one."""
    latest = [author for author, _ in reversed(history) if author is not None and author in authors]
    considered = list(dict.fromkeys([*latest, *authors]))[:MOST]
    if len(considered) < 2:
        return dict.fromkeys(considered, 1.0)
    anybody = _first_token(engine, history, None)
    weights = mixture(anybody, np.stack([_first_token(engine, history, author) for author in considered]))
    return dict(zip(considered, map(float, weights), strict=True))


def mixture(whole: NDArray[np.floating], parts: NDArray[np.floating]) -> NDArray[np.floating]:
    """The weights [A] with which the distributions `parts` [A, V] together come closest to `whole` [V]."""
    weights = np.full(len(parts), 1 / len(parts))
    for _ in range(ROUNDS):
        weights = weights * ((parts / np.maximum(weights @ parts, 1e-12)) @ whole)
        weights /= weights.sum()
    return weights


def _first_token(engine: Engine, history: History, author: str | None) -> NDArray[np.floating]:
    logits = engine.after(WritingContext("", author, history)).logits[0]
    return Sampler(temperature=1.0).probabilities(engine.allowed(logits, b""))
