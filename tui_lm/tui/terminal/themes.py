"""The themes that Textual does not bring along, and how a theme looks without colours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual.app import App
from textual.filter import LineFilter, Monochrome, NoColor
from textual.theme import Theme

_VARIABLES = {  # what Textual's own style sheets ask of a theme with the terminal's colours
    "ansi-background": "ansi_black",
    "ansi-foreground": "ansi_white",
    "border-blurred": "ansi_bright_black",
    "block-cursor-foreground": "ansi_black",
    "block-cursor-background": "ansi_white",
}
LARGE_PRINT = "large-print"
FALLBACK = "textual-dark"  # if there is no theme of the name in the settings

THEMES = [
    Theme(
        name="transparent",
        ansi=True,  # the terminal's own background shows through
        primary="#5fafff",
        secondary="#5fd7d7",
        accent="#ffaf5f",
        warning="#ffd75f",
        error="#ff6b6b",
        success="#5fd787",
        foreground="ansi_default",
        background="ansi_default",
        surface="ansi_default",
        panel="ansi_default",
        boost="ansi_default",
        variables=_VARIABLES,
    ),
    Theme(
        name=LARGE_PRINT,  # black, white and yellow; the inspector's cells are large
        dark=True,
        primary="#ffff00",
        secondary="#ffffff",
        accent="#ffff00",
        warning="#ffff00",
        error="#ff8080",
        success="#80ff80",
        foreground="#ffffff",
        background="#000000",
        surface="#000000",
        panel="#303030",
        boost="#303030",
        variables={"foreground-muted": "#ffffff", "text-muted": "#d0d0d0"},
    ),
]


def without_colour(filters: Sequence[LineFilter], *, native: bool) -> list[LineFilter]:
    """`filters` with the one for NO_COLOR that fits the theme: greys, or the terminal's own two colours if `native`.

    Textual chooses once, before it knows the theme, and would paint the terminal's own foreground as black.
    """
    fitting = NoColor() if native else Monochrome()
    return [fitting if isinstance(filter, NoColor | Monochrome) else filter for filter in filters]


def take_theme(app: App[Any], wanted: str) -> str:
    """Register the themes and show `wanted`. Returns a notice if there is no such theme, else ""."""
    for theme in THEMES:
        app.register_theme(theme)
    known = wanted in app.available_themes
    app.theme = wanted if known else FALLBACK
    return "" if known else f"There is no theme {wanted}; {FALLBACK} is used."
