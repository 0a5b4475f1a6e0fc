"""Suggestions for a message that is being typed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    """A candidate for the token being typed, the characters since the last white space.

    `text` replaces the token and begins with it. `probability` is conditional on what is typed of the token.
    """

    text: str
    probability: float


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`candidates`, most probable first, and the `ghost` text after the cursor, "" if the model is not sure."""

    candidates: tuple[Candidate, ...]
    ghost: str
