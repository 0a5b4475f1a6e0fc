"""Authors: stable aliases for them, and their names where others call them by name."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tui_lm.redaction.boundary import END, START

SHORTEST = 3  # letters of a part of a name that is sought by itself; two where letters are syllables or words
_PART = re.compile(r"[^\W\d_]{2,}")


class Aliases:
    """ "Person A", "Person B" and so on, in the order in which authors first appear: a chat that grows keeps them."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}

    def of(self, author: str) -> str:
        if author not in self.known:
            self.known[author] = f"Person {letters(len(self.known))}"
        return self.known[author]


def letters(number: int) -> str:
    """A, B, ... Z, AA, AB and so on, as columns of a spreadsheet are called."""
    name = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def pattern(authors: Iterable[str]) -> re.Pattern[str] | None:
    """Finds the authors' names, whole or in part, in any case. None where there is no name to find."""
    names: set[str] = set()
    for author in authors:
        names.add(author.strip())
        names.update(part for part in _PART.findall(author) if len(part) >= SHORTEST or not part.isascii())
    sought = sorted((name for name in names if len(name) > 1), key=lambda name: (-len(name), name))
    if not sought:
        return None
    return re.compile(rf"{START}@?(?:{'|'.join(map(re.escape, sought))}){END}", re.IGNORECASE)
