"""The question which sampling preset to use. A highlighted preset is tried at once; Esc restores the settings."""

from __future__ import annotations

from tui_lm.settings import PRESETS, SAMPLING, preset_of, with_preset
from tui_lm.tui.host import Host
from tui_lm.tui.keeping.preferences import Preferences
from tui_lm.tui.screens.choice import ChoiceScreen


def choose_preset(host: Host, preferences: Preferences) -> None:
    names, before = list(PRESETS), preferences.settings
    now = preset_of(before)

    def show(index: int) -> None:
        preferences.change(**{name: getattr(with_preset(before, names[index]), name) for name in SAMPLING})

    def highlighted(index: int) -> None:
        if now is not None:  # else the line that is highlighted first was not chosen by the user
            show(index)

    def chosen(index: int | None) -> None:
        if index is None:
            preferences.change(**{name: getattr(before, name) for name in SAMPLING})
        else:
            show(index)

    host.ask(ChoiceScreen("Sampling", names, names.index(now) if now else None, highlighted), chosen)
