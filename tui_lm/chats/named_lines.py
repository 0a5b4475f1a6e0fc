"""A plain transcript with lines of "Name: text" and no times, as converters and people write it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice

from tui_lm.chats.document import Document
from tui_lm.chats.formats import Notes
from tui_lm.chats.message import Kind, Message

_ROW = re.compile(r"([^\s:][^:\n]{0,39}?): (?!//)(.*)")
_FEWEST = 4  # lines
_LOOK = 2000  # lines
_MOST = 0.75  # share of lines with a name
_NO_NAME = re.compile(
    r"[\d\W_]*$|(?:https?|info|debug|trace|warn|warning|error|fatal|critical)$|.*[.!?;,=(){}<>\[\]/\\]", re.IGNORECASE
)


def recognises(head: str, name: str) -> bool:
    lines = [line for line in islice(head.split("\n"), _LOOK) if line.strip()]
    names = _names(lines)
    named = sum(names.values())
    repeated = 2 * len(names) <= named  # keys of settings do not repeat
    enough = len(lines) >= _FEWEST and len(names) > 1 and repeated and named >= _MOST * len(lines)
    return enough and not _are_records(lines, names)


def _are_records(lines: Iterable[str], names: Counter[str]) -> bool:
    """Whether the names come in the same order again and again, as the fields of records do and people do not."""
    found = [row[1] for line in lines if (row := _ROW.match(line)) and row[1] in names]
    period = len(names)
    return period > 2 and len(found) >= 2 * period and found[period:] == found[:-period]


def _names(lines: Iterable[str]) -> Counter[str]:
    names = Counter(row[1] for line in lines if (row := _ROW.match(line)) and not _NO_NAME.match(row[1]))
    return Counter({name: count for name, count in names.items() if count > 1})


def read(document: Document, notes: Notes) -> Iterator[Message]:
    """A line without a repeated name continues the message before it."""
    names = _names(document.head().text.split("\n"))
    author: str | None = None
    text: list[str] = []
    for line in document.lines():
        row = _ROW.match(line)
        if row is None or row[1] not in names:
            text.append(line)
            continue
        if author is not None:
            yield _message(author, text)
        author, text = row[1], [row[2]]
    if author is not None:
        yield _message(author, text)


def _message(author: str, lines: list[str]) -> Message:
    text = "\n".join(lines).rstrip("\n")
    return Message(author, text, None, Kind.TEXT if text.strip() else Kind.MEDIA)
