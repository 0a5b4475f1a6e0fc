"""Prefix-constrained decoding: the states of a network after the text typed so far, from which a search begins.

A character model has one such state. A model of words or subwords can spell the word begun in many ways, and the space
before a word belongs to its piece. So the search goes back to the start of the word and follows every spelling that
agrees with what is typed; the probabilities are renormalised to the prefix.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tui_lm.completion.search import Frontier, Limits, Node, after
from tui_lm.completion.spelling import Spelling
from tui_lm.completion.words import Cursor, RunKind
from tui_lm.engine import Engine
from tui_lm.runtime import State
from tui_lm.runtime.states import Reached, StateTree
from tui_lm.tokenizers.specials import END
from tui_lm.tokenizers.stream import WritingContext
from tui_lm.tokenizers.tokenizer import bytes_of

WAYS = 8  # spellings of a prefix that are followed in parallel
MESSAGES = 32  # ends and openings of messages whose states are kept
CACHED_MESSAGES = 3  # the same of a transformer, whose states hold keys and values
BEGINNINGS = 24  # tokens that complete a prefix and are expanded further


@dataclass(frozen=True, slots=True)
class _Covered:
    """A token that completes the prefix, after hypothesis `row`; `extra` is the text that it adds beyond the prefix."""

    row: int
    token: int
    extra: str
    probability: float


@dataclass(frozen=True, slots=True)
class _Level:
    """Hypotheses of equal length, the likely tokens that complete the prefix after them, and the mass of all such."""

    state: State
    ways: Sequence[_Covered]
    mass: float


class Network:
    """An engine, the spelling of its tokens, and the states at the ends of the latest messages."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.spelling = Spelling(engine.tokenizer)
        self._ends = StateTree(MESSAGES if engine.context is None else CACHED_MESSAGES)

    def reach(self, tokens: Sequence[int]) -> Reached:
        """The network after `tokens`: whole messages, perhaps followed by the opening of one."""
        return _reach(self.engine, self._ends, tokens, None)

    def process(self, context: WritingContext) -> None:
        """Process a message when it is sent, so that the first key of the next one does not wait for it."""
        self.reach([*self.engine.tokens_of(context), END])


class MessageStates:
    """The states of a network after each beginning of one message."""

    def __init__(self, network: Network, context: WritingContext) -> None:
        self.network = network
        self.engine, self.spelling = network.engine, network.spelling
        self._opening = network.engine.before(context)
        self._start: Reached | None = None
        self._states = StateTree()

    def reach(self, text: str) -> Reached:
        """The network after `text`, a beginning of the message."""
        if self._start is None:
            self._start = self.network.reach(self._opening)
        tokens = self.engine.tokenizer.encode(text)
        return _reach(self.engine, self._states, tokens, self._start) if tokens else self._start


def _reach(engine: Engine, known: StateTree, tokens: Sequence[int], start: Reached | None) -> Reached:
    """The network after `tokens` that follow `start`, continued from their longest beginning that is `known`."""
    length, reached = known.longest(tokens)
    reached = reached or start
    if length < len(tokens):
        reached = Reached(*engine.runtime.prefill(tokens[length:], None if reached is None else reached.state))
        known.put(tokens, reached)
    assert reached is not None, "a message begins with a token"
    return reached


def frontiers(states: MessageStates, at: Cursor, limits: Limits) -> Iterator[Frontier | None]:
    """The frontiers from which to search for the ends of the token at the cursor.

    Yields None before each step of the network but the first, so that the caller may stop there.
    """
    engine, spelling = states.engine, states.spelling
    kind = RunKind.WORD if at.word else RunKind.OTHER if at.lead else RunKind.SPACE
    if engine.tokenizer.name == "char":
        reached = states.reach(at.before + at.token)
        yield Frontier([Node("", kind, 1.0)], reached.logits, reached.state)
        return
    head, required = _split(at, spelling.spaced_start)
    reached = states.reach(head)
    if not required:
        yield Frontier([Node("", kind, 1.0)], reached.logits, reached.state)
        return
    start = Frontier([Node("", kind, 1.0)], reached.logits, reached.state)
    levels: list[_Level] = []
    for level in _cover(engine, spelling, start, required, limits.threshold):
        levels.append(level)
        yield None
    mass = sum(level.mass for level in levels)
    for level in levels:
        likely = [way for way in level.ways if way.probability >= limits.threshold * mass]
        likely = sorted(likely, key=lambda way: -way.probability)[:BEGINNINGS]
        nodes = [Node(way.extra, _kind(kind, way.extra), way.probability / mass) for way in likely]
        kept = [i for i, node in enumerate(nodes) if not node.text or node.kind is not RunKind.SPACE]
        if kept:
            yield None
            chosen = engine.runtime.select(level.state, [likely[i].row for i in kept])
            logits, after_step = engine.runtime.step([likely[i].token for i in kept], chosen)
            yield Frontier([nodes[i] for i in kept], logits, after_step)


def _split(at: Cursor, spaced_start: bool) -> tuple[str, bytes]:
    """The text before the token, and the bytes of the token, which must follow it."""
    if at.lead:
        return at.before + at.lead, bytes_of(at.word)
    if not at.before:
        return "", bytes_of(f" {at.word}" if spaced_start else at.word)
    if at.before.endswith(" "):
        return at.before[:-1], bytes_of(f" {at.word}")
    return at.before, bytes_of(at.word)


def _kind(typed: RunKind, extra: str) -> RunKind:
    return after(typed, extra) if extra else typed


def _cover(
    engine: Engine, spelling: Spelling, frontier: Frontier, required: bytes, threshold: float
) -> Iterator[_Level]:
    """The hypotheses that spell `required`; each level has one token more."""
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
