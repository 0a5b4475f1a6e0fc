"""Stable aliases for authors, and their names inside messages."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tui_lm.redaction.boundary import END, START

SHORTEST = 3  # letters of a part of a name that is matched alone; 2 outside ASCII, where a letter may be a syllable
_PART = re.compile(r"[^\W\d_]{2,}")


class Aliases:
    """ "Person A", "Person B" and so on, by first appearance, so that they stay the same when a chat grows."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}

    def of(self, author: str) -> str:
        """The alias of an author."""
        if author not in self.known:
            self.known[author] = f"Person {letters(len(self.known))}"
        return self.known[author]


def letters(number: int) -> str:
    """A, B, ... Z, AA, AB and so on, like the columns of a spreadsheet. `number` counts from 0."""
    name = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def pattern(authors: Iterable[str]) -> re.Pattern[str] | None:
    """A pattern for the names of the authors, whole or in part, in upper or lower case; None without any name."""
    names: set[str] = set()
    for author in authors:
        names.add(author.strip())
        names.update(part for part in _PART.findall(author) if len(part) >= SHORTEST or not part.isascii())
    sought = sorted((name for name in names if len(name) > 1), key=lambda name: (-len(name), name))
    if not sought:
        return None
    return re.compile(rf"{START}@?(?:{'|'.join(map(re.escape, sought))}){END}", re.IGNORECASE)
