"""Beam search over many sources at once; the hypotheses of all sources are the rows of one batch.

At each step the best `beam` candidates of each source are kept. A candidate that ends is finished and leaves the beam,
which narrows by one; the search of a source ends when its beam is empty (Bahdanau et al. 2015). Finished hypotheses are
ranked by the score of GNMT (Wu et al. 2016, equation 14):

    s(Y, X)  = log P(Y | X) / lp(Y) + cp(X, Y)
    lp(Y)    = ((5 + |Y|) / 6) ** length_penalty
    cp(X, Y) = coverage_penalty * sum over the source tokens i of log min(sum over the target tokens j of a_ij, 1)

Shapes: N sources, R rows (live hypotheses), V vocabulary, S padded source length, T steps so far.
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

SURE = 0.5  # the empty translation is allowed only if its end has at least this probability
LEAST = 0.01  # lower bound of the attention to a source token in the coverage penalty


class Decoder(Protocol):
    """The part of a runtime that the search needs. The caller may modify the logits of a step in place."""

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
        """The maximum number of tokens of a translation of `source`, its end included."""
        return 2 * len(source) + 10 if self.max_length is None else self.max_length

    def lengthened(self, tokens: NDArray[Any] | int) -> Any:
        """lp(Y) of hypotheses of `tokens` tokens."""
        return ((5.0 + tokens) / 6.0) ** self.length_penalty


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A hypothesis: its tokens and their log-probabilities; if it `ended`, that of the end comes last.

    `attention` [T, S] has a row for each log-probability; None for a network without attention.
    """

    tokens: tuple[int, ...]
    log_probabilities: tuple[float, ...]
    attention: Attention | None
    ended: bool
    score: float


@dataclass(frozen=True, slots=True)
class _Rows:
    """The live hypotheses: `owner` [R] is the source of each row, `total` [R] its log P, `tokens` and `chances` [R, T]
    its tokens and their log-probabilities, `parents` [R] its row in the step before."""

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
        """The rows `rows`, each extended by one token."""
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
    """The hypotheses of each source, best first; those cut at the length limit come last.

    Row n of `state` is the encoded source n. The tokens `never` are excluded.
    """
    limits = np.array([options.limit(source) for source in sources], dtype=np.intp)
    allowed = np.array([longest_run(source) for source in sources], dtype=np.intp)
    answers = _Answers(sources, options)
    room = np.full(len(sources), options.width)  # how wide the beam of each source still is
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

        finished = np.flatnonzero((token == END) & (_ranks(owner) < room[owner]))
        for i in finished.tolist():
            answers.add(rows.take(row[i : i + 1]), row[i], float(chance[i]))
        room -= np.bincount(owner[finished], minlength=len(room))

        longer = np.flatnonzero(token != END)
        longer = longer[_ranks(owner[longer]) < room[owner[longer]]]
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
    """Row, token and log-probability of the candidates, grouped by source, best first.

    Each row contributes twice the beam size, so that the beam stays full if as many of them end.
    """
    best = best_tokens(logits, 2 * width)
    chances = (np.take_along_axis(logits, best, axis=1) - norm).astype(np.float64)
    total = rows.total[:, None] + chances
    possible = np.flatnonzero(np.isfinite(total))
    row = possible // best.shape[1]
    order = np.lexsort((-total.ravel()[possible], rows.owner[row]))
    possible = possible[order]
    return row[order], best.ravel()[possible], chances.ravel()[possible]


def _ranks(owner: Indices) -> Indices:
    """The rank of each candidate among those of its source, from 0; `owner` is sorted."""
    return np.arange(len(owner)) - np.searchsorted(owner, owner)


class _Answers:
    """The finished hypotheses of each source, and the attention of every step, from which theirs is collected."""

    def __init__(self, sources: Sequence[Sequence[int]], options: BeamOptions) -> None:
        self._sources = sources
        self._options = options
        self._found: list[list[Hypothesis]] = [[] for _ in sources]
        self._steps: list[tuple[Indices, Attention | None]] = []
        self.floor = np.full(len(sources), -np.inf)  # the score that a further hypothesis has to exceed

    def note(self, parents: Indices, trace: Trace) -> None:
        """Record the parents of a step's rows and their attention."""
        attention = [activation.values for activation in trace if activation.kind == "attention"]
        self._steps.append((parents, attention[-1] if attention else None))

    def add(self, row: _Rows, step_row: int, end: float | None) -> None:
        """Add a hypothesis: row `step_row` of the last step; `end` is the log-probability of its end, if any."""
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
        """The attention [length, width] of a hypothesis, followed back from its row in the last step."""
        looked = []
        for parents, attention in reversed(self._steps):
            if attention is None:
                return None
            looked.append(attention[row, :width])
            row = int(parents[row])
        assert len(looked) == length
        return np.stack(looked[::-1])
