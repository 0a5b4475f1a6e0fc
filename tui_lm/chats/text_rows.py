"""What the formats of lines share: a row starts with a header line, and the lines after it are its body."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator


def rows_of(
    lines: Iterable[str], header: re.Pattern[str], *, after_blank: bool = False
) -> Iterator[tuple[re.Match[str], list[str]]]:
    """Each header with the lines that follow it. Lines before the first header are passed over.

    With `after_blank` a line is a header only where the line before it is blank, or there is none.
    """
    found: re.Match[str] | None = None
    body: list[str] = []
    blank = True
    for line in lines:
        start = header.match(line) if blank or not after_blank else None
        blank = not line.strip()
        if start is None:
            body.append(line)
            continue
        if found is not None:
            yield found, body
        found, body = start, []
    if found is not None:
        yield found, body


def first_lines(head: str, count: int) -> list[str]:
    """The first lines that are not blank, for recognising a format."""
    return [line for line in head.split("\n", 10 * count) if line.strip()][:count]
