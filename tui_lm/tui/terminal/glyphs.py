"""Plain characters: draws borders, bars and marks in ASCII, for terminals and fonts without the others."""

from __future__ import annotations

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_SAME = {
    "|": "│┃║╎╏┆┇┊┋▏▎▍▌▕▐├┤┝┥┣┫",
    "-": "─╌╍┄┅┈┉╴╶╺‐–—",
    "=": "━╸═▔▁▂▃",
    "+": "┌┐└┘┏┓┗┛╭╮╰╯┬┴┼╔╗╚╝┳┻╋╷╵╹╻◇",
    "#": "█▉▊▋▄▅▆▇▀■▣▓▖▗▘▙▚▛▜▝▞▟🭽🭾🭼🭿",
    "%": "▒",
    ":": "░",
    "*": "●★◆✔✓",
    "o": "○◌□",
    "(": "◐",
    "x": "×✗✘",
    ".": "·…•",
    "_": "␣",
    "/": "⏎⇥╱",
    ">": "▸▶►→❯",
    "<": "◂◀◄←❮",
    "^": "▲△↑",
    "v": "▼▽▾↓",
    "?": "␛␇␡\N{REPLACEMENT CHARACTER}",
}
_BRAILLE = {chr(code): "*" for code in range(0x2801, 0x2900)}
TABLE = str.maketrans({glyph: plain for plain, glyphs in _SAME.items() for glyph in glyphs} | _BRAILLE)


class PlainGlyphs(LineFilter):
    """Replaces each glyph of a border, bar or mark by an ASCII character of the same width. Letters stay."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [
            segment
            if segment.control or segment.text.isascii()
            else segment._replace(text=segment.text.translate(TABLE))
            for segment in segments
        ]
