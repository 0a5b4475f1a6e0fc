"""Exposure of canaries (Carlini et al. 2019, "The Secret Sharer").

The rank of a secret is its position among all secrets of its form, sorted by likelihood. Its exposure is log2 of their
number minus log2 of its rank: 1.44 bits on average for an unseen secret, and log2 of their number for the most likely
one, which anyone can extract. There are too many secrets to rank them all, so, as in the paper, some are sampled and a
skew-normal distribution is fitted to their likelihoods.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, log, log2, pi, sqrt

import numpy as np

from tui_lm.canaries import Canary, filled
from tui_lm.engine import Engine
from tui_lm.sampling import Floats, log_softmax
from tui_lm.tokenizers.stream import WritingContext

SAMPLES = 1000
SURE = 20  # sampled secrets likelier than the canary; with more of them their share is used instead of the fit
MOST_AUTHORS = 8
BATCH = 128


@dataclass(frozen=True, slots=True)
class Exposure:
    """Exposure of a canary: `bits` of at most `most`. `beaten_by`: the share of sampled secrets likelier than it."""

    canary: Canary
    bits: float
    most: float
    beaten_by: float


def exposure(engine: Engine, canary: Canary, samples: int = SAMPLES, seed: int = 0) -> Exposure:
    """The exposure of a canary in the network, without the n-grams."""
    chance = random.Random(f"alternatives {seed} {canary.secret}")
    others = {filled(canary.form, chance) for _ in range(samples)} - {canary.secret}
    texts = [canary.text, *(canary.prefix + secret for secret in sorted(others))]
    nats = surprise(engine, texts)
    own, drawn = float(nats[0]), nats[1:]
    likelier = float((drawn < own).sum() + 0.5 * (drawn == own).sum())
    most = log2(canary.candidates)
    bits = -log2(likelier / len(drawn)) if likelier >= SURE else -_log2_cumulative(own, drawn)
    return Exposure(canary, min(max(bits, 0.0), most), most, likelier / len(drawn))


def surprise(engine: Engine, texts: Sequence[str]) -> Floats:
    """The cost in nats [N] of each of `texts` after their common beginning, averaged over authors and no author."""
    authors: list[str | None] = [None]
    if engine.kind == "chat":
        authors += engine.authors[:MOST_AUTHORS]
    costs = np.stack([_surprise(engine, texts, author) for author in authors])
    least = costs.min(axis=0)
    mean: Floats = least - np.log(np.exp(least - costs).mean(axis=0))
    return mean


def _surprise(engine: Engine, texts: Sequence[str], author: str | None) -> Floats:
    sequences = [engine.tokenizer.encode(text) for text in texts]
    shared = _common_beginning(sequences)
    reached = engine.reach([*engine.before(WritingContext(author=author)), *shared])
    costs = np.zeros(len(texts))
    order = sorted(range(len(texts)), key=lambda i: len(sequences[i]))
    for begin in range(0, len(order), BATCH):
        rows = order[begin : begin + BATCH]
        state = engine.runtime.select(reached.state, [0] * len(rows))
        logits = np.repeat(reached.logits, len(rows), axis=0)
        for position in range(len(shared), len(sequences[rows[-1]])):
            going = [i for i, row in enumerate(rows) if position < len(sequences[row])]
            if len(going) < len(rows):
                rows, logits = [rows[i] for i in going], logits[going]
                state = engine.runtime.select(state, going)
            tokens = [sequences[row][position] for row in rows]
            costs[rows] -= log_softmax(logits)[np.arange(len(rows)), tokens]
            logits, state = engine.runtime.step(tokens, state)
    return costs


def _common_beginning(sequences: Sequence[list[int]]) -> list[int]:
    """The common prefix of all sequences, leaving each at least one token."""
    first, last = min(sequences), max(sequences)  # all others lie between them
    length = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return first[: min(length, min(map(len, sequences)) - 1)]


def _log2_cumulative(value: float, drawn: Floats) -> float:
    """log2 P(X < value) of the skew-normal distribution (Azzalini 1985) with the first three moments of `drawn`."""
    deviation = float(drawn.std())
    if deviation == 0:
        return -1.0 if value >= drawn[0] else -np.inf
    third = float((((drawn - drawn.mean()) / deviation) ** 3).mean())
    third = min(max(third, -0.99), 0.99)
    power = abs(third) ** (2 / 3)
    delta = float(np.copysign(sqrt(pi / 2 * power / (power + ((4 - pi) / 2) ** (2 / 3))), third))
    delta = min(max(delta, -0.995), 0.995)
    scale = deviation / sqrt(1 - 2 * delta**2 / pi)
    location = float(drawn.mean()) - scale * delta * sqrt(2 / pi)
    shape = delta / sqrt(1 - delta**2)
    end = (value - location) / scale
    points = np.linspace(end - 12, end, 4001)
    logs = np.array([log(2) - 0.5 * z * z - 0.5 * log(2 * pi) + _log_normal(shape * z) for z in points])
    top = logs.max()
    total = float(np.exp(logs - top).sum() * (points[1] - points[0]))
    return float((top + log(total)) / log(2))


def _log_normal(z: float) -> float:
    """log of the standard normal distribution function, also in the far tail."""
    if z > -30:
        return log(0.5 * erfc(-z / sqrt(2)))
    return -0.5 * z * z - log(-z * sqrt(2 * pi))
