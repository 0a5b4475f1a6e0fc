"""The lines of a list that hold what was typed."""

from __future__ import annotations

from collections.abc import Sequence


def found(typed: str, lines: Sequence[str]) -> list[int]:
    """The indexes of the lines that hold every word of `typed`, in any case; a line that is it or begins with it
    comes first."""
    words, whole = typed.casefold().split(), typed.casefold().strip()
    cased = [line.casefold() for line in lines]
    fitting = [index for index, line in enumerate(cased) if all(word in line for word in words)]
    return sorted(fitting, key=lambda index: (cased[index] != whole, not cased[index].startswith(whole)))
