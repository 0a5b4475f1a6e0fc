"""Threshold tree search: the probable units after a text.

Starting after the prefix, every node whose cumulative probability, given the prefix, exceeds a threshold is expanded,
level by level, each level as one batch. The probability of a unit is that of its characters times that of its end;
without a threshold, the units and all other continuations sum to 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tui_lm.completion.spelling import PART, Spelling
from tui_lm.completion.words import RunKind, is_unspaced, may_cut, run_kind
from tui_lm.runtime import Logits, Runtime, State
from tui_lm.sampling import Floats

Expired = Callable[[], bool]
"""Whether the time for an answer is over."""
Indices = NDArray[np.intp]

LONGEST_RUN = 4  # characters of a script without spaces
FLOOR = 0.005  # benchmarks/suggestion_floor.py chooses it on validation messages
SURE = 0.5  # a run is extended while its next character is at least this probable


def never() -> bool:
    return False


def at_once() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of the search. A level keeps its `width` best nodes; `enough` better units end the search of a node.

    `floor`: the minimum probability of a candidate. Fewer words are better than an absurd one among them.
    """

    threshold: float = 0.01
    width: int = 6
    depth: int = 24
    enough: int = 5
    floor: float = FLOOR


@dataclass(frozen=True, slots=True)
class Node:
    """`text` after what is typed; `part`: bytes of an incomplete character; `kind` of the last run of the text."""

    text: str
    kind: RunKind
    probability: float
    part: bytes = b""


@dataclass(frozen=True, slots=True)
class Frontier:
    """N nodes, with the logits [N, V] of the tokens after them."""

    nodes: Sequence[Node]
    logits: Logits
    state: State


@dataclass(slots=True)
class Found:
    """Units, by the text that they add, and their probabilities. `complete`: P(the token is whole already).

    `respelled` are whole words in another spelling than the typed one.
    """

    units: dict[str, float] = field(default_factory=dict)
    complete: float = 0.0
    respelled: dict[str, float] = field(default_factory=dict)

    def add(self, text: str, probability: float) -> None:
        if not text:
            self.complete += probability
        elif probability > 0:
            self.units[text] = self.units.get(text, 0.0) + probability


def search(
    runtime: Runtime, spelling: Spelling, frontier: Frontier, limits: Limits, found: Found, before: str
) -> Iterator[None]:
    """Add the units that begin at `frontier` to `found`; `before` is what is typed of the token.

    Yields before each step of the network, so that the caller may stop, or go on later.
    """
    for _ in range(limits.depth):
        probabilities = spelling.probabilities(frontier.logits)
        probabilities *= np.array([node.probability for node in frontier.nodes])[:, None]
        rows, tokens = _expand(spelling, frontier.nodes, probabilities, limits, found, before)
        if not len(rows):
            return
        nodes = [
            _child(spelling, frontier.nodes[row], token, float(probabilities[row, token]))
            for row, token in zip(rows.tolist(), tokens.tolist(), strict=True)
        ]
        kept = [i for i, node in enumerate(nodes) if not _ended(node, frontier.nodes[rows[i]], found)]
        if not kept:
            return
        yield
        state = runtime.select(frontier.state, rows[kept].tolist())
        logits, state = runtime.step(tokens[kept].tolist(), state)
        frontier = Frontier([nodes[i] for i in kept], logits, state)


def _expand(
    spelling: Spelling,
    nodes: Sequence[Node],
    probabilities: Floats,
    limits: Limits,
    found: Found,
    before: str,
) -> tuple[Indices, Indices]:
    """Add the units that end at `nodes`; return rows and tokens [M] of the children to expand, best first."""
    ways = np.empty_like(probabilities)
    for row, node in enumerate(nodes):
        every = probabilities[row]
        if node.part:
            ways[row] = np.where(spelling.whole == PART, every, 0.0)
            continue
        ways[row] = np.where(spelling.continues[node.kind], every, 0.0)
        text = before + node.text
        if not may_cut(text):
            continue
        if node.text and is_unspaced(node.text):
            if len(node.text) >= LONGEST_RUN or ways[row].max() < SURE * node.probability:
                found.add(node.text, node.probability)
                ways[row] = 0.0
        else:
            found.add(node.text, float(every[spelling.ends[node.kind]].sum()))
    least = limits.threshold
    if len(found.units) >= limits.enough:
        least = max(least, sorted(found.units.values())[-limits.enough])
    rows, tokens = np.nonzero(ways >= least)
    best = np.argsort(-ways[rows, tokens], kind="stable")[: limits.width]
    return rows[best], tokens[best]


def _child(spelling: Spelling, node: Node, token: int, probability: float) -> Node:
    data = node.part + spelling.surfaces[token]
    try:
        text = data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return Node(node.text, node.kind, probability, data)
    return Node(node.text + text, after(node.kind, text), probability)


def after(kind: RunKind, text: str) -> RunKind:
    """The kind of the last run after the run `text` has followed one of `kind`; SPACE if that ends the unit."""
    new = run_kind(text)
    if new is RunKind.EXTEND:
        return kind
    if new is None or new is RunKind.SPACE or (kind is RunKind.WORD and new is RunKind.OTHER):
        return RunKind.SPACE
    return new


def _ended(node: Node, parent: Node, found: Found) -> bool:
    """Whether a character spelled in byte tokens turned out not to belong to the unit, which then ends before it."""
    if node.part:
        return len(node.part) >= 4
    if node.kind is not RunKind.SPACE:
        return False
    found.add(parent.text, node.probability)
    return True
