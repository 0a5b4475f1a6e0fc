"""Finds what is private in a text and puts placeholders there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from tui_lm.redaction import address, names, payment, phone, secret
from tui_lm.redaction.placeholder import PLACEHOLDERS, Kind

VERSION = 1  # of what is found; a model says which one it was trained with

Finder = Callable[[str], Iterator[tuple[int, int]]]

# What may hold something, told in a fraction of the time, and what then looks for it. What one finder has found no
# later one sees, so that the digits of an account are no phone number.
_FINDERS: tuple[tuple[re.Pattern[str], tuple[tuple[Kind, Finder], ...]], ...] = (
    (re.compile(r"\S{16}"), ((Kind.KEY, secret.keys),)),
    (re.compile(r"://|www", re.IGNORECASE), ((Kind.URL, address.urls),)),
    (re.compile(r"[@＠]|[\[({]\s?(?:at|AT|ät)\b"), ((Kind.EMAIL, address.emails),)),
    (re.compile(r"\.[A-Za-z]{2}"), ((Kind.URL, address.bare_urls),)),
    (
        re.compile(r"\d(?:\D{0,4}\d){3}"),
        (
            (Kind.IBAN, payment.ibans),
            (Kind.CARD, payment.cards),
            (Kind.PHONE, phone.international),
            (Kind.CODE, secret.codes),
            (Kind.PHONE, phone.phones),
        ),
    ),
)


class Span(NamedTuple):
    """text[start:end] is private, and of what kind."""

    kind: Kind
    start: int
    end: int


class Redactor:
    """Redacts text after text and counts what it found.

    `private` is whether numbers, addresses and secrets are redacted; the names of `authors` are, where given;
    `alias` gives the authors themselves other names.
    """

    def __init__(self, *, private: bool = True, authors: Iterable[str] = (), alias: bool = False) -> None:
        self.private = private
        self.counts: Counter[Kind] = Counter()
        self._names = names.pattern(authors)
        self._aliases = names.Aliases() if alias else None

    def text(self, text: str) -> str:
        """`text` with placeholders."""
        spans = self.find(text)
        if not spans:
            return text
        self.counts.update(span.kind for span in spans)
        parts, done = [], 0
        for span in spans:
            parts += [text[done : span.start], PLACEHOLDERS[span.kind]]
            done = span.end
        return "".join([*parts, text[done:]])

    def author(self, author: str | None) -> str | None:
        """What an author is called from here on."""
        return author if author is None or self._aliases is None else self._aliases.of(author)

    def find(self, text: str) -> list[Span]:
        """What is private in `text`, in its order. Spans do not overlap."""
        spans: list[Span] = []
        for perhaps, finders in _FINDERS if self.private else ():
            if perhaps.search(text):
                for kind, finder in finders:
                    text = _covered(text, kind, finder(text), spans)
        if self._names is not None:
            _covered(text, Kind.NAME, (match.span() for match in self._names.finditer(text)), spans)
        return sorted(spans, key=lambda span: span.start)


def _covered(text: str, kind: Kind, found: Iterable[tuple[int, int]], spans: list[Span]) -> str:
    """Add what was `found` to `spans`; the text, as long as it was, without it."""
    parts, done = [], 0
    for start, end in found:
        spans.append(Span(kind, start, end))
        parts += [text[done:start], PLACEHOLDERS[kind] * (end - start)]
        done = end
    return "".join([*parts, text[done:]]) if parts else text
