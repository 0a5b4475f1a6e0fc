"""Asks what the text is shaded by."""

from __future__ import annotations

from tui_lm.inspection.cursor import SHADES
from tui_lm.tui.host import Host
from tui_lm.tui.screens.choice import ChoiceScreen
from tui_lm.tui.widgets.wide_inspector import WideInspector

SAID = {
    "surprisal": "surprisal: how little each token was expected",
    "unit": "one unit of a gate or state",
    "gate": "a gate: its mean over all units",
    "attention": "attention: how much the chosen token looks at each",
    "saliency": "saliency: how much each token helps to predict the next",
}


def choose_shade(host: Host, inspector: WideInspector) -> None:
    shades = inspector.shades or SHADES
    now = inspector.pointer.cursor.shade

    def chosen(index: int | None) -> None:
        if index is not None:
            inspector.shade_by(shades[index])

    host.ask(
        ChoiceScreen("Shade the text by", [SAID[shade] for shade in shades], shades.index(now) if now in shades else 0),
        chosen,
    )
