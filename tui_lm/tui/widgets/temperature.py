"""The temperature as a slider, for keys, mouse and digits. At 0 the most probable token is taken."""

from __future__ import annotations

from tui_lm.settings import Settings
from tui_lm.tui.widgets.form import Form, setting_field

STEP = 0.1  # the change by F7 and F8


class Temperature(Form):
    def __init__(self, settings: Settings) -> None:
        super().__init__([setting_field("temperature", settings)])
        self.tooltip = "How random the answers are: click, drag, F7 and F8, or digits and Enter. 0 is greedy."

    def follow(self, settings: Settings) -> None:
        self.show([setting_field("temperature", settings)])

    def on_mouse_scroll_up(self) -> None:
        self.action_change(2)

    def on_mouse_scroll_down(self) -> None:
        self.action_change(-2)
