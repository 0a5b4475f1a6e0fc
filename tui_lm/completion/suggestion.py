"""Suggestions for a message that is being typed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

READ = 500.0  # milliseconds after which a word on the screen counts as read


@dataclass(frozen=True, slots=True)
class Candidate:
    """A candidate for the token being typed, the characters since the last white space.

    `text` replaces the token and begins with it, but for accents that were left out and the other apostrophe.
    `probability` is conditional on what is typed of the token.
    """

    text: str
    probability: float


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`candidates`, most probable first, and the `ghost` text after the cursor, "" if the model is not sure."""

    candidates: tuple[Candidate, ...]
    ghost: str


@dataclass(frozen=True, slots=True)
class Stage(Suggestion):
    """A suggestion that may be followed by a better one for the same text.

    `refined`: the search for the candidates has ended. Until then the ghost text is not known.
    """

    refined: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A candidate that stood on the screen for the token being typed, and for how many milliseconds, unmoved.

    It was not accepted: an accepted one ends its token.
    """

    text: str
    milliseconds: float


def refused(shown: Iterable[Shown]) -> frozenset[str]:
    """The candidates that were read and not accepted. One that vanished in a burst of keys was not read."""
    return frozenset(word.text for word in shown if word.milliseconds >= READ)
