"""Whole replies: short messages that could be sent next, offered before anything is typed.

As in Smart Reply (Kannan et al. 2016) the few that are shown differ from one another. The most probable first words, by
all models together, are each continued by the network with a beam search of their own, which keeps the replies diverse
(Vijayakumar et al. 2018). They are ranked by

    log P(first word) + log P(rest | first word) / lp(rest)

with the length penalty lp of GNMT (Wu et al. 2016), since probability alone would favour the shortest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_lm.completion.lexicon import Lexicon
from tui_lm.completion.prefix import MessageStates
from tui_lm.completion.suggestion import Candidate
from tui_lm.completion.words import RunKind, is_unspaced, kind_of
from tui_lm.redaction import holds_placeholder
from tui_lm.sampling import Floats
from tui_lm.tokenizers.specials import END

Indices = NDArray[np.intp]

BEGINNINGS = 8  # first words that are continued
BEAM = 3  # hypotheses per first word
LONGEST = 48  # characters
LENGTH_PENALTY = 0.7
TERSE, STEM = 2, 2  # messages of at most two words are compared by the first two letters of each
WORDS = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class _Way:
    """A continuation of a first word, and its log-probability."""

    tokens: tuple[int, ...] = ()
    chance: float = 0.0

    @property
    def score(self) -> float:
        return self.chance / _lengthened(len(self.tokens))


def smart_replies(
    states: MessageStates, lexicon: Lexicon, beginnings: Sequence[Candidate], n: int
) -> tuple[Candidate, ...]:
    """At most n different messages of one line, best first, with their probabilities.

    They begin with words of `beginnings`, which are sorted, most probable first.
    """
    found = [
        (float(np.log(word.probability)) + rest.score, Candidate(text, word.probability * float(np.exp(rest.chance))))
        for word in beginnings[:BEGINNINGS]
        for text, rest in _messages(states, word.text)
        if lexicon.allows(text)
    ]
    found.sort(key=lambda message: (-message[0], message[1].text))
    return tuple(_different((message for _, message in found), n))


def are_alike(one: str, other: str) -> bool:
    """Whether two messages are similar: half of the shorter one's words are in the other.

    Words of messages of one or two words are compared by their first letters: "ok" is like "oh okay", "yes" like "yep".
    """
    words, others = (WORDS.findall(text.casefold()) or [text] for text in (one, other))
    if max(len(words), len(others)) <= TERSE:
        words, others = ([word[:STEM] for word in side] for side in (words, others))
    return 2 * len({*words} & {*others}) >= min(len({*words}), len({*others}))


def _different(messages: Iterable[Candidate], n: int) -> Iterator[Candidate]:
    shown: list[str] = []
    for message in messages:
        if len(shown) < n and not any(are_alike(message.text, text) for text in shown):
            shown.append(message.text)
            yield message


def _messages(states: MessageStates, word: str) -> Iterator[tuple[str, _Way]]:
    """The likely messages that begin with `word`, and their continuations of it."""
    tokenizer = states.engine.tokenizer
    begun = tokenizer.encode(word)
    for rest in _rests(states, word):
        text = tokenizer.decode([*begun, *rest.tokens]).strip()
        if len(text) <= LONGEST and not holds_placeholder(text) and "\N{REPLACEMENT CHARACTER}" not in text:
            yield text, rest


def _rests(states: MessageStates, word: str) -> list[_Way]:
    """Beam search for the continuations of a message after its first word.

    Finished ones narrow the beam; hypotheses that cannot score better than a finished one are pruned.
    """
    runtime, spelling = states.engine.runtime, states.spelling
    reached = states.reach(word)
    logits, state = reached.logits, reached.state
    ways, ended = [_Way()], list[_Way]()
    for length in range(LONGEST):
        every = spelling.probabilities(logits)
        every[:, spelling.newlines] = 0.0
        if not length:
            every = _after_word(states, word, every)
        with np.errstate(divide="ignore"):
            chances = np.log(every) + np.array([way.chance for way in ways])[:, None]
        rows, tokens = _best(chances, BEAM - len(ended))
        grown = [
            (row, _Way((*ways[row].tokens, token), float(chances[row, token])))
            for row, token in zip(rows.tolist(), tokens.tolist(), strict=True)
        ]
        ended += (way for _, way in grown if way.tokens[-1] == END)
        least = max((way.score for way in ended), default=-np.inf)
        grown = [
            (row, way) for row, way in grown if way.tokens[-1] != END and way.chance / _lengthened(LONGEST) > least
        ]
        if not grown:
            break
        ways = [way for _, way in grown]
        logits, state = runtime.step([way.tokens[-1] for way in ways], runtime.select(state, [row for row, _ in grown]))
    return ended


def _lengthened(tokens: int) -> float:
    """lp of a continuation of `tokens` tokens, its end included."""
    return float(((5 + tokens) / 6) ** LENGTH_PENALTY)


def _after_word(states: MessageStates, word: str, every: Floats) -> Floats:
    """The next-token probabilities `every` [1, V], given that `word` is whole."""
    kind = next((kind for kind in map(kind_of, reversed(word)) if kind is not RunKind.EXTEND), RunKind.OTHER)
    if is_unspaced(word):
        return every
    ending = np.where(states.spelling.ends[kind], every, 0.0)
    return ending / max(float(ending.sum()), 1e-12)


def _best(chances: Floats, most: int) -> tuple[Indices, Indices]:
    """Rows and tokens of the at most `most` best continuations, best first."""
    flat = chances.ravel()
    best = np.argpartition(-flat, most)[:most] if most < len(flat) else np.arange(len(flat))
    best = best[np.isfinite(flat[best])]
    best = best[np.argsort(-flat[best], kind="stable")]
    return best // chances.shape[1], best % chances.shape[1]
