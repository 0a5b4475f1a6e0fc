"""Parallel text: sentences and their translations, from TSV columns, two aligned files or JSON lines.

A TSV file has a pair in two of its columns, a JSON line in two of its fields. In two aligned files, line N of one is
the translation of line N of the other. Each file may be compressed with gzip.
"""

from __future__ import annotations

import json
import unicodedata
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest
from pathlib import Path

from tui_lm.chats.document import Meter, file_document
from tui_lm.errors import TuiLmError

LOOK = 200  # lines that are read to tell sentence pairs from prose


@dataclass(frozen=True, slots=True)
class Pair:
    """A sentence and its translation."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of the sentences: `source` and `target` are counted from 1, or name JSON fields.

    `aligned` files come in pairs, the source first. `reverse` exchanges source and target.
    """

    source: str = "1"
    target: str = "2"
    aligned: bool = False
    reverse: bool = False

    @classmethod
    def of(cls, columns: str = "1,2", *, aligned: bool = False, reverse: bool = False) -> Layout:
        """The layout of "1,2" or "de,en". Raises TuiLmError if `columns` does not name two columns."""
        names = [name.strip() for name in columns.split(",")]
        if len(names) != 2 or not all(names) or names[0] == names[1] or "0" in names:
            raise TuiLmError(
                f"--columns cannot be {columns!r}",
                "name two columns, counted from 1, or two JSON fields: --columns 1,3 or --columns de,en",
                exit_code=2,
            )
        return cls(names[0], names[1], aligned, reverse)


def looks_parallel(source: Path) -> bool:
    """Whether at least 90 % of the first lines of a file hold a sentence pair."""
    lines = [line for line in islice(_lines(source), LOOK) if line.strip()]
    paired = sum(1 for line in lines if _pair(line, Layout()) is not None)
    return bool(lines) and paired >= 0.9 * len(lines)


def read_pairs(sources: Sequence[Path], layout: Layout) -> Iterator[Pair]:
    """The pairs of `sources` in their order, without the lines of which one side is empty.

    Raises TuiLmError if aligned files have different numbers of lines, or a file has no pair.
    """
    if layout.aligned:
        if len(sources) % 2:
            raise TuiLmError(
                "aligned files come in pairs",
                "name the file of source sentences, then the file of translations",
                exit_code=2,
            )
        for source, target in zip(sources[::2], sources[1::2], strict=True):
            yield from _turned(_aligned(source, target), layout)
        return
    for source in sources:
        found = False
        for line in _lines(source):
            if (pair := _pair(line, layout)) is not None:
                found = True
                yield Pair(pair.target, pair.source) if layout.reverse else pair
        if not found:
            raise TuiLmError(
                f"{source.name} has no sentence pairs in columns {layout.source} and {layout.target}",
                "columns are separated by tabs and counted from 1: --columns 1,2",
            )


def _turned(pairs: Iterator[Pair], layout: Layout) -> Iterator[Pair]:
    return (Pair(pair.target, pair.source) for pair in pairs) if layout.reverse else pairs


def _aligned(source: Path, target: Path) -> Iterator[Pair]:
    for one, other in zip_longest(_lines(source), _lines(target)):
        if one is None or other is None:
            raise TuiLmError(
                f"{source.name} and {target.name} have different numbers of lines",
                "line N of one file must be the translation of line N of the other",
            )
        if one.strip() and other.strip():
            yield Pair(_normal(one), _normal(other))


def _pair(line: str, layout: Layout) -> Pair | None:
    """The pair of one line, or None if a side is missing or empty."""
    cells = _fields(line) if line.startswith("{") else _columns(line)
    source, target = cells.get(layout.source, "").strip(), cells.get(layout.target, "").strip()
    return Pair(_normal(source), _normal(target)) if source and target else None


def _normal(text: str) -> str:
    """Text in NFC, the form in which the translator also gets its input."""
    return unicodedata.normalize("NFC", text.strip())


def _columns(line: str) -> dict[str, str]:
    """The cells of a TSV line by number, from "1"."""
    if "\t" not in line:
        return {}
    return {str(number): cell for number, cell in enumerate(line.split("\t"), start=1)}


def _fields(line: str) -> dict[str, str]:
    """The strings of a JSON object, by name and by number; of its field "translation" if it has one."""
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        return _columns(line)
    inner = values.get("translation")  # the format of many public data sets
    values = inner if isinstance(inner, dict) else values
    texts = {name: value for name, value in values.items() if isinstance(value, str)}
    return {str(number): text for number, text in enumerate(texts.values(), start=1)} | texts


def _lines(source: Path) -> Iterator[str]:
    """The lines of a file. Raises TuiLmError if it cannot be read."""
    try:
        yield from file_document(source, source.name, {}, Meter()).lines()
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or "it is cut short or damaged"
        raise TuiLmError(f"{source} cannot be read: {reason}", "check the path, or download the file again") from error
