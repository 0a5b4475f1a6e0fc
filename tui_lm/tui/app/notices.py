"""Telling: notices to the person, questions above the screen, and which screens are there to be told of a change."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual.app import App
from textual.screen import Screen

from tui_lm.errors import TuiLmError
from tui_lm.safe_text import visible, visible_line
from tui_lm.tui.widgets.calm import Calm

if TYPE_CHECKING:
    from tui_lm.tui.screens.screen import AppScreen

_MOST_ERRORS, _WITHIN = 20, 10.0  # errors within seconds that are survived


class NoticingApp(Calm, App[None]):
    """An error becomes a notice; the same one is not told at every key."""

    def __init__(self) -> None:
        super().__init__()
        self._errors: deque[float] = deque(maxlen=_MOST_ERRORS)
        self._last_error = ""
        self._said: dict[str, float] = {}  # notices, and until when they stand

    def screens_made(self) -> list[AppScreen]:
        """The screens that stand; what is asked from above, such as a choice, is none of them."""
        from tui_lm.tui.screens.screen import AppScreen

        stacks = (stack[0] for stack in self._screen_stacks.values() if stack)
        return [screen for screen in stacks if isinstance(screen, AppScreen) and screen.is_mounted]

    def ask(self, screen: Screen[Any], then: Callable[[Any], None] | None = None) -> None:
        """Show a modal screen, unless keys that came in a burst have opened one already."""
        if len(self.screen_stack) == 1:
            self.push_screen(screen, then)

    def complain(self, error: Exception) -> None:
        """An error as a notice; the same one is told once."""
        if isinstance(error, TuiLmError):
            title, text = error.message, error.hint
        else:
            title, text = "The model stumbled", f"{type(error).__name__}: {error}"
        if title + text != self._last_error:  # not one notice a key
            self._last_error = title + text
            self.notify(visible(text), title=visible_line(title), severity="error", markup=False)

    def all_is_well(self) -> None:
        """From here on an error is worth a notice again, even if it is the same."""
        self._last_error = ""

    def say_once(self, text: str) -> None:
        """A notice, unless it is on the screen already, or on its way there."""
        text, now = visible(text), time.monotonic()
        self._said = {said: until for said, until in self._said.items() if until > now}
        if text not in self._said:
            self._said[text] = now + self.NOTIFICATION_TIMEOUT
            self.notify(text, severity="warning", markup=False)

    def survive(self, error: Exception) -> bool:
        """Tell of an error in the app itself; whether to go on. Text of the error may be text of a chat: it stays."""
        from tui_lm.tui.keeping.crash import write_report

        write_report(error)
        now = time.monotonic()
        too_many = len(self._errors) == _MOST_ERRORS and now - self._errors[0] < _WITHIN
        self._errors.append(now)
        self.say_once(f"Something went wrong ({type(error).__name__}). What you typed is still here.")
        return not too_many
