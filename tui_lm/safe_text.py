"""Text from elsewhere, made safe for a terminal: what a terminal would obey is shown, or removed.

Chats, models and file names may hold escape sequences, control characters of one byte (C0, C1), controls that reorder
a line (bidirectional embeddings, overrides and isolates: see "Trojan Source", Boucher and Anderson 2021) and lone
surrogates, which no terminal can be sent. All else stays, emoji with their joiners included.
"""

from __future__ import annotations

_UNKNOWN = "\N{REPLACEMENT CHARACTER}"
_C0 = [code for code in range(0x20) if chr(code) not in "\t\n\r"]
_C1 = range(0x80, 0xA0)
_BIDI = [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]
_SURROGATES = range(0xD800, 0xE000)
_SEPARATORS = [0x2028, 0x2029]  # of lines and paragraphs
_BREAKS = [ord(c) for c in "\t\n\r"] + _SEPARATORS

_SHOWN: dict[int, str] = {
    **{code: chr(0x2400 + code) for code in _C0},  # ESC becomes ␛, BEL becomes ␇
    0x7F: "\N{SYMBOL FOR DELETE}",
    **dict.fromkeys([*_C1, *_BIDI, *_SURROGATES], _UNKNOWN),
    **dict.fromkeys(_SEPARATORS, "\n"),
}
_SHOWN_ON_A_LINE: dict[int, str] = {**_SHOWN, **dict.fromkeys(_BREAKS, " ")}
_REMOVED: dict[int, str] = {code: " " if chr(code).isspace() else "" for code in _SHOWN_ON_A_LINE}


def visible(text: str) -> str:
    """`text` with a picture in place of each control character. Line breaks (as "\\n") and tabs stay."""
    return text if text.isprintable() else text.replace("\r\n", "\n").replace("\r", "\n").translate(_SHOWN)


def visible_line(text: str) -> str:
    """`text` on one line, with as many characters as before: a line break or a tab becomes a space."""
    return text if text.isprintable() else text.translate(_SHOWN_ON_A_LINE)


def without_controls(text: str) -> str:
    """`text` on one line without its control characters: for what a network or a program reads, not a person."""
    return text if text.isprintable() else text.translate(_REMOVED)
