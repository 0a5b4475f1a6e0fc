"""A file of an export: on its own, in a folder or inside a zip."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Protocol

from tui_lm.chats.encoding import Decoded, decode_head, decoder_for, has_lone_returns, with_newlines
from tui_lm.errors import TuiLmError

BLOCK = 1 << 20  # bytes; larger blocks are not faster and need more memory
HEAD = 1 << 18  # bytes read to recognise a format
GZIP = b"\x1f\x8b"
UNPACKED = 3  # approximate ratio of a text to its compressed size


class ByteStream(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


@dataclass(slots=True)
class Meter:
    """Counts the bytes read and reports them to a progress callback."""

    report: Callable[[int], None] | None = None

    def count(self, stream: ByteStream) -> ByteStream:
        return _Counted(stream, self.report) if self.report else stream


@dataclass(slots=True)
class _Counted:
    stream: ByteStream
    report: Callable[[int], None]

    def read(self, size: int = -1, /) -> bytes:
        data = self.stream.read(size)
        self.report(len(data))
        return data


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """One file of an export.

    `name` is its path inside the source with forward slashes, `size` its length in bytes (uncompressed), and
    `opener` opens it anew each time, so that a document can be read any number of times. `encoding` is the one that
    the user named.
    """

    name: str
    size: int
    opener: Callable[[], AbstractContextManager[ByteStream]]
    shelf: Mapping[str, Document] = field(default_factory=dict, repr=False)
    meter: Meter = field(default_factory=Meter, repr=False)
    encoding: str | None = None

    @property
    def folder(self) -> str:
        return str(PurePosixPath(self.name).parent)

    def beside(self, name: str) -> Document | None:
        """The document with this name in the same folder, or in the nearest folder above."""
        for folder in PurePosixPath(self.name).parents:
            if (found := self.shelf.get(str(folder / name))) is not None:
                return found
        return None

    @contextmanager
    def open(self) -> Iterator[ByteStream]:
        with self.opener() as stream:
            yield self.meter.count(stream)

    def head(self) -> Decoded:
        """The first `HEAD` bytes, decoded, by which a format is recognised."""
        with self.opener() as stream:
            return decode_head(stream.read(HEAD), self.size <= HEAD, self.encoding)

    def blocks(self) -> Iterator[str]:
        """The text in blocks of about `BLOCK` characters, without byte order mark and with \\n as line ends."""
        with self.opener() as probe:
            head = probe.read(HEAD)
        decode = decoder_for(head, self.encoding)
        lone_returns = has_lone_returns(decoder_for(head, self.encoding)(head, False))
        with self.open() as stream:
            held = ""
            while data := stream.read(BLOCK):
                text = held + decode(data, False)
                held = ""
                if text.endswith("\r"):  # its \n may be the first byte of the next block
                    text, held = text[:-1], "\r"
                yield with_newlines(text, lone_returns) if "\r" in text else text
            if rest := held + decode(b"", True):
                yield with_newlines(rest, lone_returns)

    def lines(self) -> Iterator[str]:
        """The lines without line ends."""
        held = ""
        for block in self.blocks():
            *lines, held = (held + block).split("\n")
            if len(held) > 64 * BLOCK:
                raise TuiLmError(f"{self.name} has a line of more than 64 MB", "it is not a chat export")
            yield from lines
        if held:
            yield held


def file_document(
    path: Path, name: str, shelf: Mapping[str, Document], meter: Meter, encoding: str | None = None
) -> Document:
    """A file on the disk. A gzip file is read as its content, and its size is an estimate."""
    size = path.stat().st_size
    with path.open("rb") as file:
        packed = file.read(len(GZIP)) == GZIP
    if packed:
        return Document(name, max(HEAD + 1, UNPACKED * size), lambda: gzip.open(path, "rb"), shelf, meter, encoding)
    return Document(name, size, lambda: path.open("rb"), shelf, meter, encoding)
