"""A question or page that stands over a screen until it is answered or left."""

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
        if self.is_current:  # keys that came in a burst must not close another screen as well
            self.dismiss(answer)
