"""For the JSON formats: streams records from a large file, and reads fields of any type safely.

The standard library's decoder reads one record at a time from a window of text. ijson is as fast, but stores the path
to the current value: 100 KB of "[" cost it more than 4 GB.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from json import JSONDecodeError, JSONDecoder
from math import inf
from typing import Any

from tui_lm.chats.document import BLOCK, Document
from tui_lm.chats.formats import Notes
from tui_lm.chats.merge import moment
from tui_lm.chats.message import Message
from tui_lm.errors import TuiLmError

Record = dict[str, Any]

CUT_SHORT = "the file is cut short: what followed is missing"
BROKEN = "records left out, because they are not JSON"
_BETWEEN = re.compile(r"[\s,]*")
_START_OR_END = re.compile(r"[{\]]")
_LONGEST_KEY = 200  # maximum length of a key with colon, bracket and spaces, in characters
_LARGEST_RECORD = 64 * BLOCK


def records(document: Document, key: str | None, notes: Notes | None = None) -> Iterator[Record]:
    """Yields the objects in every list with the name `key`; without a key, the file itself is the list.

    Other values are skipped. A record that is not valid JSON is repaired or left out. `notes` count such records and
    report a truncated file. Raises TuiLmError if a record is too large or too deeply nested.
    """
    try:
        yield from _Window(document.blocks(), notes or Notes()).records(_start_of(key))
    except (ValueError, RecursionError) as error:
        raise TuiLmError(f"{document.name} is broken JSON", "export the chat again") from error


def _start_of(key: str | None) -> re.Pattern[str]:
    """The position where a list starts. Inside a string, the quotes of a key would be escaped."""
    return re.compile(r"\[") if key is None else re.compile(rf'(?<!\\)"{key}"\s*:\s*\[')


class _Window:
    """The part of the text that is being decoded."""

    def __init__(self, blocks: Iterator[str], notes: Notes) -> None:
        self._blocks = blocks
        self._notes = notes
        self._text = ""
        self._at = 0

    def records(self, start: re.Pattern[str]) -> Iterator[Record]:
        while self._find(start):
            yield from self._list()

    def _find(self, start: re.Pattern[str]) -> bool:
        while (found := start.search(self._text, self._at)) is None:
            self._at = max(self._at, len(self._text) - _LONGEST_KEY)
            if not self._read_on():
                return False
        self._at = found.end()
        return True

    def _list(self) -> Iterator[Record]:
        """Yields the records up to the end of the list."""
        decode = JSONDecoder(strict=False).raw_decode  # accepts line ends inside strings
        while True:
            self._at = _at_end(_BETWEEN, self._text, self._at)
            if self._text.startswith("]", self._at):
                return
            try:
                record, self._at = decode(self._text, self._at)
            except JSONDecodeError:
                end = self._end_of_record()
                if end is None:
                    if self._read_on():
                        continue
                    self._notes.warn(CUT_SHORT)
                    if not self._text.startswith("{", self._at):
                        self._at = len(self._text)  # the rest has no record; do not search it for lists again
                    return
                from tui_lm.chats.json_repair import repaired  # few files need it

                record = repaired(self._text[self._at : end])
                self._at = end
                if not isinstance(record, dict):
                    self._notes.count(BROKEN)
            if isinstance(record, dict):
                yield record

    def _end_of_record(self) -> int | None:
        """The end of the record that cannot be decoded, or None if it lies beyond the window."""
        if self._text.startswith("{", self._at):
            from tui_lm.chats.json_repair import end_of

            return end_of(self._text, self._at)
        found = _START_OR_END.search(self._text, self._at + 1)
        return found.start() if found else None

    def _read_on(self) -> bool:
        """At least doubles the window, so that a large record is decoded only a few times."""
        parts = [self._text[self._at :]]
        wanted = max(1, len(parts[0]))
        if wanted > _LARGEST_RECORD:
            raise ValueError("a record is too large")
        while wanted > 0 and (block := next(self._blocks, "")):
            parts.append(block)
            wanted -= len(block)
        self._text, self._at = "".join(parts), 0
        return len(parts) > 1


def _at_end(pattern: re.Pattern[str], text: str, position: int) -> int:
    found = pattern.match(text, position)
    return found.end() if found else position


def string(record: object, *path: str) -> str:
    """The string at a path of keys, or "" if there is none."""
    found = _at(record, path)
    if not isinstance(found, str):
        return ""
    try:
        found.encode("utf-8")
    except UnicodeEncodeError:  # a lone surrogate such as "\\ud83d"
        return found.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return found


def flag(record: object, *path: str) -> bool:
    """Whether the value at a path of keys exists and is true in Python's sense."""
    return bool(_at(record, path))


def _at(record: object, path: tuple[str, ...]) -> object:
    for key in path:
        if not isinstance(record, dict):
            return None
        record = record.get(key)
    return record


def in_time_order(rows: list[Message]) -> list[Message]:
    """The records, oldest first. Some exports have the newest first, including records of equal time."""
    if rows and _sent_at(rows[0]) > _sent_at(rows[-1]):
        rows.reverse()
    return sorted(rows, key=_sent_at)


def _sent_at(row: Message) -> float:
    """The time in seconds since the epoch. A damaged export may hold both local times and times in UTC."""
    seconds = moment(row)
    return -inf if seconds is None else seconds
