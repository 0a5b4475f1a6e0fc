"""What the system may say to the app: that its terminal has gone, or that it is to end. Nothing typed is lost.

A terminal goes when its window is closed or the connection is cut. SIGHUP tells of it, but only to programs whose own
terminal it was; to others reading then returns at once for ever, and Textual would go on reading.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import suppress
from typing import Protocol

from tui_lm.tui.host import Host


class Ending(Host, Protocol):
    """An app that can be ended from outside."""

    def write_session(self) -> None: ...

    def end(self) -> None: ...

    def exit(self, *, return_code: int = 0) -> None: ...


_EVERY = 1.0  # seconds between two looks whether the terminal is still there


def listen(app: Ending) -> None:
    """From here on a closed window or a `kill` ends `app` as Ctrl+Q does. Call it in the running loop."""
    loop = asyncio.get_running_loop()
    with suppress(NotImplementedError, RuntimeError):  # a system without them, or a loop beside the main thread
        loop.add_signal_handler(signal.SIGHUP, _terminal_gone, app)
        loop.add_signal_handler(signal.SIGTERM, _told_to_end, app)
    app.set_interval(_EVERY, lambda: _look(app))


def _look(app: Ending) -> None:
    if sys.__stdin__ is not None and not os.isatty(sys.__stdin__.fileno()):
        _terminal_gone(app)


def _terminal_gone(app: Ending) -> None:
    """There is no terminal left to restore, and writing to it would hang or fail."""
    try:
        app.write_session()
        app.end()
    finally:
        os._exit(128 + signal.SIGHUP)


def _told_to_end(app: Ending) -> None:
    app.write_session()
    app.exit(return_code=128 + signal.SIGTERM)
