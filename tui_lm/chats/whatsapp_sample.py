"""Learns from the first rows of a WhatsApp export who writes, and which phrases the app inserts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from tui_lm.chats.whatsapp_strings import MARK, without_marks

_FEW_AUTHORS = 8  # with more authors, "name: " at the start of a message addresses somebody
_ENOUGH = 3  # number of texts of an author that all begin alike
_SUFFIX = re.compile(rf"(?:^|[ {MARK}])(<[^<>\n]{{4,60}}>)$")
_WHOLE = re.compile(r"<[^<>\n]{4,60}>|\((?=[^()\n]*[^\W\d_] )[^()\n]{9,60}\)")
_ATTACHED = re.compile(r"[^\n]{1,200}\.\w{2,5} \(([^()\n]{4,40})\)(?:\n|$)")
_LETTERS = re.compile(r"[^\W\d_]{2}")


@dataclass(slots=True)
class Sample:
    """Phrases in the language of the phone, recognised because several authors have them.

    `attached` are the words in parentheses after a file name, `edited` the ends of edited messages, and `placeholders`
    whole bodies.
    """

    writers: set[str] = field(default_factory=set)  # authors of rows that WhatsApp did not mark as its own
    surnames: dict[str, str] = field(default_factory=dict)  # "Dr. K" -> "home" for an author called "Dr. K: home"
    marked: bool = False  # whether WhatsApp's invisible marks occur, as on an iPhone
    edited: frozenset[str] = frozenset()
    placeholders: frozenset[str] = frozenset()
    attached: frozenset[str] = frozenset()


def sample_of(authors: list[str | None], bodies: list[str]) -> Sample:
    sample = Sample()
    bodies = [*bodies[:-1], *(body.removesuffix("\n") for body in bodies[-1:])]
    starts: dict[str, set[str]] = {}
    texts: dict[str, set[str]] = {}
    for author, body in zip(authors, bodies, strict=True):
        sample.marked = sample.marked or MARK in body
        if author is None:
            continue
        if not body.startswith(MARK):
            sample.writers.add(author)
        if len(wrote := texts.setdefault(author, set())) < _ENOUGH:
            wrote.add(body.partition("\n")[0])
        start, colon, _ = body.partition("\n")[0].partition(": ")
        starts.setdefault(author, set()).add(start if colon else "")
    written = [
        (author, without_marks(body))
        for author, body in zip(authors, bodies, strict=True)
        if author is not None and (body[-1:] in (">", ")") or ")\n" in body)
    ]
    whole = _shared((author, body) for author, body in written if _WHOLE.fullmatch(body))
    sample.placeholders = frozenset(body for body in whole if _is_phrase(body))
    suffixes = _shared(
        (author, found[1]) for author, body in written if (found := _SUFFIX.search(body)) and found.start() > 0
    )
    sample.edited = frozenset(suffix for suffix in suffixes if _is_marker(suffix, bodies))
    sample.attached = _shared((author, found[1]) for author, body in written if (found := _ATTACHED.match(body)))
    if len(starts) > _FEW_AUTHORS:
        return sample
    for author, begun in starts.items():
        if len(begun) == 1 and len(texts[author]) >= _ENOUGH and (start := begun.pop()):
            sample.surnames[author] = start
    return sample


def _is_marker(suffix: str, bodies: list[str]) -> bool:
    """Whether a text in angle brackets is a phrase, and stands nowhere but at the end."""
    return _is_phrase(suffix) and all(body.rstrip().endswith(suffix) for body in bodies if suffix in body)


def _is_phrase(text: str) -> bool:
    """Whether this may be several words: some languages have no spaces."""
    return " " in text or not text.isascii()


def _shared(texts: Iterable[tuple[str, str]]) -> frozenset[str]:
    """The texts with letters that several authors share."""
    authors: dict[str, set[str]] = {}
    for author, text in texts:
        authors.setdefault(text, set()).add(author)
    return frozenset(text for text, having in authors.items() if len(having) > 1 and _LETTERS.search(text))
