"""A map of the tokens of a text: what each is by itself, and after the network has read the text up to it."""

from __future__ import annotations

import numpy as np

from tui_lm.inspection.cursor import ResolvedCursor
from tui_lm.inspection.frame import Floats, Frame, Part, Points, Table
from tui_lm.inspection.recording import Recording
from tui_lm.inspection.view import View
from tui_lm.vectors.projection import principal

MOST_PAIRS = 12  # of equal tokens in the table


def word_map(recording: Recording, cursor: ResolvedCursor) -> Frame:
    """The embeddings [T, D] of the tokens, and the states [T, H] of a layer after each, both by principal components.

    A token that occurs twice has one embedding, but two states: what they have in common is measured by the cosine.
    """
    table = np.asarray(recording.runtime.embedding)
    tokens = recording.tokens
    distinct = list(dict.fromkeys(tokens))
    static = principal(_units(table[distinct]))
    states = recording.series(cursor.layer, "hidden_state")
    contextual = principal(_units(states))
    looked_at = tokens[cursor.time]
    labels = dict(zip(tokens, recording.labels, strict=True))
    numbered = tuple(f"{label}{time}" for time, label in enumerate(recording.labels))
    same = tuple(time for time, token in enumerate(tokens) if token == looked_at)
    parts: list[Part] = [
        Points(
            f"static: embeddings ({static.share:.0%} of the variance)",
            tuple(labels[token] for token in distinct),
            static.points,
            *static.axes,
            marked=(distinct.index(looked_at),),
        ),
        Points(
            f"contextual: states of layer {cursor.layer} after each token ({contextual.share:.0%} of the variance)",
            numbered,
            contextual.points,
            *contextual.axes,
            marked=same,
        ),
    ]
    pairs = _pairs(recording, states)
    if pairs:
        header = ("token", "steps", "cosine of the embeddings", "cosine of the states")
        parts.append(Table("tokens that occur twice", header, tuple(pairs[:MOST_PAIRS])))
    return Frame("map", "Map", _sentence(recording, cursor, states, same), tuple(parts), CAPTION)


CAPTION = (
    "Numbers after labels are steps. Two dimensions of many: what is near on a map need not be near in the network; "
    "the table has the cosines. A state holds all that was read before it, so no two of a text are equal."
)


def _units(vectors: Floats) -> Floats:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(lengths == 0, 1, lengths)


def _cosine(states: Floats, first: int, second: int) -> float:
    units = _units(states[[first, second]])
    return float(units[0] @ units[1])


def _pairs(recording: Recording, states: Floats) -> list[tuple[str, str, float, float]]:
    """Each token that occurs again, with its previous step. Its embedding is the same, so that cosine is 1."""
    before: dict[int, int] = {}
    rows = []
    for time, token in enumerate(recording.tokens):
        if token in before and token >= len(recording.tokenizer.specials):
            first = before[token]
            rows.append((recording.labels[time], f"{first}, {time}", 1.0, _cosine(states, first, time)))
        before[token] = time
    return rows


def _sentence(recording: Recording, cursor: ResolvedCursor, states: Floats, same: tuple[int, ...]) -> str:
    label = recording.labels[cursor.time]
    if len(same) < 2:
        return f"{label} occurs once; write it in two sentences to compare its embedding with its states."
    first, last = same[0], same[-1]
    return (
        f"{label} has one embedding, and a state at each step: those of steps {first} and {last} have the cosine "
        f"{_cosine(states, first, last):.2f}."
    )


VIEW = View("map", "Map", word_map)
