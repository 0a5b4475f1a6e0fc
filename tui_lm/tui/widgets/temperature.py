"""The temperature as a slider: keys, mouse and number. 0 always takes the most probable token."""

from __future__ import annotations

from tui_lm.settings import Settings
from tui_lm.tui.widgets.form import Form, setting_field

STEP = 0.1  # of the keys that work everywhere


class Temperature(Form):
    def __init__(self, settings: Settings) -> None:
        super().__init__([setting_field("temperature", settings)])
        self.tooltip = "How random the answers are: click, drag, or F7 and F8; digits and Enter. 0 is greedy."

    def follow(self, settings: Settings) -> None:
        self.show([setting_field("temperature", settings)])

    def on_mouse_scroll_up(self) -> None:
        self.action_change(2)

    def on_mouse_scroll_down(self) -> None:
        self.action_change(-2)
