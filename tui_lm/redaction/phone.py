"""Phone numbers: international ones, and national ones in their usual notations.

The country is unknown, so a run of digits counts as a phone number if it has the form of some country's numbers, and
few other numbers have that form. A word such as "call" before it allows more forms; a word such as "order" before it,
or a unit after it, allows fewer. Dates, times, versions, coordinates and the like are skipped first. The forms are
those of ITU-T E.123 and E.164, and of the national numbering plans.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tui_lm.redaction import words
from tui_lm.redaction.boundary import END, START

_SPACE = " \u00a0\u2009\u202f"
_SEPARATOR = rf"[{_SPACE}.\-\u2010\u2011\u2012\u2013/()·]"
_DAY, _MONTH, _CENTURY = r"(?:3[01]|[12]\d|0?\d)", r"(?:1[0-2]|0?\d)", "(?:19|20)"
_OTHER = "|".join(
    (
        rf"{_CENTURY}\d\d[-/.]{_MONTH}[-/.]{_DAY}(?![-/.]?\d)(?:[ T]\d\d(?=:))?",  # 2024-03-12 10:
        rf"{_DAY}(?P<mark>[-/.]){_DAY}(?P=mark)(?:{_CENTURY}\d\d|\d\d)(?![-/.]?\d)(?:[ T]\d{{1,2}}(?=:))?",
        rf"{_DAY}\. ?{_MONTH}\. ?{_CENTURY}\d\d(?!\d)",  # 12. 3. 2024
        rf"{_CENTURY}\d\d ?[-–/] ?{_CENTURY}\d\d(?![-–/.]?\d)",  # 2019-2023
        r"97[89]-?\d{1,5}-?\d{1,7}-?\d{1,6}-?\d(?![-\d])",  # ISBN
        r"(?:\d{1,3}\.){3}\d{1,3}(?:/\d{1,2})?(?![.\d])",  # IP addresses, versions
        r"-?(?!0\d)\d{1,3}\.\d{4,}(?![.\d])",  # coordinates and other decimals
        r"\d{8}[-_T]\d{4,6}(?!\d)",  # 20240312-1030
    )
)
_CANDIDATE = re.compile(
    rf"(?P<other>(?<![\w.,])(?:{_OTHER}))"
    rf"|(?P<phone>{START}(?<![\d][.,:])(?<!\w[-/_#])(?:[+＋]{_SEPARATOR}?|\({_SEPARATOR}?[+＋]?)?"
    rf"\d(?:{_SEPARATOR}{{0,3}}\d){{6,16}}{END}(?!@|[,:]\d|\.\d))",
    re.IGNORECASE,
)
_GROUPS = re.compile(r"\d+")

_COUNTRY = (
    r"1|7|2[07]|3[0123469]|4[013456789]|5[12345678]|6[0123456]|8[1246]|9[0123458]"
    r"|2[1234569]\d|3[578]\d|42\d|5[09]\d|6[789]\d|8[0578]\d|9[679]\d"
)
_INTERNATIONAL = re.compile(rf"1[2-9]\d\d[2-9]\d{{6}}|(?!1)(?:{_COUNTRY})\d{{4,12}}")

# National forms: groups of digits with one space between them, in place of any separator.
_NATIONAL = re.compile(
    "|".join(
        (
            r"0\d(?: ?\d){7,10}|0\d \d{3} \d{3}|0\d{1,2}(?: \d\d){3}|0800 \d{4}",  # with a trunk prefix: most countries
            r"(?:1 )?[2-9]\d\d \d{3} \d{4}|[2-9]\d\d \d{7}|1?[2-9]\d\d[2-9]\d{6}",  # North America
            r"1[3-9]\d \d{4} \d{4}|1[3-9]\d{9}",  # China
            r"[6-9]\d{4} \d{5}|[6-9]\d{9}|[6-9]\d{3} \d{3} \d{3}",  # India
            r"3[2-9]\d \d{6,7}|3[2-9]\d \d{3} \d{3,4}|3[2-9]\d \d\d \d\d \d{3}|3[2-9]\d{8}",  # Italy
            r"[5-9]\d\d \d{3} \d{3}|[5-9]\d\d \d\d \d\d \d\d|[5-9]\d{8}|[1-9]\d \d{3} \d\d \d\d",  # Spain, Poland
            r"[1-9]\d 9?\d{4} \d{4}|[1-9][1-9]9\d{8}|011 15 \d{4} \d{4}",  # Brazil, Mexico, Argentina
            r"8 [3489]\d\d \d{3} \d\d \d\d|8[3489]\d{9}|[3489]\d\d \d{3} \d\d \d\d|9\d\d \d{3} \d{4}",  # Russia
            r"0? ?5\d\d \d{3} \d\d \d\d|69\d \d{3} \d{4}|69\d{8}",  # Turkey, Greece
            r"[2-9]\d \d\d \d\d \d\d|[2-9]\d\d \d\d \d{3}|[5689]\d{3} \d{4}",  # Denmark, Norway, Singapore
        )
    )
)
# Forms that count only after a word for a phone.
_TOLD = re.compile(r"\d{7,13}|\d{2,7}(?: \d{2,7}){1,5}|\d(?: \d{2,4}){2,5}")

_WORD = re.compile(
    rf"(?<!\w)(?:(?P<id>{words.any_of(words.IDENTIFIER)})|(?P<phone>{words.any_of(words.PHONE)})"
    rf"|(?P<number>{words.any_of(words.NUMBER)}))(?!\w)"
    rf"|(?P<unspaced_phone>{words.any_of(words.PHONE_UNSPACED)})"
    rf"|(?P<unspaced_id>{words.any_of(words.IDENTIFIER_UNSPACED)}|[#№])",
    re.IGNORECASE,
)
_NEAR = 28  # characters before a number in which such a word counts
_AMOUNT_BEFORE = re.compile(
    rf"(?:[€$£¥₹₽₩฿=*/^]|\b{words.any_of(words.CURRENCY)})[ \u00a0]?$", re.IGNORECASE
)  # or part of a calculation
_UNIT_AFTER = re.compile(rf"[ \u00a0]?(?:[€$£¥₹₽₩%°元円원人块]|{words.any_of(words.UNIT)}(?!\w))", re.IGNORECASE)


def international(text: str) -> Iterator[tuple[int, int]]:
    """Spans of phone numbers that begin with +. Few other numbers do."""
    if "+" in text or "＋" in text:
        yield from _phones(text, only_plus=True)


def phones(text: str) -> Iterator[tuple[int, int]]:
    """Spans of phone numbers. Other private numbers must have been replaced before."""
    yield from _phones(text, only_plus=False)


def _phones(text: str, only_plus: bool) -> Iterator[tuple[int, int]]:
    for match in _CANDIDATE.finditer(text):
        found = match["phone"]
        if found is not None and (not only_plus or _begins_with_plus(found)):
            yield from _within(text, match.start("phone"), found)


def _begins_with_plus(found: str) -> bool:
    return found.lstrip("( ").startswith(("+", "＋"))


def _within(text: str, start: int, found: str) -> Iterator[tuple[int, int]]:
    """Spans of phone numbers in a run of digits and separators: all of it, or without groups at one end."""
    groups = [*_GROUPS.finditer(found)]
    told, plus = _told(text, start), _begins_with_plus(found)
    for first, last in _parts(len(groups)):
        begin, end = 0 if first == 0 else groups[first].start(), groups[last].end()
        before = found[groups[first - 1].end() : begin] if first else ""
        after = found[end : groups[last + 1].start()] if last + 1 < len(groups) else ""
        if before.strip(_SPACE) or after.strip(_SPACE):
            continue  # two numbers in one run are separated by a space
        span, whole = found[begin:end], (first, last) == (0, len(groups) - 1)
        if _is_phone(span, plus and first == 0, told, whole, text[start + end : start + end + 16]):
            opened = begin > 0 and found[begin - 1] == "(" and ")" in span
            yield start + begin - opened, start + end
            return


def _parts(groups: int) -> Iterator[tuple[int, int]]:
    """Candidates for the first and the last group: all groups, then up to two fewer at either end."""
    yield 0, groups - 1
    for left_out in range(1, min(3, groups)):
        for first in range(left_out, -1, -1):
            yield first, groups - 1 - (left_out - first)


def _told(text: str, start: int) -> str | None:
    """What the last known word before a number means: "phone", "id", "number" for either, or None."""
    told = None
    for match in _WORD.finditer(text, max(0, start - _NEAR), start):
        if match["number"]:
            told = told or "number"
            continue
        told = "phone" if match["phone"] or match["unspaced_phone"] else "id"
    return "id" if _AMOUNT_BEFORE.search(text[max(0, start - 5) : start]) else told


def _is_phone(found: str, plus: bool, told: str | None, whole: bool, after: str) -> bool:
    groups = [_ascii(group) for group in _GROUPS.findall(found)]
    digits, form = "".join(groups), " ".join(groups)
    if plus:
        return bool(_INTERNATIONAL.fullmatch(digits.replace("0", "", 1) if "(0)" in found else digits))
    if told == "id" or _UNIT_AFTER.match(after):
        return False
    if digits.startswith("00"):
        return 10 <= len(digits) <= 17 and bool(_INTERNATIONAL.fullmatch(digits[2:]))
    if _is_other(found, groups, digits):
        return False
    if _NATIONAL.fullmatch(form) and (whole or digits[0] == "0"):
        return True
    sure = told == "phone" or (told == "number" and (len(groups) > 1 or len(digits) > 8))
    return sure and whole and bool(_TOLD.fullmatch(form))


def _is_other(found: str, groups: list[str], digits: str) -> bool:
    """Whether the number has the form of an amount, a score, a list of numbers or a fraction."""
    single = sum(len(group) == 1 for group in groups) > len(groups) // 2
    if single or found.startswith("0.") or len(set(digits)) == 1:
        return True
    between = _GROUPS.split(found)[1:-1]
    marks = {part.strip(_SPACE) for part in between} - {"(", ")", ""}
    if found.count("/") > (digits[0] == "0"):
        return True
    if digits[0] == "0":
        return False
    thousands = len(groups) > 1 and all(len(group) == 3 for group in groups[1:])
    if thousands and (digits.endswith("000") or marks == {"."}):
        return True
    if len(groups) > 2 and all(len(group) == 2 for group in groups):  # scores; tens
        return bool(marks) or len(set(between)) > 1 or all(group[1] in "05" for group in groups)
    return len(digits) == 8 and bool(marks)


def _ascii(group: str) -> str:
    """Digits of any script as ASCII digits."""
    return group if group.isascii() else "".join(str(int(digit)) for digit in group)
