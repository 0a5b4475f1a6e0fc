"""The themes that Textual does not bring along."""

from __future__ import annotations

from textual.theme import Theme

_VARIABLES = {  # what Textual's own style sheets ask of a theme with the terminal's colours
    "ansi-background": "ansi_black",
    "ansi-foreground": "ansi_white",
    "border-blurred": "ansi_bright_black",
    "block-cursor-foreground": "ansi_black",
    "block-cursor-background": "ansi_white",
}
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
    )
]
