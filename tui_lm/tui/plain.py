"""Text that others wrote, made safe to paint: what a terminal would obey is shown instead of executed."""

from __future__ import annotations

_UNSEEN = "\N{REPLACEMENT CHARACTER}"
_PICTURES = {code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in "\t\n"}
_TABLE: dict[int, str] = {
    **_PICTURES,  # C0: ESC becomes ␛, BEL becomes ␇
    0x7F: "\N{SYMBOL FOR DELETE}",
    **dict.fromkeys(range(0x80, 0xA0), _UNSEEN),  # C1: CSI and OSC in one character
    **dict.fromkeys([0x2028, 0x2029], "\n"),
    **dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)], _UNSEEN),  # bidirectional overrides
    **dict.fromkeys(range(0xD800, 0xE000), _UNSEEN),  # lone surrogates cannot be written to a terminal
}


def visible(text: str) -> str:
    """`text` with every control character replaced by a picture of it; new lines and tabs stay."""
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_TABLE)


def visible_line(text: str) -> str:
    """The same on one line."""
    return " ".join(visible(text).split())


def visible_cells(text: str) -> str:
    """A piece of a line that was drawn already: as wide as before, whatever is in it."""
    return text if text.isprintable() else visible(text).replace("\n", " ").replace("\t", " ")
