"""The text of an open document, kept in step with the editor.

Positions of the protocol count lines and code units: of UTF-16 unless the editor prefers another encoding. A line ends
at `\n`, `\r\n` or `\r`, and at no other character. An edit costs as much as the lines that it touches.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from lsprotocol.types import Position, Range

LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
Encoding = Literal["utf-8", "utf-16", "utf-32"]

UNITS: Mapping[str, Callable[[str], int]] = {
    "utf-8": lambda character: len(character.encode("utf-8", "surrogatepass")),
    "utf-16": lambda character: 1 + (character > "\uffff"),
    "utf-32": lambda character: 1,
}


def units(text: str, encoding: str = "utf-16") -> int:
    """The length of `text` in code units."""
    return len(text) if text.isascii() else sum(map(UNITS[encoding], text))


def index(line: str, character: int, encoding: str = "utf-16") -> int:
    """The index in `line` after `character` code units: the end of the line if it is shorter, and the start of the
    character if `character` points into the middle of one."""
    if line.isascii():
        return min(character, len(line))
    count, passed = UNITS[encoding], 0
    for i, each in enumerate(line):
        passed += count(each)
        if passed > character:
            return i
    return len(line)


class EditedDocument:
    """An open document. `language` is the editor's name for its type, such as "markdown"."""

    def __init__(self, text: str = "", language: str = "", encoding: str = "utf-16") -> None:
        self.language = language
        self._encoding = encoding
        self._lines: list[str] = _lines(text)

    @property
    def text(self) -> str:
        return "".join(self._lines)

    @property
    def lines(self) -> Sequence[str]:
        """The lines without their ends, of which the last one may be empty."""
        return [line.rstrip("\r\n") for line in self._lines]

    def edit(self, text: str, where: Range | None = None) -> None:
        """Replace the text of a range, or the whole document without one. Positions beyond the end are at the end."""
        if where is None:
            self._lines = _lines(text)
            return
        first, column = self._at(where.start)
        last, end = max(self._at(where.end), (first, column))
        new = self._lines[first][:column] + text + self._lines[last][end:]
        if first and new.startswith("\n") and self._lines[first - 1].endswith("\r"):
            first -= 1  # the two characters are one line end now
            new = self._lines[first] + new
        lines = _lines(new)
        if last + 1 < len(self._lines) and not lines[-1]:
            lines.pop()  # only the last line of a document may be empty
        self._lines[first : last + 1] = lines

    def before(self, position: Position) -> str:
        """The text of the line before a position."""
        line, column = self._at(position)
        return self._lines[line][:column]

    def after(self, position: Position) -> str:
        """The text of the line after a position, without the line's end."""
        line, column = self._at(position)
        return self._lines[line][column:].rstrip("\r\n")

    def above(self, position: Position, most: int) -> list[str]:
        """The nearest lines above a position that are not blank, at most `most`, in the order of the document."""
        found: list[str] = []
        line, _ = self._at(position)
        while line and len(found) < most:
            line -= 1
            if text := self._lines[line].strip():
                found.append(text)
        return found[::-1]

    def back(self, position: Position, text: str) -> Position:
        """The position before `text`, which stands before `position` in the same line."""
        line, column = self._at(position)
        before = self._lines[line][: max(0, column - len(text))]
        return Position(line, units(before, self._encoding))

    def _at(self, position: Position) -> tuple[int, int]:
        """The line and the index in it of a position of the protocol."""
        if position.line >= len(self._lines):
            return len(self._lines) - 1, len(self._lines[-1].rstrip("\r\n"))
        line = self._lines[max(0, position.line)].rstrip("\r\n")
        return max(0, position.line), index(line, max(0, position.character), self._encoding)


def _lines(text: str) -> list[str]:
    """The lines of `text` with their ends. Text after the last line end, "" if there is none, is a line too."""
    lines = LINE.findall(text)
    if not lines or lines[-1].endswith(("\r", "\n")):
        lines.append("")
    return lines
