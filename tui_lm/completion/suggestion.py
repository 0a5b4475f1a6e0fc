"""What is offered to someone who types."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    """`text` replaces the token being typed, the characters since the last white space, and begins with them.

    `probability` is relative to what is typed: that this word is meant, given its beginning.
    """

    text: str
    probability: float


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`candidates`, most probable first, and the `ghost` that continues the text, "" where the model is not sure."""

    candidates: tuple[Candidate, ...]
    ghost: str
