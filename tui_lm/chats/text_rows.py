"""For line-based formats: a row is a header line and the lines after it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator


def rows_of(
    lines: Iterable[str], header: re.Pattern[str], *, after_blank: bool = False
) -> Iterator[tuple[re.Match[str], list[str]]]:
    """Yields each header with the lines after it. Lines before the first header are skipped.

    With `after_blank`, a line is a header only after a blank line or at the start of the file.
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
    """The first lines that are not blank, to recognise a format."""
    return [line for line in head.split("\n", 10 * count) if line.strip()][:count]
