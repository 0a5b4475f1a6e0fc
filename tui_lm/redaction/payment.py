"""Bank account and card numbers, which have check digits."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tui_lm.redaction.boundary import END, START

# Lengths by country, from the SWIFT registry of IBANs.
_LENGTHS = {
    **dict.fromkeys(["NO"], 15),
    **dict.fromkeys(["BE", "BI"], 16),
    **dict.fromkeys(["DK", "FO", "FI", "GL", "NL", "FK", "SD"], 18),
    **dict.fromkeys(["MK", "SI"], 19),
    **dict.fromkeys(["AT", "BA", "EE", "KZ", "XK", "LT", "LU", "MN"], 20),
    **dict.fromkeys(["HR", "LV", "LI", "CH"], 21),
    **dict.fromkeys(["BH", "BG", "CR", "GE", "DE", "IE", "ME", "RS", "GB", "VA"], 22),
    **dict.fromkeys(["GI", "IQ", "IL", "SO", "TL", "AE", "OM"], 23),
    **dict.fromkeys(["AD", "CZ", "MD", "PK", "RO", "SA", "SK", "ES", "SE", "TN", "VG"], 24),
    **dict.fromkeys(["LY", "PT", "ST"], 25),
    **dict.fromkeys(["IS", "TR"], 26),
    **dict.fromkeys(["FR", "GR", "IT", "MC", "MR", "SM", "BF", "DJ"], 27),
    **dict.fromkeys(["AL", "AZ", "CY", "DO", "GT", "HU", "LB", "NI", "PL", "SV", "BY"], 28),
    **dict.fromkeys(["BR", "EG", "PS", "QA", "UA"], 29),
    **dict.fromkeys(["JO", "KW", "MU", "YE"], 30),
    **dict.fromkeys(["MT", "SC"], 31),
    **dict.fromkeys(["LC"], 32),
    **dict.fromkeys(["RU"], 33),
}
_LONGEST = 34
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}[ -]?\d\d(?=[ \u00a0-]?[A-Za-z0-9])", re.ASCII)
_CARD = re.compile(
    rf"{START}(?<![+.,/-])"
    r"(?:\d{13,19}|\d{4}([ \u00a0-])(?:\d{4}\1\d{4}\1\d{1,4}(?:\1\d{3})?|\d{6}\1\d{4,5}))"
    rf"{END}(?!-|[.,/]\d)"
)
# Visa; Mastercard; American Express and Diners; Discover, Maestro, UnionPay, JCB, Mir and others.
_BRANDS = re.compile(r"4(?:\d{12}|\d{15}|\d{18})|5\d{15}|2[2-7]\d{14}|3[47]\d{13}|3[068]\d{12}|35\d{14}|[68]\d{15,18}")


def ibans(text: str) -> Iterator[tuple[int, int]]:
    """Spans of IBANs (ISO 13616), grouped or not, with valid check digits (ISO 7064)."""
    for match in _IBAN.finditer(text):
        length = _LENGTHS.get(match.group()[:2].upper())
        if length is None:
            continue
        number, end = "", match.start()
        for character in text[match.start() : match.start() + 2 * _LONGEST]:
            end += 1
            if character.isascii() and character.isalnum():
                number += character.upper()
                if len(number) == length:
                    break
            elif character not in " \u00a0-":
                break
        glued = text[end : end + 1].isascii() and text[end : end + 1].isalnum()
        if len(number) == length and not glued and int(_digits(number[4:] + number[:4])) % 97 == 1:
            yield match.start(), end


def cards(text: str) -> Iterator[tuple[int, int]]:
    """Spans of payment card numbers: length and first digits of a brand, and a valid check digit (Luhn 1960)."""
    for match in _CARD.finditer(text):
        number = "".join(character for character in match.group() if character.isdigit())
        if _BRANDS.fullmatch(number) and _luhn(number) and len(set(number)) > 1:
            yield match.span()


def _digits(text: str) -> str:
    """Digits as they are, letters as the numbers 10 to 35."""
    return "".join(str(int(character, 36)) for character in text)


def _luhn(number: str) -> bool:
    total = 0
    for position, character in enumerate(reversed(number)):
        digit = int(character) * (1 + position % 2)
        total += digit - 9 if digit > 9 else digit
    return total % 10 == 0
