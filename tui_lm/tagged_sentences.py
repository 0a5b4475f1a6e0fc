"""Tagged sentences: CoNLL files of a token and a tag a line, with a blank line between sentences, and CoNLL-U.

Entity tags are read as BIO (IOB2): B-X begins an entity of the type X, I-X continues one, O is outside. In files where
I-X also begins entities (IOB1) that tag is replaced by B-X.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from tui_lm.chats.document import Document
from tui_lm.errors import TuiLmError

ENOUGH = 20_000  # characters by which tagged sentences are recognised
LOOK = 2000  # lines read to find the columns
OUTSIDE = "O"
MOST_TAGS = 80  # distinct tags without an O, in what is recognised as parts of speech
CONLLU_COLUMNS, FORM, UPOS = 10, 1, 3
_BLANK = re.compile(r"\n[ \t]*\n")  # a tab may stand between two sentences
_NUMBER = re.compile(r"\d+(?:[-.]\d+)?")  # of a word, a multiword token or an empty node
_WORD_NUMBER = re.compile(r"\d+")
_DOCUMENT = "-DOCSTART-"


@dataclass(frozen=True, slots=True)
class TaggedSentence:
    """Tokens, and a tag for each."""

    tokens: tuple[str, ...]
    tags: tuple[str, ...]


def reason_for_tags(head: str) -> str | None:
    """Why the beginning of a file looks like tagged sentences; None if it does not."""
    parts = _BLANK.split(head[:ENOUGH])
    if len(head) > ENOUGH:
        parts.pop()  # it may be cut short
    blocks = [
        [line for line in part.split("\n") if not _is_comment(line) and not line.startswith(_DOCUMENT)]
        for part in parts
    ]
    blocks = [block for block in blocks if block and any(line.strip() for line in block)]
    rows = [re.split(r"[\t ]", line.strip()) for block in blocks for line in block if line.strip()]
    if len(blocks) < 2 or len(rows) < 2 * len(blocks):
        return None
    if sum(map(_is_conllu, (line for block in blocks for line in block))) >= 0.95 * len(rows):
        return "its lines have the columns of CoNLL-U"
    width = Counter(map(len, rows)).most_common(1)[0][0]
    even = [row for row in rows if len(row) == width]
    tags = {row[-1] for row in even}
    if width < 2 or len(even) < 0.95 * len(rows) or len(tags) > max(3, len(rows) // 4):
        return None
    plain = width == 2 and all("\t" in line for block in blocks for line in block) and _are_upper(tags)
    if OUTSIDE in tags or plain:
        return "its lines are a token and a tag, with blank lines between sentences"
    return None


def _are_upper(tags: set[str]) -> bool:
    """Whether all tags are in capitals or marks, as the names of parts of speech are."""
    return 1 < len(tags) <= MOST_TAGS and not any(any(map(str.islower, tag)) for tag in tags)


def read_tagged(documents: Sequence[Document], columns: tuple[str, str] | None = None) -> Iterator[TaggedSentence]:
    """The sentences of `documents` in their order. `columns` are the numbers, from 1, of the token's and the tag's.

    Raises TuiLmError for a line without a tag and for a file without sentences.
    """
    for document in documents:
        found = False
        for sentence in _sentences(document, columns):
            found = True
            yield sentence
        if not found:
            raise TuiLmError(
                f"{document.name} has no tagged sentences",
                "give a file with a token and a tag a line, and a blank line between sentences",
            )


def _sentences(document: Document, columns: tuple[str, str] | None) -> Iterator[TaggedSentence]:
    lines = document.lines()
    first = list(islice(lines, LOOK))
    tabbed = sum("\t" in line.strip() for line in first) > sum(" " in line.strip() for line in first) // 2
    conllu = any(map(_is_conllu, first))
    tokens: list[str] = []
    tags: list[str] = []
    for number, line in enumerate(chain(first, lines, [""]), start=1):
        if not line.strip():
            if tokens:
                yield TaggedSentence(tuple(tokens), tuple(as_bio(tags)))
                tokens, tags = [], []
            continue
        if tabbed and _is_comment(line):
            continue
        cells = [cell.strip() for cell in (line.split("\t") if tabbed else line.split())]
        if cells[0] == _DOCUMENT or (conllu and not _WORD_NUMBER.fullmatch(cells[0])):
            continue  # a document's mark; a multiword token or an empty node of CoNLL-U
        token, tag = _cells(cells, columns, conllu)
        if not token or not tag:
            raise TuiLmError(
                f"line {number} of {document.name} has no {'tag' if token else 'token'}",
                "each line is a token and a tag, separated by a tab or a space",
            )
        tokens.append(token)
        tags.append(tag)


def _cells(cells: Sequence[str], columns: tuple[str, str] | None, conllu: bool) -> tuple[str, str]:
    """The token and the tag; empty where the line has too few columns."""
    if columns is None:
        token, tag = (FORM, UPOS) if conllu else (0, max(1, len(cells) - 1))
    else:
        if not all(map(str.isdecimal, columns)):
            raise TuiLmError(
                "the columns of tagged sentences have no names", "give two numbers, as in 1,4", 2, about="columns"
            )
        token, tag = (int(column) - 1 for column in columns)
    return (cells[token] if token < len(cells) else ""), (cells[tag] if tag < len(cells) else "")


def _is_comment(line: str) -> bool:
    return line.startswith("#") and "\t" not in line and " " in line


def _is_conllu(line: str) -> bool:
    cells = line.split("\t")
    return len(cells) == CONLLU_COLUMNS and _NUMBER.fullmatch(cells[0]) is not None


def as_bio(tags: Iterable[str]) -> Iterator[str]:
    """The same entities in BIO: an I-X that continues nothing becomes B-X."""
    before = OUTSIDE
    for tag in tags:
        prefix, _, kind = tag.partition("-")
        if prefix == "I" and kind and before.partition("-")[2] != kind:
            tag = f"B-{kind}"
        yield tag
        before = tag
