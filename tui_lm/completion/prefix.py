"""Where a search begins: the places of a network at which the text typed so far is spelled out.

A character model stands right after the text. A model of words or subwords may spell the word begun in many ways, and
the space before a word belongs to its piece, so it goes back to the start of the word and takes every way that agrees
with what is typed (prefix-constrained decoding); their probabilities are renormalised to the prefix.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tui_lm.completion.search import Frontier, Limits, Node, after
from tui_lm.completion.spelling import Spelling
from tui_lm.completion.words import Cursor, Kind
from tui_lm.engine import Engine
from tui_lm.runtime import State
from tui_lm.runtime.states import Reached, StateTree
from tui_lm.tokenizers.specials import END
from tui_lm.tokenizers.stream import WritingContext
from tui_lm.tokenizers.tokenizer import bytes_of

WAYS = 8  # spellings of a prefix that are followed at once
MESSAGES = 32  # ends of messages, and openings, whose places are kept
BEGINNINGS = 24  # tokens that cover it and are searched on from


@dataclass(frozen=True, slots=True)
class _Covered:
    """A token that completes the prefix, after hypothesis `row` of `state`; `extra` is what it adds beyond."""

    row: int
    token: int
    extra: str
    probability: float


@dataclass(frozen=True, slots=True)
class _Level:
    """Hypotheses of as many tokens, the likely tokens that complete the prefix after them, and the mass of all such."""

    state: State
    ways: Sequence[_Covered]
    mass: float


class Network:
    """An engine and what completion keeps of it: how its tokens are spelled, and where the latest messages ended."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.spelling = Spelling(engine.tokenizer)
        self._ends = StateTree(MESSAGES)

    def read(self, tokens: Sequence[int]) -> Reached:
        """Where the network is after `tokens`, whole messages and an opening."""
        return _reach(self.engine, self._ends, tokens, None)

    def read_message(self, context: WritingContext) -> None:
        """Read a message when it is sent, so that the first key of the next one need not wait for it."""
        self.read([*self.engine.tokens_of(context), END])


class Places:
    """The places that a network has been at in one message. They are near its start, so that finding one is cheap."""

    def __init__(self, network: Network, context: WritingContext) -> None:
        self.network = network
        self.engine, self.spelling = network.engine, network.spelling
        self._opening = network.engine.before(context)
        self._start: Reached | None = None
        self._places = StateTree()

    def reach(self, text: str) -> Reached:
        """Where the network is after `text` of the message."""
        if self._start is None:
            self._start = self.network.read(self._opening)
        tokens = self.engine.tokenizer.encode(text)
        return _reach(self.engine, self._places, tokens, self._start) if tokens else self._start


def _reach(engine: Engine, known: StateTree, tokens: Sequence[int], start: Reached | None) -> Reached:
    """Where the network is after `tokens` that follow `start`, from the nearest place that is `known`."""
    length, place = known.longest(tokens)
    place = place or start
    if length < len(tokens):
        place = Reached(*engine.runtime.prefill(tokens[length:], None if place is None else place.state))
        known.put(tokens, place)
    assert place is not None, "a message begins with a token"
    return place


def frontiers(places: Places, at: Cursor, limits: Limits) -> Iterator[Frontier]:
    """The frontiers to search from after `at`, a beginning of the message."""
    engine, spelling = places.engine, places.spelling
    kind = Kind.WORD if at.word else Kind.OTHER if at.lead else Kind.SPACE
    if engine.tokenizer.name == "char":
        place = places.reach(at.before + at.token)
        yield Frontier([Node("", kind, 1.0)], place.logits, place.state)
        return
    head, required = _split(at, spelling.spaced_start)
    place = places.reach(head)
    if not required:
        yield Frontier([Node("", kind, 1.0)], place.logits, place.state)
        return
    start = Frontier([Node("", kind, 1.0)], place.logits, place.state)
    levels = list(_cover(engine, spelling, start, required, limits.threshold))
    mass = sum(level.mass for level in levels)
    for level in levels:
        likely = [way for way in level.ways if way.probability >= limits.threshold * mass]
        likely = sorted(likely, key=lambda way: -way.probability)[:BEGINNINGS]
        nodes = [Node(way.extra, _kind(kind, way.extra), way.probability / mass) for way in likely]
        kept = [i for i, node in enumerate(nodes) if not node.text or node.kind is not Kind.SPACE]
        if kept:
            chosen = engine.runtime.select(level.state, [likely[i].row for i in kept])
            logits, after_step = engine.runtime.step([likely[i].token for i in kept], chosen)
            yield Frontier([nodes[i] for i in kept], logits, after_step)


def _split(at: Cursor, spaced_start: bool) -> tuple[str, bytes]:
    """The text to go back to, and the bytes that must follow it."""
    if at.lead:
        return at.before + at.lead, bytes_of(at.word)
    if not at.before:
        return "", bytes_of(f" {at.word}" if spaced_start else at.word)
    if at.before.endswith(" "):
        return at.before[:-1], bytes_of(f" {at.word}")
    return at.before, bytes_of(at.word)


def _kind(typed: Kind, extra: str) -> Kind:
    return after(typed, extra) if extra else typed


def _cover(
    engine: Engine, spelling: Spelling, frontier: Frontier, required: bytes, threshold: float
) -> Iterator[_Level]:
    """The hypotheses that spell `required`, one token longer from level to level."""
    done = [0]
    while True:
        probabilities = spelling.probabilities(frontier.logits)
        probabilities *= np.array([node.probability for node in frontier.nodes])[:, None]
        ways: list[_Covered] = []
        partly: list[tuple[float, int, int]] = []
        mass = 0.0
        for row, length in enumerate(done):
            rest, every = required[length:], probabilities[row]
            completing = np.array(spelling.starting_with(rest), dtype=np.intp)
            mass += float(every[completing].sum())
            for token in completing[every[completing] >= threshold * mass].tolist():
                extra = _text(spelling.surfaces[token][len(rest) :])
                if extra is not None:
                    ways.append(_Covered(row, token, extra, float(every[token])))
            partly += ((float(every[token]), row, token) for token in spelling.beginnings_of(rest))
        yield _Level(frontier.state, ways, mass)
        best = sorted(partly, reverse=True)[:WAYS]
        if not best:
            return
        rows, tokens = [row for _, row, _ in best], [token for _, _, token in best]
        done = [done[row] + len(spelling.surfaces[token]) for row, token in zip(rows, tokens, strict=True)]
        logits, state = engine.runtime.step(tokens, engine.runtime.select(frontier.state, rows))
        nodes = [Node("", frontier.nodes[0].kind, probability) for probability, _, _ in best]
        frontier = Frontier(nodes, logits, state)


def _text(surface: bytes) -> str | None:
    try:
        return surface.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return None
