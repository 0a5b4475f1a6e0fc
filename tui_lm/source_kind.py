"""Detects the kind of a source: a chat, sentence pairs, prose, labelled texts or tagged sentences.

The tests, in this order: the marks of a chat format; a table with texts and labels, or fastText's labels; blocks of one
token and tag per line; columns of sentences; else prose. A file that looks like HTML, XML or JSON but has no known
format is an error, because a model would be trained on its markup. A zip or folder has the kind of its files.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Literal, get_args

from tui_lm import chats
from tui_lm.chats.document import Document
from tui_lm.chats.tables import dialect_of, has_letters
from tui_lm.errors import TuiLmError
from tui_lm.labelled_texts import reason_for_labels
from tui_lm.sentence_pairs import looks_parallel
from tui_lm.tagged_sentences import reason_for_tags

Kind = Literal["chat", "prose", "pairs", "labelled", "tagged"]
KINDS: tuple[Kind, ...] = get_args(Kind)
TITLES: dict[Kind, str] = {
    "chat": "a chat",
    "prose": "prose",
    "pairs": "sentence pairs",
    "labelled": "labelled texts",
    "tagged": "tagged sentences",
}

_LOOK = 200  # lines
_MARKUP = re.compile(r"<(?:!doctype|!--|\?xml|[a-z][\w:-]*[\s>/])", re.IGNORECASE)
_CODE = re.compile(r"(?:window\.\w[\w.]*|var \w+|const \w+|let \w+)\s*=\s*[\[{]")
_TIME = re.compile(r"[\[(<]?\d{1,4}[./:-]\d{1,2}(?:[./:-]\d{1,4})?[\])>]?[ ,T\t]|[^\n]{0,24}?\d{1,2}:\d\d")
_TIME_ALONE = re.compile(r"\D{0,16}\d{1,2}[:.]\d\d(?:[:.]\d\d)?(?: ?[AaPp]\.?[Mm]\.?)?")
_COMPANIONS = re.compile(r"(?:_?about|readme|licen[cs]e|copying|notice|changelog)\b", re.IGNORECASE)
_META = ("your_activity", "your_facebook_activity", "messages/inbox", "instagram", "facebook")


@dataclass(frozen=True, slots=True)
class Source:
    """A source with its kind, the reason for it, the files that are read, and warnings."""

    kind: Kind
    reason: str
    documents: tuple[Document, ...]
    warnings: tuple[str, ...] = ()


def kind_of(source: Path) -> Kind:
    """The kind of a source, by its content. Raises TuiLmError for a missing, empty, binary or unknown file."""
    return recognise(source).kind


def recognise(source: Path, *, forced: Kind | None = None, encoding: str | None = None) -> Source:
    """A source with its kind, from `forced` or from its content.

    Raises TuiLmError for a missing, empty or binary file, and for markup or JSON that is no known export.
    """
    documents = chats.readable_documents(source, encoding)
    if forced is not None:
        return Source(forced, "its kind was named", tuple(documents), tuple(_guesses(documents)))
    if (format := chats.format_of(documents)) is not None:
        return Source("chat", f"it has the marks of {format}", tuple(documents))
    found: dict[Kind, list[Document]] = {}
    reasons: dict[Kind, str] = {}
    refused: list[tuple[Document, TuiLmError]] = []
    for document in documents:
        try:
            kind, reason = _kind_of_document(document, source)
        except TuiLmError as error:
            refused.append((document, error))
            continue
        found.setdefault(kind, []).append(document)
        reasons.setdefault(kind, reason)
    read_bytes = sum(document.size for documents in found.values() for document in documents)
    if not found or sum(document.size for document, _ in refused) > read_bytes:
        raise max(refused, key=lambda each: each[0].size)[1]
    kind = _of_most(found)
    read = found.pop(kind)
    left_out = [document.name for others in found.values() for document in others] + [each.name for each, _ in refused]
    warnings = [f"left out, since they are not {TITLES[kind]}: {chats.listed(left_out)}"] if left_out else []
    return Source(kind, reasons[kind], tuple(read), (*warnings, *_guesses(read), *_suspicions(kind, read)))


def _of_most(found: dict[Kind, list[Document]]) -> Kind:
    """The kind of most of the bytes, without the notes of a data set."""
    sizes: Counter[Kind] = Counter()
    for kind, documents in found.items():
        for document in documents:
            companion = kind == "prose" and len(found) > 1 and _COMPANIONS.match(PurePosixPath(document.name).name)
            sizes[kind] += 0 if companion else document.size
    return max(found, key=lambda kind: sizes[kind])


def _kind_of_document(document: Document, source: Path) -> tuple[Kind, str]:
    head = document.head().text
    lines = [line for line in islice(head.split("\n"), _LOOK) if line.strip()]
    if not lines:
        raise TuiLmError(f"{document.name} is empty", "give a file with text")
    if (reason := reason_for_labels(lines, document.name)) is not None:
        return "labelled", reason
    if (reason := reason_for_tags(head)) is not None:
        return "tagged", reason
    if looks_parallel(document):
        return "pairs", "nearly all of its lines hold two texts"
    _refuse_markup(head, document, source)
    return "prose", "it has none of the marks of a chat, and no columns"


def _refuse_markup(head: str, document: Document, source: Path) -> None:
    """Raises TuiLmError for markup or JSON of an unknown format."""
    text = head.lstrip("\ufeff \t\r\n")
    name = document.name
    force = "to read it as text all the same, name the format prose"
    if _MARKUP.match(text):
        if any(mark in f"{source}/{name}" or mark in head[:4000] for mark in _META):
            remedy = "this is the HTML download: ask for the data again and choose JSON"
        elif "tgme" in head or 'class="history"' in head or "Exported Data" in head:
            remedy = "this is the HTML export: export the chat again and choose machine-readable JSON"
        else:
            remedy = "export as JSON or text"
        raise TuiLmError(f"{name} is HTML or XML, but not a known export", f"{remedy}; {force}", about="format")
    if text[:1] in ("{", "[") or _CODE.match(text):
        raise TuiLmError(
            f"{name} looks like JSON or a chat, but is not a known export",
            f"name the format of the chat, or pairs with two columns; {force}",
            about="format",
        )


def _guesses(documents: Sequence[Document]) -> list[str]:
    """Warnings about guessed encodings."""
    guessed = {head.encoding for document in documents if (head := document.head()).guessed}
    return [chats.guessed_encoding(name) for name in sorted(guessed)]


def _suspicions(kind: Kind, documents: Sequence[Document]) -> list[str]:
    if kind != "prose":
        return []
    warnings = []
    for document in documents:
        lines = [line for line in islice(document.head().text.split("\n"), _LOOK) if line.strip()]
        times = sum(map(bool, map(_TIME.match, lines)))
        alone = sum(map(bool, map(_TIME_ALONE.fullmatch, lines)))  # as in what is copied from a chat's window
        if len(lines) > 4 and (2 * times > len(lines) or 5 * alone > len(lines)):
            warnings.append(
                f"many lines of {document.name} begin with a time: if it is a chat, name its format with --format"
            )
        elif (dialect := dialect_of("\n".join(lines), document.name)) is not None and not has_letters(
            cell for row in dialect.rows(lines) for cell in row[:1]
        ):
            warnings.append(f"{document.name} looks like a table; --columns names two columns of sentence pairs")
    return warnings
