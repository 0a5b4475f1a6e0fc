"""Large exports need no more memory than small ones."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tui_lm.chats.document import Document
from tui_lm.chats.formats import FORMATS, Notes

FIXTURES = Path(__file__).parent / "fixtures"
MEGABYTE = 1 << 20
EXPORTS = {
    "telegram-html": ("field/html-telegram/messages.html", '<div class="message default'),
    "discord-html": ("discord-html/export.html", '<div class="chatlog__message-group">'),
    "mbox": ("mbox/All mail.mbox", "From 179"),
}


class Repeated:
    """A file that begins with one text and repeats another, of which only a piece is in memory."""

    def __init__(self, start: bytes, again: bytes, size: int) -> None:
        self._start = start
        self._again = again * (MEGABYTE // len(again) + 2)
        self._period = len(again)
        self._at = 0
        self._size = size

    def read(self, size: int = -1, /) -> bytes:
        size = min(size if size >= 0 else self._size, self._size - self._at, MEGABYTE)
        if size <= 0:
            return b""
        if self._at < len(self._start):
            data = self._start[self._at :][:size]
        else:
            begin = (self._at - len(self._start)) % self._period
            data = self._again[begin : begin + size]
        self._at += len(data)
        return data


def export(name: str, mark: str, size: int) -> Document:
    data = (FIXTURES / name).read_bytes()
    begin, end = data.index(mark.encode()), data.rindex(mark.encode())
    again = data[begin:end] if end > begin else data[begin:]

    @contextmanager
    def opener() -> Iterator[Repeated]:
        yield Repeated(data[:begin], again, size)

    return Document(name, size, opener)


def peak(format: str, size: int) -> int:
    """Bytes of memory that the reading of an export of this size takes at most."""
    document = export(*EXPORTS[format], size)
    tracemalloc.start()
    try:
        assert sum(1 for _ in FORMATS[format].reader.read(document, Notes())) > 100
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("format", ["telegram-html", "discord-html", pytest.param("mbox", marks=pytest.mark.slow)])
def test_memory_does_not_grow_with_the_export(format: str) -> None:
    peak(format, MEGABYTE // 4)  # loads the libraries
    assert peak(format, 4 * MEGABYTE) < 1.2 * peak(format, 2 * MEGABYTE)
