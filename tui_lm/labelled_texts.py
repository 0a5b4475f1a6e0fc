"""Labelled texts: tables with a header, fastText's `__label__x text` lines, and JSON lines.

A table names a column of texts and one of labels in its first row, or the user names both columns.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from tui_lm.chats.document import Document
from tui_lm.chats.tables import Dialect, dialect_of
from tui_lm.errors import TuiLmError

LOOK = 200  # lines read to recognise labelled texts
TEXTS = ("text", "sentence", "tweet", "message")  # names of the column of texts
LABELS = ("label",)
_FASTTEXT = re.compile(r"__label__(\S+)\s*")
_NEARLY_ALL = 0.9
Row = tuple[str, str]  # text and label as written, either perhaps empty


@dataclass(frozen=True, slots=True)
class LabelledText:
    """A text and the one class that it belongs to."""

    text: str
    label: str


def reason_for_labels(lines: Sequence[str], name: str) -> str | None:
    """Why the first lines of the file `name` look like labelled texts; None if they do not."""
    if _all_fasttext(lines):
        return "its lines begin with __label__"
    if _columns_of(_header(lines, name)) is not None:
        return "it has columns that are called text and label"
    if _all_json(lines):
        return "its JSON objects have a text and a label"
    return None


def read_labelled(documents: Sequence[Document], columns: tuple[str, str] | None = None) -> Iterator[LabelledText]:
    """The texts of `documents` in their order. `columns` are those of text and label, by number from 1 or by name.

    Raises TuiLmError for a table without a header, and for a row without a text or a label.
    """
    for document in documents:
        found = False
        for number, (text, label) in enumerate(_rows(document, columns), start=1):
            for name, value in (("text", text), ("label", label)):
                if not value.strip():
                    raise TuiLmError(f"row {number} of {document.name} has no {name}", "complete the row or delete it")
            found = True
            yield LabelledText(text.strip(), label.strip())
        if not found:
            raise TuiLmError(f"{document.name} has no labelled texts", "give a file with a text and a label a line")


def _rows(document: Document, named: tuple[str, str] | None) -> Iterator[Row]:
    lines = document.lines()
    first = list(islice(lines, LOOK))
    filled = [line for line in first if line.strip()]
    lines = (line for line in chain(first, lines) if line.strip())
    if named is None and _all_fasttext(filled):
        return map(_fasttext_row, lines)
    if named is None and any(line.startswith("{") for line in filled):
        return map(_json_row, lines)
    return _table_rows(document.name, filled, lines, named)


def _table_rows(name: str, first: Sequence[str], lines: Iterable[str], named: tuple[str, str] | None) -> Iterator[Row]:
    header = _header(first, name)
    columns = _columns_of(header) if named is None else _named_columns(header, named)
    if columns is None:
        raise TuiLmError(
            f"{name} has no header with a column called text and one called label",
            "write the names of the columns, separated by a tab, as its first line, or name two columns",
            about="columns",
        )
    dialect = dialect_of("\n".join(first), name) or Dialect("\t", quoted=False)
    has_header = named is None or not all(map(str.isdecimal, named))
    for row in islice(dialect.rows(lines), int(has_header), None):
        text, label = (row[column] if column < len(row) else "" for column in columns)
        yield text, label


def _header(lines: Sequence[str], name: str) -> list[str]:
    """The cells of the first row, in lower case; none if the lines have no columns."""
    dialect = dialect_of("\n".join(lines), name)
    return [] if dialect is None else [cell.strip().casefold() for cell in next(dialect.rows(lines), [])]


def _columns_of(header: Sequence[str]) -> tuple[int, int] | None:
    """The columns of texts and labels, counted from 0."""
    text = next((header.index(name) for name in TEXTS if name in header), None)
    label = next((header.index(name) for name in LABELS if name in header), None)
    return None if text is None or label is None else (text, label)


def _named_columns(header: Sequence[str], names: tuple[str, str]) -> tuple[int, int] | None:
    """The columns that the user named, by number or by name."""
    columns = [
        int(name) - 1 if name.isdecimal() else header.index(name.casefold()) if name.casefold() in header else None
        for name in names
    ]
    text, label = columns
    return None if text is None or label is None else (text, label)


def _all_fasttext(lines: Sequence[str]) -> bool:
    return bool(lines) and sum(map(bool, map(_FASTTEXT.match, lines))) >= _NEARLY_ALL * len(lines)


def _fasttext_row(line: str) -> Row:
    """A line of fastText. Of several labels the first counts."""
    label, rest = "", line
    while found := _FASTTEXT.match(rest):
        label, rest = label or found[1], rest[found.end() :]
    return rest, label


def _all_json(lines: Sequence[str]) -> bool:
    return bool(lines) and sum(all(map(str.strip, _json_row(line))) for line in lines) >= _NEARLY_ALL * len(lines)


def _json_row(line: str) -> Row:
    """The text and the label of a JSON object; empty ones for anything else."""
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        return "", ""
    if not isinstance(values, dict):
        return "", ""
    text = next((values[name] for name in TEXTS if isinstance(values.get(name), str)), "")
    label = next((values[name] for name in LABELS if isinstance(values.get(name), str | int)), "")
    return text, str(label)
