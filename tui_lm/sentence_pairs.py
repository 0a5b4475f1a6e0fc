"""Parallel text: sentences and their translations, from columns, two aligned files or JSON lines.

A TSV or CSV file has a pair in two of its columns, a JSON line in two of its fields. In two aligned files, line N of
one is the translation of line N of the other. Each file may be compressed with gzip.
"""

from __future__ import annotations

import json
import re
import unicodedata
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, zip_longest

from tui_lm.chats.column_names import names_sentences
from tui_lm.chats.document import Document
from tui_lm.chats.tables import Dialect, dialect_of, has_letters
from tui_lm.errors import TuiLmError

LOOK = 200  # lines read to distinguish sentence pairs from prose
DEFAULT = ("1", "2")  # columns
_CLOCK = re.compile(r"\d{1,2}:\d\d")
_LONGEST_NAME = 30  # maximum length of a column's name


@dataclass(frozen=True, slots=True)
class Pair:
    """A sentence and its translation."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of the sentences: `source` and `target` are counted from 1, or name columns or JSON fields.

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
                f"columns cannot be {columns!r}",
                "name two columns, counted from 1, or two JSON fields, for example 1,3 or de,en",
                exit_code=2,
                about="columns",
            )
        return cls(names[0], names[1], aligned, reverse)


def looks_parallel(document: Document) -> bool:
    """Whether at least 90 % of the first lines of a file hold a sentence pair, in columns that are text."""
    lines = [line for line in islice(_lines(document), LOOK) if line.strip()]
    if len(lines) > 1 and all(line.startswith("{") for line in lines):
        return _share(lines, Layout()) >= 0.9
    dialect = dialect_of("\n".join(lines), document.name)
    if dialect is None or (len(lines) < 2 and not document.name.lower().endswith((".tsv", ".csv"))):
        return False
    table = list(dialect.rows(lines))
    columns = _text_columns(table)
    if len(columns) > 1 and 2 * sum(1 for row in table if _CLOCK.search("".join(row[: columns[0] + 1])[:40])) > len(
        table
    ):
        return False  # a log: the texts after its times are not translations
    return len(columns) > 1 and 10 * sum(_filled(row, columns[0], columns[1]) for row in table) >= 9 * len(table)


def _share(lines: list[str], layout: Layout) -> float:
    return sum(1 for line in lines if _json_pair(line, layout) is not None) / max(1, len(lines))


def _text_columns(table: list[list[str]]) -> list[int]:
    """The columns that hold text and not numbers, counted from 0."""
    width = max(map(len, table), default=0)
    return [column for column in range(width) if has_letters(row[column] for row in table if column < len(row))]


def _filled(row: list[str], *columns: int) -> bool:
    return all(column < len(row) and row[column].strip() for column in columns)


def read_pairs(
    documents: Sequence[Document], layout: Layout, warn: Callable[[str], object] = lambda _: None
) -> Iterator[Pair]:
    """The pairs of `documents` in their order, without the lines of which one side is empty.

    Raises TuiLmError if aligned files have different numbers of lines, or a file has no pair. `warn` is called
    with a note on each file that is read in an unexpected way.
    """
    if layout.aligned:
        if len(documents) % 2:
            raise TuiLmError(
                "aligned files come in pairs",
                "name the file of source sentences, then the file of translations",
                exit_code=2,
            )
        for source, target in zip(documents[::2], documents[1::2], strict=True):
            yield from _reversed_if(layout, _aligned(source, target))
        return
    for document in documents:
        found = False
        for pair in _reversed_if(layout, _pairs_of(document, layout, warn)):
            found = True
            yield pair
        if not found:
            raise TuiLmError(
                f"{document.name} has no sentence pairs in columns {layout.source} and {layout.target}",
                "columns are separated by tabs, or by commas in a .csv file, and counted from 1, for example 1,2",
                about="columns",
            )


def _reversed_if(layout: Layout, pairs: Iterator[Pair]) -> Iterator[Pair]:
    return (Pair(pair.target, pair.source) for pair in pairs) if layout.reverse else pairs


def _pairs_of(document: Document, layout: Layout, warn: Callable[[str], object]) -> Iterator[Pair]:
    lines = _lines(document)
    first = list(islice(lines, LOOK))
    if any(line.startswith("{") for line in first):
        for line in chain(first, lines):
            if (pair := _json_pair(line, layout)) is not None:
                yield pair
        return
    dialect = dialect_of("\n".join(first), document.name) or Dialect("\t", quoted=False)
    sample = list(dialect.rows(first))
    header = sample[0] if sample and _is_header(sample) else None
    source, target = _columns_of(layout, header, sample, document.name, warn)
    for number, row in enumerate(dialect.rows(chain(first, lines))):
        if (number or header is None) and (pair := _pair(row, source, target)) is not None:
            yield pair


def _is_header(table: list[list[str]]) -> bool:
    """Whether the first row names the columns: each cell is a language, its code, or a word for a side of a pair."""
    names = [cell.strip().casefold() for cell in table[0]]
    if len(table) < 2 or len(names) < 2 or not all(names) or any(len(name) > _LONGEST_NAME for name in names):
        return False
    return all(map(names_sentences, names)) and table[0] != table[1]


def _columns_of(
    layout: Layout, header: list[str] | None, sample: list[list[str]], name: str, warn: Callable[[str], object]
) -> tuple[int, int]:
    """The columns of source and target, counted from 0; -1 for a missing one."""
    named = {cell.strip().casefold(): column for column, cell in enumerate(header or [])}

    def column_of(column: str) -> int:
        return int(column) - 1 if column.isdecimal() else named.get(column.casefold(), -1)

    source, target = column_of(layout.source), column_of(layout.target)
    texts = _text_columns(sample[1:] if header else sample)
    if (layout.source, layout.target) == DEFAULT and len(texts) > 1 and not {source, target} <= set(texts):
        warn(
            f"{name}: columns {texts[0] + 1} and {texts[1] + 1} are read, since columns 1 and 2 are not both text; "
            "--columns names others"
        )
        return texts[0], texts[1]
    return source, target


def _pair(row: list[str], source: int, target: int) -> Pair | None:
    """The pair in a row, or None if one side is missing or empty."""
    if source < 0 or target < 0 or not _filled(row, source, target):
        return None
    return Pair(_normal(row[source]), _normal(row[target]))


def _aligned(source: Document, target: Document) -> Iterator[Pair]:
    for one, other in zip_longest(_lines(source), _lines(target)):
        if one is None or other is None:
            raise TuiLmError(
                f"{source.name} and {target.name} have different numbers of lines",
                "line N of one file must be the translation of line N of the other",
            )
        if one.strip() and other.strip():
            yield Pair(_normal(one), _normal(other))


def _normal(text: str) -> str:
    """Text in NFC, the form in which the translator also gets its input."""
    return unicodedata.normalize("NFC", text.strip())


def _json_pair(line: str, layout: Layout) -> Pair | None:
    """The pair in the texts of a JSON object, one level deep, by their name or their number."""
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(values, dict):
        return None
    inner = values.get("translation")  # the form of many public data sets
    values = inner if isinstance(inner, dict) else values
    texts = {name: value for name, value in values.items() if isinstance(value, str)}
    cells = {str(number): text for number, text in enumerate(texts.values(), start=1)} | texts
    source, target = cells.get(layout.source, "").strip(), cells.get(layout.target, "").strip()
    return Pair(_normal(source), _normal(target)) if source and target else None


def _lines(document: Document) -> Iterator[str]:
    try:
        yield from document.lines()
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or "it is cut short or damaged"
        raise TuiLmError(f"{document.name} cannot be read: {reason}", "check the file, or download it again") from error
