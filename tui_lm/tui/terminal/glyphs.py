"""Plain characters: for terminals and fonts that have ASCII only, what the app draws is drawn in ASCII."""

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
    """Replaces the glyphs of borders, bars and marks, each by one that is as wide; letters of any script stay."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [
            segment
            if segment.control or segment.text.isascii()
            else segment._replace(text=segment.text.translate(TABLE))
            for segment in segments
        ]
