"""The Welcome screen, shown without a model: what the program is, and how to train a model."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from tui_lm.tui.screens.picking import PickingScreen
from tui_lm.tui.terminal import keys
from tui_lm.tui.widgets.source_picker import SourcePicker

_TEXT = Content.assemble(
    "Your own language model, trained on your own chats, on your own machine.\n",
    ("F12", "bold $text-accent"),
    " trains on the bundled chat, in a minute (in a shell: ",
    ("tui-lm demo", "$text-accent"),
    ").\n",
    ("Ctrl+R", "bold $text-accent"),
    " trains on a chat of yours, exported without media: choose it here.",
)


class WelcomeScreen(PickingScreen):
    CSS_PATH = "picking.tcss"
    NAME = "welcome"
    BINDINGS: ClassVar[list[BindingType]] = keys.TRAIN

    def compose_body(self) -> ComposeResult:
        yield Static(_TEXT, id="text")
        yield SourcePicker(self.session.source)
