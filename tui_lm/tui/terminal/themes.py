"""The themes of the app, the colours of authors, and how a theme looks without colours."""

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
DARK, LIGHT = "ink", "paper"
FALLBACK = DARK  # if there is no theme of the name in the settings
# The hues of Okabe and Ito (2008), which people with any colour vision can tell apart, as light or as dark as text on
# the background has to be (a contrast of 4.5 or more).
_AUTHORS = {
    True: ("#56b4e9", "#e6a23c", "#3cc59b", "#dd8fbd", "#f0e442", "#f5845a"),
    False: ("#0065a3", "#8f5600", "#00704f", "#9c3f72", "#6b6100", "#b04400"),
}
AUTHORS = len(_AUTHORS[True])


def _scrollbar(background: str, thumb: str) -> dict[str, str]:
    return {
        "scrollbar": thumb,
        "scrollbar-background": background,
        "scrollbar-background-hover": background,
        "scrollbar-background-active": background,
        "scrollbar-corner-color": background,
    }


THEMES = [
    Theme(
        name=DARK,
        dark=True,
        primary="#5cc8d7",
        secondary="#8fa7ff",
        accent="#f2b35e",
        warning="#f2d06b",
        error="#f2777a",
        success="#7fd1a0",
        foreground="#dbe1ec",
        background="#11141b",
        surface="#181d27",
        panel="#1e2532",
        boost="#242c3b",
        variables={
            "border": "#5cc8d7",
            "border-blurred": "#435069",
            "block-cursor-foreground": "#11141b",
            **_scrollbar("#11141b", "#435069"),
        },
    ),
    Theme(
        name=LIGHT,
        dark=False,
        primary="#0b6e80",
        secondary="#4455a8",
        accent="#8a5200",
        warning="#7a5d00",
        error="#b3262e",
        success="#1f6b44",
        foreground="#262a31",
        background="#fbf9f4",
        surface="#f4f0e8",
        panel="#eae4d8",
        boost="#e2dbcd",
        variables={
            "border": "#0b6e80",
            "border-blurred": "#bdb4a3",
            "block-cursor-foreground": "#fbf9f4",
            **_scrollbar("#fbf9f4", "#bdb4a3"),
        },
    ),
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


def author_colours(*, dark: bool) -> dict[str, str]:
    """The theme variables $author-0 and on, for a theme that has none of its own."""
    return {f"author-{index}": colour for index, colour in enumerate(_AUTHORS[dark])}


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
