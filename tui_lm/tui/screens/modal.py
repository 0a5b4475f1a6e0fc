"""The base of modal screens: questions and pages over a screen, until they are answered or left."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual.binding import BindingType
from textual.screen import ModalScreen

from tui_lm.tui.terminal import keys
from tui_lm.tui.widgets.calm import Calm

T = TypeVar("T")


class Modal(Calm, ModalScreen[T | None]):
    """Esc leaves it without an answer."""

    CSS_PATH = "modal.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keys.CHOICE

    def action_leave(self) -> None:
        self.leave_with(None)

    def leave_with(self, answer: T | None) -> None:
        if self.is_current:  # a burst of keys must not close another screen too
            self.dismiss(answer)
