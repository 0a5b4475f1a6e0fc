"""Acceptance of ghost text, and how often it is wrong, for someone who accepts every correct ghost.

A ghost is correct if the message continues with it and a word ends there. One that stays the same while the typist
types along counts as shown once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tui_lm.completion.words import ends_word

Suggest = Callable[[str], str]
"""Returns the ghost after the message so far, "" for none."""


@dataclass(slots=True)
class GhostTypist:
    """Types messages with ghost text and counts keys and ghosts."""

    keys: int = 0
    shown: int = 0
    accepted: int = 0
    wrong: int = 0  # keys at which a wrong ghost was shown

    def type(self, text: str, suggest: Suggest) -> None:
        """Type one message, calling `suggest` before every key."""
        position, promised = 0, ""
        while position < len(text):
            ghost = suggest(text[:position])
            end = position + len(ghost)
            self.keys += 1
            if ghost and text[:position] + ghost != promised:
                self.shown += 1
            promised = text[:position] + ghost if ghost else ""
            if ghost and text.startswith(ghost, position) and ends_word(text, end):
                self.accepted += 1
                position, promised = end, ""
            else:
                self.wrong += bool(ghost)
                position += 1

    @property
    def acceptance(self) -> float | None:
        """The accepted ghosts in per cent of those shown."""
        return 100.0 * self.accepted / self.shown if self.shown else None

    @property
    def wrong_shows(self) -> float | None:
        """The keys with a wrong ghost in per cent of all keys."""
        return 100.0 * self.wrong / self.keys if self.keys else None
