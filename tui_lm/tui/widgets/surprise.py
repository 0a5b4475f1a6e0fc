"""Text coloured by surprisal: the less a token was expected, the warmer its colour; the highest is underlined.

Surprisal of a token is its information, -log2 p, in bits (Shannon 1948).
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from rich.style import Style
from rich.text import Text

STEPS = (2.0, 4.0, 7.0, 10.0)  # bits at which the next colour begins
STYLES = (
    Style(),
    Style(color="#c0a000"),
    Style(color="#d78700"),
    Style(color="#d75f00", bold=True),
    Style(color="#d70000", bold=True, underline=True),
)


def style_of(bits: float) -> Style:
    return STYLES[bisect_right(STEPS, bits)]


@dataclass
class Surprise:
    """The tokens of a text that begins at the start of line `row`: length in characters and surprisal in bits."""

    row: int = 0
    text: str = ""
    tokens: tuple[tuple[int, float], ...] = ()

    def colour(self, row: int, line: Text) -> None:
        """Colour `line`, row `row` of the text area, as far as its surprisal is known."""
        if not self.tokens:
            return
        lines = self.text.split("\n")
        index = row - self.row
        if not 0 <= index < len(lines) or not line.plain.startswith(lines[index]):
            return
        start = sum(len(before) + 1 for before in lines[:index])
        end, at = start + len(lines[index]), 0
        for length, bits in self.tokens:
            low, high = max(at, start), min(at + length, end)
            if low < high:
                line.stylize(style_of(bits), low - start, high - start)
            at += length
            if at >= end:
                return

    def cut(self, row: int, before: str) -> None:
        """Forget the surprisal after `before` in `row`, where the person changed the text."""
        index = row - self.row
        lines = self.text.split("\n")
        if not self.tokens or not 0 <= index < len(lines):
            return
        kept = "\n".join([*lines[:index], _common(lines[index], before)])
        if len(kept) < len(self.text):
            self.text = kept
            tokens, at = [], 0
            for length, bits in self.tokens:
                at += length
                if at > len(kept):
                    break
                tokens.append((length, bits))
            self.tokens = tuple(tokens)


def _common(one: str, other: str) -> str:
    length = 0
    while length < min(len(one), len(other)) and one[length] == other[length]:
        length += 1
    return one[:length]
