"""Notices for the user. The same error is not shown again at every key."""

from __future__ import annotations

import time
from collections import deque

from tui_lm.errors import TuiLmError
from tui_lm.safe_text import visible, visible_line
from tui_lm.tui.host import Host

_MOST_ERRORS, _WITHIN = 20, 10.0  # this many errors within this many seconds end the app


class Notices:
    """Shows notices through the host, and remembers which were shown."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self.errors: deque[float] = deque(maxlen=_MOST_ERRORS)
        self._last_error = ""
        self._said: dict[str, float] = {}  # notices, and the time until which each is shown

    def complain(self, error: Exception) -> None:
        """Show an error as a notice, unless it is the one that was shown last."""
        if isinstance(error, TuiLmError):
            title, text = error.message, error.hint
        else:
            title, text = "The model stumbled", f"{type(error).__name__}: {error}"
        if title + text != self._last_error:  # not one notice a key
            self._last_error = title + text
            self._host.notify(visible(text), title=visible_line(title), severity="error", markup=False)

    def all_is_well(self) -> None:
        """Something worked: the next error is shown even if it is the same."""
        self._last_error = ""

    def say_once(self, text: str) -> None:
        """Show a notice, unless the same one is on the screen or on its way there."""
        text, now = visible(text), time.monotonic()
        self._said = {said: until for said, until in self._said.items() if until > now}
        if text not in self._said:
            self._said[text] = now + self._host.NOTIFICATION_TIMEOUT
            self._host.notify(text, severity="warning", markup=False)

    def survive(self, error: Exception) -> bool:
        """Report an error in the app itself, in two lines; False when there were too many.

        Its message may quote a chat: only its type is shown.
        """
        now = time.monotonic()
        too_many = len(self.errors) == _MOST_ERRORS and now - self.errors[0] < _WITHIN
        self.errors.append(now)
        self.say_once(f"Something went wrong ({type(error).__name__}).\nWhat you typed is still here.")
        return not too_many
