"""Beam search over many sources at once; the hypotheses of all of them are the rows of one batch.

Of each source's candidates the best `beam` go on, and those that end among them are finished; a finished hypothesis
leaves and its place with it, so that the search narrows and ends with the last (Bahdanau et al. 2015). Finished ones
are ranked by GNMT's score (Wu et al. 2016, equation 14):

    s(Y, X)  = log P(Y | X) / lp(Y) + cp(X, Y)
    lp(Y)    = ((5 + |Y|) / 6) ** length_penalty
    cp(X, Y) = coverage_penalty * sum over the source tokens i of log min(sum over the target tokens j of a_ij, 1)

Shapes: N sources, R rows (hypotheses that live), V vocabulary, S padded source length, T steps so far.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tui_lm.errors import TuiLmError
from tui_lm.runtime import Logits, State
from tui_lm.tokenizers.specials import BEGIN, END
from tui_lm.trace import Trace
from tui_lm.translation.best import best_tokens, log_sum_exp
from tui_lm.translation.loops import longest_run, looping

Floats = NDArray[np.float64]
Indices = NDArray[np.integer[Any]]
Attention = NDArray[np.floating[Any]]

SURE = 0.5  # least probability of the end at which nothing at all is an answer
LEAST = 0.01  # of attention to a source token, as coverage counts it


class Decoder(Protocol):
    """What the search needs of a runtime; the logits of a step are the caller's to change."""

    def step(self, tokens: Sequence[int], state: State, trace: Trace | None = None) -> tuple[Logits, State]: ...

    def select(self, state: State, rows: Sequence[int]) -> State: ...


@dataclass(frozen=True, slots=True)
class BeamOptions:
    """Options of the search. `beam` 1 is greedy; `max_length` None is twice the source length plus ten tokens.

    `answers`: the number of best hypotheses wanted per source. Hypotheses that cannot be among them are pruned.
    """

    beam: int = 5
    length_penalty: float = 1.0
    coverage_penalty: float = 0.0
    max_length: int | None = None
    answers: int = 1

    def __post_init__(self) -> None:
        for name, value, most in (
            ("beam", self.beam, 1000),
            ("nbest", self.answers, 1000),
            ("max-length", 1 if self.max_length is None else self.max_length, 100_000),
        ):
            if not 1 <= value <= most:
                raise TuiLmError(f"{name} cannot be {value}", f"it is between 1 and {most}", exit_code=2)
        for name, penalty in (("length", self.length_penalty), ("coverage", self.coverage_penalty)):
            if not 0 <= penalty <= 10:
                raise TuiLmError(f"{name}-penalty cannot be {penalty}", "it is between 0 and 10", exit_code=2)

    @property
    def width(self) -> int:
        return max(self.beam, self.answers)

    def limit(self, source: Sequence[int]) -> int:
        """The most tokens of an answer to `source`, its end among them."""
        return 2 * len(source) + 10 if self.max_length is None else self.max_length

    def lengthened(self, tokens: NDArray[Any] | int) -> Any:
        """lp(Y) of answers of so many tokens."""
        return ((5.0 + tokens) / 6.0) ** self.length_penalty


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """An answer: its tokens, and the log-probability of each, that of the end coming last where it `ended`.

    `attention` [T, S] says where the decoder looked before each of those; None of a network without attention.
    """

    tokens: tuple[int, ...]
    log_probabilities: tuple[float, ...]
    attention: Attention | None
    ended: bool
    score: float


@dataclass(frozen=True, slots=True)
class _Rows:
    """The hypotheses that live: whose each is [R], its log P [R], tokens and their log-probabilities [R, T].

    `parents` are their rows in the step before.
    """

    owner: Indices
    total: Floats
    tokens: NDArray[np.int64]
    chances: Floats
    parents: Indices

    @classmethod
    def first(cls, count: int) -> _Rows:
        every = np.arange(count)
        return cls(every, np.zeros(count), np.zeros((count, 0), np.int64), np.zeros((count, 0)), every)

    def take(self, rows: Indices) -> _Rows:
        return _Rows(self.owner[rows], self.total[rows], self.tokens[rows], self.chances[rows], self.parents[rows])

    def grown(self, rows: Indices, tokens: Indices, chances: Floats) -> _Rows:
        """Each of `rows` with one token more."""
        return _Rows(
            self.owner[rows],
            self.total[rows] + chances,
            np.concatenate((self.tokens[rows], tokens[:, None]), axis=1),
            np.concatenate((self.chances[rows], chances[:, None]), axis=1),
            rows,
        )


def search(
    decoder: Decoder,
    state: State,
    sources: Sequence[Sequence[int]],
    options: BeamOptions,
    never: Sequence[int] = (),
) -> list[list[Hypothesis]]:
    """The answers to each source, best first and those that were cut at their limit last.

    `state` has read the sources, row n being source n; the tokens `never` do not come.
    """
    limits = np.array([options.limit(source) for source in sources], dtype=np.intp)
    allowed = np.array([longest_run(source) for source in sources], dtype=np.intp)
    answers = _Answers(sources, options)
    room = np.full(len(sources), options.width)  # rows that each source may have
    rows = _Rows.first(len(sources))
    last: Sequence[int] = [BEGIN] * len(sources)
    while len(rows.owner):
        trace: Trace = []
        logits, state = decoder.step(last, state, trace)
        answers.note(rows.parents, trace)
        norm = log_sum_exp(logits)
        if len(never):
            logits[:, never] = -np.inf
        if not rows.tokens.shape[1]:
            logits[np.exp(logits[:, END] - norm[:, 0]) <= SURE, END] = -np.inf
        logits[looping(rows.tokens, allowed[rows.owner])] = -np.inf
        row, token, chance = _candidates(logits, norm, rows, options.width)
        owner = rows.owner[row]

        finished = np.flatnonzero((token == END) & (_places(owner) < room[owner]))
        for i in finished.tolist():
            answers.add(rows.take(row[i : i + 1]), row[i], float(chance[i]))
        room -= np.bincount(owner[finished], minlength=len(room))

        longer = np.flatnonzero(token != END)
        longer = longer[_places(owner[longer]) < room[owner[longer]]]
        rows = rows.grown(row[longer], token[longer], chance[longer])
        at_limit = rows.tokens.shape[1] >= limits[rows.owner]
        for i in np.flatnonzero(at_limit).tolist():
            answers.add(rows.take(np.array([i])), rows.parents[i], None)
        bound = rows.total / options.lengthened(limits[rows.owner])
        rows = rows.take(np.flatnonzero(~at_limit & (bound > answers.floor[rows.owner])))
        if len(rows.owner):
            state = decoder.select(state, rows.parents.tolist())
            last = rows.tokens[:, -1].tolist()
    return answers.ranked()


def _candidates(
    logits: Logits, norm: NDArray[np.floating[Any]], rows: _Rows, width: int
) -> tuple[Indices, Indices, Floats]:
    """Row, token and log-probability of the next steps worth looking at, by source and there best first.

    Twice the beam's width of each row: as many may end, and the beam still goes on in full.
    """
    best = best_tokens(logits, 2 * width)
    chances = (np.take_along_axis(logits, best, axis=1) - norm).astype(np.float64)
    total = rows.total[:, None] + chances
    possible = np.flatnonzero(np.isfinite(total))
    row = possible // best.shape[1]
    order = np.lexsort((-total.ravel()[possible], rows.owner[row]))
    possible = possible[order]
    return row[order], best.ravel()[possible], chances.ravel()[possible]


def _places(owner: Indices) -> Indices:
    """The place of each among those of its owner, from 0; `owner` is sorted."""
    return np.arange(len(owner)) - np.searchsorted(owner, owner)


class _Answers:
    """The finished hypotheses of each source, and the steps from which their attention is read off."""

    def __init__(self, sources: Sequence[Sequence[int]], options: BeamOptions) -> None:
        self._sources = sources
        self._options = options
        self._found: list[list[Hypothesis]] = [[] for _ in sources]
        self._steps: list[tuple[Indices, Attention | None]] = []
        self.floor = np.full(len(sources), -np.inf)  # the score under which nothing more is wanted

    def note(self, parents: Indices, trace: Trace) -> None:
        """Keep where a step's rows came from and where they looked."""
        attention = [activation.values for activation in trace if activation.kind == "attention"]
        self._steps.append((parents, attention[-1] if attention else None))

    def add(self, row: _Rows, step_row: int, end: float | None) -> None:
        """A hypothesis that stood at `step_row` of the last step; `end` is the log-probability of its end, if any."""
        owner = int(row.owner[0])
        tokens = tuple(row.tokens[0].tolist())
        chances = (*row.chances[0].tolist(), *(() if end is None else (end,)))
        attention = self._attention(step_row, len(chances), len(self._sources[owner]))
        score = sum(chances) / self._options.lengthened(len(chances))
        if attention is not None and self._options.coverage_penalty:
            coverage = np.clip(attention[:, :-1].sum(axis=0, dtype=np.float64), LEAST, 1.0)
            score += self._options.coverage_penalty * float(np.log(coverage).sum())
        found = self._found[owner]
        found.append(Hypothesis(tokens, chances, attention, end is not None, float(score)))
        scores = sorted((answer.score for answer in found if answer.ended), reverse=True)
        if len(scores) >= self._options.answers:
            self.floor[owner] = scores[self._options.answers - 1]

    def ranked(self) -> list[list[Hypothesis]]:
        return [sorted(found, key=lambda answer: (not answer.ended, -answer.score)) for found in self._found]

    def _attention(self, row: int, length: int, width: int) -> Attention | None:
        """Where a hypothesis of `length` tokens looked, followed back from its row in the last step."""
        looked = []
        for parents, attention in reversed(self._steps):
            if attention is None:
                return None
            looked.append(attention[row, :width])
            row = int(parents[row])
        assert len(looked) == length
        return np.stack(looked[::-1])
