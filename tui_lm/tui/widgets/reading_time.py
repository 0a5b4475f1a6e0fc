"""How long each suggested word has stood on the screen while one token is typed.

A word that was read and not accepted is not wanted; one that flashed by in a burst of keys was not read.
"""

from __future__ import annotations

from collections.abc import Sequence

READ = 0.5  # seconds
Site = tuple[int, int]  # the row and column where a token begins


class ReadingTime:
    """Times are in seconds, of any clock. A word that moves to another column is read anew."""

    def __init__(self) -> None:
        self._token: Site | None = None
        self._standing: list[tuple[str, float]] = []  # the word of each column, and since when it stands there
        self._longest: dict[str, float] = {}  # of the words that stood before, in seconds

    def follow(self, token: Site, typed: str) -> None:
        """The text has changed: `typed` of the token that begins at `token`. What stood for another one is forgotten,
        and an emptied token begins anew."""
        if token != self._token or not typed:
            self._token = token
            self._standing = []
            self._longest = {}

    def show(self, words: Sequence[str], now: float) -> None:
        """`words` stand on the screen now, one a column."""
        before = dict(enumerate(self._standing))
        self._longest = dict(self.shown(now))
        self._standing = [
            before[column] if column in before and before[column][0] == word else (word, now)
            for column, word in enumerate(words)
        ]

    def read(self, now: float) -> tuple[bool, ...]:
        """Whether the word of each column has stood long enough to be read."""
        return tuple(now - since >= READ for _, since in self._standing)

    def shown(self, now: float) -> tuple[tuple[str, float], ...]:
        """Each word that has stood for this token, with its longest time unmoved, in seconds."""
        longest = dict(self._longest)
        for word, since in self._standing:
            longest[word] = max(longest.get(word, 0.0), now - since)
        return tuple(longest.items())
