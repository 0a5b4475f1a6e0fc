"""For the HTML and XML formats: streams the elements of one class from a file of any size.

lxml's parser calls back for each tag, and only the current row is in memory: 750 MB of Telegram need no more memory
than one message.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tui_lm.chats.document import Document
from tui_lm.errors import TuiLmError

_LARGEST_ROW = 1 << 20  # maximum number of tags and texts in one row
_DEEPEST = 200  # maximum depth of elements in one row
_VOID = frozenset(
    ("br", "img", "hr", "input", "meta", "link", "source", "wbr", "area", "base", "col", "embed", "track")
)
_BLOCKS = frozenset(("div", "p", "blockquote", "li", "ul", "ol", "pre", "tr", "h1", "h2", "h3"))
_SPACES = re.compile(r"[ \t\n\r\f]+")  # without no-break spaces, which people type
# Android writes a character beyond the first plane as two halves, which XML does not allow.
_HALF = re.compile(r"&#(5[5-7]\d{3});")
_HALVES = re.compile(r"&#(5[56]\d{3});&#(5[67]\d{3});")
_AT_A_TIME = 4 << 20  # characters that a parser is fed before another one takes over
_LONGEST_TAG = 1 << 20  # characters; a picture in an attribute is longer, and is fed as it comes
_START = "\0"  # of a block, which begins on a line of its own; no parser passes this character on
_PIECE = 1 << 16  # characters passed to the parser at a time, so that rows come soon


@dataclass(slots=True)
class Element:
    """An element of a row: its tag, its attributes, and in `children` its elements and texts in order."""

    tag: str
    attributes: Mapping[str, str]
    children: list[Element | str] = field(default_factory=list)

    @property
    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()

    def is_a(self, name: str) -> bool:
        """Whether the element has this tag or class."""
        return name == self.tag or name in self.classes

    def each(self, name: str) -> Iterator[Element]:
        """The descendants with this tag or class, in document order."""
        waiting = self.children[::-1]
        while waiting:
            if isinstance(child := waiting.pop(), Element):
                if child.is_a(name):
                    yield child
                waiting += child.children[::-1]

    def first(self, name: str) -> Element | None:
        return next(self.each(name), None)

    def text(self, without: tuple[str, ...] = ()) -> str:
        """The text as a browser shows it: white space becomes one space, <br> and the bounds of blocks line ends.

        Elements with a tag or class in `without` are left out.
        """
        pieces: list[str] = []
        for block in "".join(self._pieces(without)).split(_START):
            if piece := block.strip(" "):
                pieces.append(piece if not pieces or pieces[-1].endswith("\n") else f"\n{piece}")
        lines = "".join(pieces).split("\n")
        return "\n".join(" ".join(line.split(" ")).strip(" ") for line in lines).strip("\n")

    def _pieces(self, without: tuple[str, ...]) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, str):
                yield _SPACES.sub(" ", child)
            elif child.tag == "br":
                yield "\n"
            elif child.tag == "img":
                yield child.attributes.get("alt", "") if "emoji" in child.classes else ""
            elif not any(map(child.is_a, without)):
                if child.tag in _BLOCKS:
                    yield _START
                yield from child._pieces(without)
                if child.tag in _BLOCKS:
                    yield "\n"


IsRow = Callable[[str, Mapping[str, str]], bool]


def rows(document: Document, is_row: str | IsRow, *, xml: bool = False) -> Iterator[Element]:
    """Yields the elements of a document that are rows, each complete; a row inside a row is part of the outer one.

    `is_row` is a class, or a function of a tag and its attributes. Raises TuiLmError for a row without an end, and for
    XML that declares entities: no exporter does that, and a few lines of entities can expand to gigabytes.
    """
    from lxml import etree

    wanted = (
        (lambda _, attributes: is_row in attributes.get("class", "").split()) if isinstance(is_row, str) else is_row
    )
    collector = _Collector(wanted, document.name)
    options = {"target": collector, "encoding": "utf-8", "huge_tree": True, "recover": True}

    def new_parser() -> Any:
        if not xml:
            return etree.HTMLParser(**options)
        parser = etree.XMLParser(no_network=True, **options)
        parser.feed(b"<rows>")
        return parser

    parser, fed = etree.XMLParser(no_network=True, **options) if xml else new_parser(), 0
    try:
        for piece in _pieces(document, xml):
            parser.feed(piece.encode("utf-8", "replace"))
            fed += len(piece)
            yield from collector.take()
            if fed > _AT_A_TIME and not collector.is_inside:  # the parser keeps what it was fed
                parser.close()
                parser, fed = new_parser(), 0
        parser.close()
    except (etree.LxmlError, UnicodeDecodeError) as error:  # the latter for half a character in hexadecimal
        raise TuiLmError(f"{document.name} is broken {'XML' if xml else 'HTML'}", "export the chat again") from error
    yield from collector.take()


def _pieces(document: Document, xml: bool) -> Iterator[str]:
    """The text in pieces that end with a tag."""
    held = ""
    for block in document.blocks():
        if xml and "<!ENTITY" in block:
            raise TuiLmError(f"{document.name} is refused: it declares entities", "export the chat again")
        if xml and "&#5" in block:
            block = _HALF.sub(_nothing, _HALVES.sub(_whole, block))
        for start in range(0, len(block), _PIECE):
            before, end, held = (held + block[start : start + _PIECE]).rpartition(">")
            if end:
                yield before + end
            elif len(held) > _LONGEST_TAG:
                yield held
                held = ""
    yield held


def _nothing(reference: re.Match[str]) -> str:
    """A reference, unless it is to one half of a character, which is no text."""
    return "" if 0xD800 <= int(reference[1]) < 0xE000 else reference[0]


def _whole(halves: re.Match[str]) -> str:
    high, low = int(halves[1]), int(halves[2])
    if not (0xD800 <= high < 0xDC00 <= low < 0xE000):
        return ""
    return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))


class _Collector:
    """The target of lxml's parser; it builds only the rows."""

    def __init__(self, wanted: IsRow, name: str) -> None:
        self._wanted = wanted
        self._name = name
        self._open: list[Element] = []
        self._size = 0
        self._done: list[Element] = []

    @property
    def is_inside(self) -> bool:
        """Whether a row is open."""
        return bool(self._open)

    def take(self) -> list[Element]:
        done, self._done = self._done, []
        return done

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if not self._open and not self._wanted(tag, attributes):
            return
        element = Element(tag, dict(attributes))
        if self._open:
            self._add(element)
        if tag in _VOID and self._open:
            return
        if len(self._open) < _DEEPEST:
            self._open.append(element)

    def end(self, tag: str) -> None:
        if not self._open or (tag in _VOID and len(self._open) > 1):
            return
        if all(element.tag != tag for element in self._open):
            return
        while self._open:
            element = self._open.pop()
            if not self._open:
                self._done.append(element)
                self._size = 0
            if element.tag == tag:
                return

    def data(self, data: str) -> None:
        if self._open:
            self._add(data)

    def _add(self, child: Element | str) -> None:
        self._size += 1
        if self._size > _LARGEST_ROW:
            raise TuiLmError(f"{self._name} has a message without an end", "export the chat again")
        self._open[-1].children.append(child)

    def comment(self, text: str) -> None:
        """Ignores comments."""

    def pi(self, target: str, data: str | None = None) -> None:
        """Ignores processing instructions."""

    def close(self) -> None:
        """Yields a row that is still open at the end of a truncated file, as far as it goes."""
        if self._open:
            self._done.append(self._open[0])
            self._open = []
