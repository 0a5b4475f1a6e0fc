"""Whole short messages that one could send next: what is offered to someone who has not typed anything.

As in Smart Reply (Kannan et al. 2016) a few are shown that differ from one another, since three ways of "ok" are one.
The likeliest first words, by all models together, are each written on by the network, with a beam of their own that
keeps them apart (Vijayakumar et al. 2018). The messages are ranked by

    log P(first word) + log P(rest | first word) / lp(rest)

with the length penalty lp of GNMT (Wu et al. 2016): by their probability alone the shortest would come first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_lm.completion.prefix import Places
from tui_lm.completion.suggestion import Candidate
from tui_lm.completion.words import Kind, is_unspaced, kind_of
from tui_lm.redaction import holds_placeholder
from tui_lm.sampling import Floats
from tui_lm.tokenizers.specials import END

Indices = NDArray[np.intp]

BEGINNINGS = 8  # first words that are written on
BEAM = 3  # ways that each may go on at once
LONGEST = 48  # characters
LENGTH_PENALTY = 0.7
TERSE, STEM = 2, 2  # words of a message of which the first letters count
WORDS = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class _Way:
    """What follows a first word, and its log-probability."""

    tokens: tuple[int, ...] = ()
    chance: float = 0.0

    @property
    def score(self) -> float:
        return self.chance / _lengthened(len(self.tokens))


def smart_replies(places: Places, beginnings: Sequence[Candidate], n: int) -> tuple[Candidate, ...]:
    """At most n messages, best first, each with its probability: one line each, and different from one another.

    They begin with some of `beginnings`, first words with their probabilities, likeliest first.
    """
    found = [
        (float(np.log(word.probability)) + rest.score, Candidate(text, word.probability * float(np.exp(rest.chance))))
        for word in beginnings[:BEGINNINGS]
        for text, rest in _messages(places, word.text)
    ]
    found.sort(key=lambda message: (-message[0], message[1].text))
    return tuple(_different((message for _, message in found), n))


def are_alike(one: str, other: str) -> bool:
    """Whether two messages say much the same: half of the shorter one's words are in the other.

    Of a message of a word or two the first letters count alone: "ok" is like "oh okay", and "yes" like "yep".
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


def _messages(places: Places, word: str) -> Iterator[tuple[str, _Way]]:
    """The likely whole messages that begin with `word`, and what of them follows it."""
    tokenizer = places.engine.tokenizer
    begun = tokenizer.encode(word)
    for rest in _rests(places, word):
        text = tokenizer.decode([*begun, *rest.tokens]).strip()
        if len(text) <= LONGEST and not holds_placeholder(text):
            yield text, rest


def _rests(places: Places, word: str) -> list[_Way]:
    """Beam search for how a message goes on after its first word.

    Those that end keep their place in the beam; what cannot become better than one of them is not followed.
    """
    runtime, spelling = places.engine.runtime, places.spelling
    place = places.reach(word)
    logits, state = place.logits, place.state
    ways, ended = [_Way()], list[_Way]()
    for length in range(LONGEST):
        every = spelling.probabilities(logits)
        every[:, spelling.newlines] = 0.0
        if not length:
            every = _after_word(places, word, every)
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
    """lp of so many tokens, an end among them."""
    return float(((5 + tokens) / 6) ** LENGTH_PENALTY)


def _after_word(places: Places, word: str, every: Floats) -> Floats:
    """`every` [1, V], the probabilities of what may follow, given that `word` is whole."""
    kind = next((kind for kind in map(kind_of, reversed(word)) if kind is not Kind.EXTEND), Kind.OTHER)
    if is_unspaced(word):
        return every
    ending = np.where(places.spelling.ends[kind], every, 0.0)
    return ending / max(float(ending.sum()), 1e-12)


def _best(chances: Floats, most: int) -> tuple[Indices, Indices]:
    """Rows and tokens of the likeliest ways to go on, at most so many, best first."""
    flat = chances.ravel()
    best = np.argpartition(-flat, most)[:most] if most < len(flat) else np.arange(len(flat))
    best = best[np.isfinite(flat[best])]
    best = best[np.argsort(-flat[best], kind="stable")]
    return best // chances.shape[1], best % chances.shape[1]
