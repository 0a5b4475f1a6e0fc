"""What the JSON formats share: records streamed out of a large file, and fields that may not be what they should."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tui_lm.chats.document import Document
from tui_lm.chats.message import Message
from tui_lm.errors import TuiLmError

Record = dict[str, Any]


def records(document: Document, path: str) -> Iterator[Record]:
    """The objects at an ijson path such as "messages.item", one at a time; what is no object is passed over.

    Raises TuiLmError where the file is not JSON or is cut short.
    """
    import ijson

    try:
        for record in ijson.items(_Utf8(document.blocks()), path, use_float=True):
            if isinstance(record, dict):
                yield record
    except (ijson.JSONError, ValueError, OverflowError) as error:
        raise TuiLmError(f"{document.name} is broken JSON, or cut short", "export the chat again") from error


def string(record: object, *path: str) -> str:
    """The string at a path of keys, or "" where there is none."""
    found = _at(record, path)
    return found if isinstance(found, str) else ""


def flag(record: object, *path: str) -> bool:
    """Whether anything but nothing, false, zero or an empty list stands at a path of keys."""
    return bool(_at(record, path))


def _at(record: object, path: tuple[str, ...]) -> object:
    for key in path:
        if not isinstance(record, dict):
            return None
        record = record.get(key)
    return record


def in_time_order(rows: list[Message]) -> list[Message]:
    """Oldest first; some exports hold the newest first, and equal times in that order too."""
    if rows and rows[0].sent_at > rows[-1].sent_at:
        rows.reverse()
    return sorted(rows, key=lambda row: row.sent_at)


class _Utf8:
    """Text blocks as the bytes that a JSON parser takes: UTF-8 without a mark, whatever the file has."""

    def __init__(self, blocks: Iterator[str]) -> None:
        self._blocks = blocks
        self._held = memoryview(b"")

    def read(self, size: int) -> bytes:
        if size and not self._held:
            self._held = memoryview(next(self._blocks, "").encode("utf-8"))
        data, self._held = self._held[:size], self._held[size:]
        return data.tobytes()
