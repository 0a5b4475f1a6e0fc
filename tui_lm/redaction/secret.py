"""Keys, recognised by their standard prefixes, and one-time codes, recognised by a word near them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tui_lm.redaction import words
from tui_lm.redaction.boundary import END, START

_BREAK = r"(?:\s|\\[nr]){1,4}"  # a line break, also in its escaped form
_KEYS = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,40}(?:KEY|MESSAGE)(?: BLOCK)?-----"
    rf"(?:{_BREAK}(?:[\w-]{{1,30}}: [^\n]{{0,80}}|[A-Za-z0-9+/=]{{16,100}})){{0,400}}"
    rf"(?:{_BREAK}[A-Za-z0-9+/=]{{1,100}}(?={_BREAK}-----END))?(?:{_BREAK}-----END[A-Z0-9 ]{{0,60}}-----)?"
    rf"|{START}(?<!-)(?:"
    r"sk-(?:[A-Za-z0-9]{1,12}-){0,3}[\w-]{16,200}"
    r"|[srp]k_(?:live|test)_\w{10,200}"
    r"|gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_\w{20,255}|gl(?:pat|ptt|dt|rt)-[\w-]{16,200}"
    r"|(?:AKIA|ASIA|AGPA|AIDA|AROA)[A-Z0-9]{16}"
    r"|xox[abeoprs](?:-[\w-]{8,250})|xapp-[\w-]{10,250}"
    r"|AIza[\w-]{30,45}|ya29\.[\w-]{20,300}|GOCSPX-[\w-]{20,60}"
    r"|hf_[A-Za-z0-9]{20,60}|npm_[A-Za-z0-9]{30,60}|pypi-[\w-]{30,300}"
    r"|SG\.[\w-]{16,40}\.[\w-]{16,60}|key-[0-9a-f]{32}|dop_v1_[0-9a-f]{40,80}|shp(?:at|ca|pa|ss)_[0-9a-f]{24,60}"
    r"|whsec_[\w/+=-]{16,100}|r8_\w{30,60}|tskey-[\w-]{16,100}|AGE-SECRET-KEY-1[0-9A-Z]{50,70}"
    r"|eyJ[\w-]{8,2000}\.eyJ[\w-]{4,4000}\.[\w-]{8,2000}"
    r"|\d{8,10}:AA[\w-]{30,40}"
    rf"){END}(?!-)"
)

_WORD = re.compile(
    rf"\b(?P<head>\w{{0,24}}?){words.any_of(words.CODE)}(?!\w)|(?P<unspaced>{words.any_of(words.CODE_UNSPACED)})",
    re.IGNORECASE,
)
_PUBLIC = frozenset(words.PUBLIC_BEGINNINGS.split())
_BEFORE = re.compile(rf"\b{words.any_of(words.PUBLIC_BEFORE)}[\s-]{{1,2}}$", re.IGNORECASE)
_AFTER = re.compile(rf"\s{{0,2}}{words.any_of(words.PUBLIC_AFTER)}\b", re.IGNORECASE)
_NUMBER = re.compile(
    rf"{START}(?<![.,:/#€$£¥₹+-])(?:[A-Z]{{1,3}}-)?"
    r"(?:\d{4,8}|\d{3}[ \u00a0-]\d{3}|\d{4}[ -]\d{4}|\d{2}[ -]\d{2}[ -]\d{2})[#*]?"
    rf"{END}(?![.,:/-]\d|\s?(?:[€$£¥₹%]|(?:{words.any_of(words.UNIT)}|h|uhr)(?!\w)))",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_IN = re.compile(rf"\b{words.any_of(words.IN)}\s$", re.IGNORECASE)
NEAR_AFTER, NEAR_BEFORE = 48, 36  # characters between the word and the code
LONGEST = 16  # characters of a code and the unit after it
_SENTENCE = re.compile(r"[.!。！]\s+\S|[?？]\s+[^\W\d]|\n\s*\n")


def keys(text: str) -> Iterator[tuple[int, int]]:
    """Spans of API keys, tokens and private keys."""
    for match in _KEYS.finditer(text):
        yield match.span()


def codes(text: str) -> Iterator[tuple[int, int]]:
    """Spans of one-time codes and PINs: 4 to 8 digits in the same sentence as a word for a code."""
    if _NUMBER.search(text) is None:
        return
    last = 0
    for match in _WORD.finditer(text):
        if _is_public(text, match):
            continue
        for found in (_following(text, match), _preceding(text, match)):
            if found is not None and found.start() >= last:
                yield found.span()
                last = found.end()
                break


def _is_public(text: str, match: re.Match[str]) -> bool:
    """Whether this is a word for a code that is not secret: "postcode", "error code", "code review"."""
    if match["unspaced"]:
        return False
    head = match["head"].casefold()
    before = text[max(0, match.start() - 16) : match.start()]
    return head in _PUBLIC or bool(_BEFORE.search(before)) or bool(_AFTER.match(text, match.end()))


def _following(text: str, match: re.Match[str]) -> re.Match[str] | None:
    """The first number after the word that may be a code."""
    found = _NUMBER.search(text, match.end(), match.end() + NEAR_AFTER + LONGEST)
    if found is None or found.start() > match.end() + NEAR_AFTER:
        return None
    if _SENTENCE.search(text, match.end(), found.start() + 1) or _is_year(text, found):
        return None
    return found


def _preceding(text: str, match: re.Match[str]) -> re.Match[str] | None:
    """The last number before the word that may be a code."""
    start = max(0, match.start() - NEAR_BEFORE)
    numbers = [*_NUMBER.finditer(text, start, match.start())]
    if not numbers or _SENTENCE.search(text, numbers[-1].end(), match.start() + 1) or _is_year(text, numbers[-1]):
        return None
    return numbers[-1]


def _is_year(text: str, found: re.Match[str]) -> bool:
    return bool(_YEAR.fullmatch(found.group()) and _IN.search(text[max(0, found.start() - 8) : found.start()]))
