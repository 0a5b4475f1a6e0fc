"""Finds private strings in texts and replaces them by placeholders."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from tui_lm.redaction import address, names, payment, phone, secret
from tui_lm.redaction.placeholder import PLACEHOLDERS, PrivateKind

Finder = Callable[[str], Iterator[tuple[int, int]]]

_LONG = re.compile(r"\S{16}")
_WRITTEN_AT = re.compile(r"[\[({]\s?(?:at|AT|ät)\b")
_DOT = re.compile(r"\.[A-Za-z]{2}")
_DIGITS = re.compile(r"\d(?:\D{0,4}\d){3}")


def _may_hold_key(text: str) -> bool:
    return _LONG.search(text) is not None


def _may_hold_url(text: str) -> bool:
    return "://" in text or "www" in text or "WWW" in text


def _may_hold_email(text: str) -> bool:
    return "@" in text or "＠" in text or _WRITTEN_AT.search(text) is not None


def _may_hold_domain(text: str) -> bool:
    return "." in text and _DOT.search(text) is not None


def _may_hold_number(text: str) -> bool:
    return _DIGITS.search(text) is not None


# A quick test that rules out most texts, and the finders that run if it passes. What one finder has found is hidden
# from the later ones, so that the digits of an account number are not taken for a phone number.
_FINDERS: tuple[tuple[Callable[[str], bool], tuple[tuple[PrivateKind, Finder], ...]], ...] = (
    (_may_hold_key, ((PrivateKind.KEY, secret.keys),)),
    (_may_hold_url, ((PrivateKind.URL, address.urls),)),
    (_may_hold_email, ((PrivateKind.EMAIL, address.emails),)),
    (_may_hold_domain, ((PrivateKind.URL, address.bare_urls),)),
    (
        _may_hold_number,
        (
            (PrivateKind.IBAN, payment.ibans),
            (PrivateKind.CARD, payment.cards),
            (PrivateKind.PHONE, phone.international),
            (PrivateKind.CODE, secret.codes),
            (PrivateKind.PHONE, phone.phones),
        ),
    ),
)


class Span(NamedTuple):
    """The private string text[start:end] and its kind."""

    kind: PrivateKind
    start: int
    end: int


class Redactor:
    """Redacts texts and counts what it finds.

    `private` redacts numbers, addresses and secrets; `authors` are the names to redact inside texts; `alias` replaces
    the authors of messages by "Person A" and so on.
    """

    def __init__(self, *, private: bool = True, authors: Iterable[str] = (), alias: bool = False) -> None:
        self.private = private
        self.counts: Counter[PrivateKind] = Counter()
        self._names = names.pattern(authors)
        self._aliases = names.Aliases() if alias else None

    def count(self, text: str) -> list[Span]:
        """Find the private strings in `text`, and count them."""
        spans = self.find(text)
        if spans:
            self.counts.update(span.kind for span in spans)
        return spans

    def text(self, text: str) -> str:
        """`text` with placeholders for its private strings, which are counted."""
        spans = self.count(text)
        if not spans:
            return text
        parts, done = [], 0
        for span in spans:
            parts += [text[done : span.start], PLACEHOLDERS[span.kind]]
            done = span.end
        return "".join([*parts, text[done:]])

    @property
    def found(self) -> dict[str, int]:
        """The number of private strings found, by kind, most frequent first."""
        return {kind.value: count for kind, count in self.counts.most_common()}

    @property
    def renamed(self) -> dict[str, str]:
        """The alias of each author that was replaced."""
        return {} if self._aliases is None else {**self._aliases.known}

    def author(self, author: str | None) -> str | None:
        """The name of an author in the training data: an alias if asked for."""
        return author if author is None or self._aliases is None else self._aliases.of(author)

    def find(self, text: str) -> list[Span]:
        """The private strings in `text`, in order. The spans do not overlap."""
        spans: list[Span] = []
        for may_hold, finders in _FINDERS if self.private else ():
            if may_hold(text):
                for kind, finder in finders:
                    text = _covered(text, kind, finder(text), spans)
        if self._names is not None:
            _covered(text, PrivateKind.NAME, (match.span() for match in self._names.finditer(text)), spans)
        return sorted(spans, key=lambda span: span.start)


def _covered(text: str, kind: PrivateKind, found: Iterable[tuple[int, int]], spans: list[Span]) -> str:
    """Add the spans `found` to `spans`. Returns the text, of the same length, with placeholders over them."""
    parts, done = [], 0
    for start, end in found:
        spans.append(Span(kind, start, end))
        parts += [text[done:start], PLACEHOLDERS[kind] * (end - start)]
        done = end
    return "".join([*parts, text[done:]]) if parts else text
