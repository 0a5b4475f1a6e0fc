"""Tables of text: the separator, the quotes, and the columns that hold text."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

LOOK = 200  # number of rows examined
LONGEST_CELL = 1 << 20  # characters
_NEARLY_ALL = 0.9
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Dialect:
    """`quoted` cells are those of CSV: in double quotes, which are doubled inside; they may contain line ends."""

    delimiter: str
    quoted: bool

    def rows(self, lines: Iterable[str]) -> Iterator[list[str]]:
        """The cells of each row that is not blank. Broken cells are kept as they are."""
        if not self.quoted:
            yield from (line.split(self.delimiter) for line in lines if line.strip())
            return
        csv.field_size_limit(LONGEST_CELL)
        table = csv.reader((line + "\n" for line in lines), delimiter=self.delimiter, strict=False)
        while True:
            try:
                row = next(table)
            except StopIteration:
                return
            except csv.Error:  # an unterminated cell, or a NUL: the row is lost
                continue
            if any(cell.strip() for cell in row):
                yield [cell.rstrip("\n") for cell in row]


def dialect_of(head: str, name: str) -> Dialect | None:
    """The layout of a text in columns, or None for a text without columns.

    Tabs always separate columns. Commas and semicolons do only in a .csv file or between quoted cells, because prose
    has commas too.
    """
    lines = [line for line in islice(head.split("\n"), LOOK) if line.strip()]
    if not lines:
        return None
    is_csv = name.lower().endswith(".csv")
    for delimiter in ("\t", ";", ",") if is_csv else ("\t",):
        if _columns(lines, Dialect(delimiter, quoted=is_csv)) > 1:
            return Dialect(delimiter, is_csv or _have_quotes(lines, delimiter))
    for delimiter in (",", ";"):
        if _have_quotes(lines, delimiter) and _columns(lines, Dialect(delimiter, quoted=True)) > 1:
            return Dialect(delimiter, quoted=True)
    return None


def _columns(lines: list[str], dialect: Dialect) -> int:
    """The number of columns that nearly all rows have; 0 if they differ."""
    lengths = [len(row) for row in dialect.rows(lines)]
    if not lengths:
        return 0
    least = sorted(lengths)[int(len(lengths) * (1 - _NEARLY_ALL))]
    return least if not dialect.quoted or lengths.count(least) >= _NEARLY_ALL * (len(lengths) - 1) else 0


def _have_quotes(lines: list[str], delimiter: str) -> bool:
    """Whether nearly all lines after the first consist of quoted cells."""
    rest = lines[1:] or lines
    quoted = sum(
        1 for line in rest if line.startswith('"') and f'"{delimiter}"' in line and line.rstrip().endswith('"')
    )
    return quoted >= _NEARLY_ALL * len(rest)


def has_letters(cells: Iterable[str]) -> bool:
    """Whether most of the non-empty cells contain a letter, unlike numbers and marks."""
    filled = [cell for cell in cells if cell.strip()]
    return bool(filled) and 2 * sum(1 for cell in filled if _LETTER.search(cell)) > len(filled)
