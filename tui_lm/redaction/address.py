"""URLs, with a scheme or without, and e-mail addresses.

Every pattern starts at the beginning of a word and has bounded repeats, so that matching takes linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tui_lm.redaction import words
from tui_lm.redaction.boundary import LETTER, START

# Characters that are not part of an address: besides spaces, brackets, quotes, and letters of scripts without spaces.
_BODY = r"[^\s<>\"'«»“”\u3000-\u9fff\uac00-\ud7af\uff00-\uffef]"
_WITH_SCHEME = re.compile(
    rf"{START}(?<!\+)[A-Za-z][A-Za-z0-9+.-]{{1,20}}://{_BODY}+|{START}(?<![@.-])www\d?\.[\w-]+\.{_BODY}+"
)

# Top-level domains that make a name without a scheme an address. Those that are also words ("it", "me", "to") do so
# only if a path follows.
_SURE = words.any_of(
    """
    com org net edu gov info biz app dev shop online site xyz eu uk de fr nl pl ru ch dk cz gr hu pt br jp kr cn
    tw tv gg
    """
)
_PATHED = words.any_of(
    """
    ai ar at au be bg blog by ca cc cl club cloud co es fi fm gl hk hr id ie il im in io ir is it kz link lt ly me
    mx my ng no nz page pe ph pk pro ro rs sa se sg sh si sk store th to tr ua us vn wiki world za
    """
)
_LABELS = rf"{START}(?<![@.-])(?:(?:{LETTER}|-){{1,63}}\.){{1,6}}"
_BARE = re.compile(rf"{_LABELS}(?:(?:{_SURE}|{_PATHED})(?::\d{{1,5}})?/{_BODY}*|{_SURE}(?![\w@-]|\.\w))", re.IGNORECASE)
_LABEL = rf"(?:{LETTER}|-){{1,63}}"
_DOMAIN = rf"(?:{_LABEL}\.){{1,6}}(?:(?!\d){LETTER}){{2,24}}(?!{LETTER}|-)"
_AT = r"(?:@|＠|\s{0,2}[\[({]\s?(?:at|AT|ät)\s?[\])}]\s{0,2})"
_DOT = r"\s{0,2}[\[({]\s?(?:dot|DOT|punkt|point|punto)\s?[\])}]\s{0,2}"
_HOST = rf"{_AT}(?:{_DOMAIN}|(?:{_LABEL}{_DOT}){{1,4}}(?:(?!\d){LETTER}){{2,24}}(?!{LETTER}|-))"
_EMAIL = re.compile(rf"{START}(?<![.+%-])(?:{LETTER}|[.+%-]){{1,64}}{_HOST}|(?<![\w.+%-])[\w.+%-]{{1,64}}{_HOST}")

_TRAILING = ".,;:!?*_~|…"
_BRACKETS = {")": "(", "]": "[", "}": "{"}


def urls(text: str) -> Iterator[tuple[int, int]]:
    """Spans of URLs that have a scheme or begin with "www."."""
    for match in _WITH_SCHEME.finditer(text):
        yield match.start(), _end(match)


def bare_urls(text: str) -> Iterator[tuple[int, int]]:
    """Spans of URLs without a scheme. E-mail addresses must have been replaced before."""
    for match in _BARE.finditer(text):
        yield match.start(), _end(match)


def emails(text: str) -> Iterator[tuple[int, int]]:
    """Spans of e-mail addresses, including those with "[at]" and "[dot]"."""
    for match in _EMAIL.finditer(text):
        yield match.span()


def _end(match: re.Match[str]) -> int:
    """The end of an address, without the punctuation of the sentence around it."""
    found = match.group()
    while found:
        last = found[-1]
        unmatched = last in _BRACKETS and found.count(last) > found.count(_BRACKETS[last])
        if last not in _TRAILING and not unmatched:
            break
        found = found[:-1]
    return match.start() + len(found)
