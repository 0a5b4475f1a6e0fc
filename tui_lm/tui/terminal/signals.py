"""SIGHUP, SIGTERM and a lost terminal end the app without losing what was typed.

A terminal is lost when its window is closed or the connection is cut. SIGHUP reports it, but only to programs whose
controlling terminal it was; for others every read returns at once, and Textual would read for ever.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import suppress
from typing import Protocol

from tui_lm import system
from tui_lm.tui.host import Host


class Ending(Host, Protocol):
    """An app that can be ended from outside."""

    def write_session(self) -> None: ...

    def end(self) -> None: ...

    def exit(self, *, return_code: int = 0) -> None: ...


_EVERY = 1.0  # seconds between two checks that the terminal still exists


def listen(app: Ending) -> None:
    """Make a closed window or a `kill` end `app` as Ctrl+Q does. Call it in the running event loop."""
    loop = asyncio.get_running_loop()
    with suppress(NotImplementedError, RuntimeError):  # Windows, or not the main thread
        loop.add_signal_handler(system.HANGUP, _terminal_gone, app)
        loop.add_signal_handler(signal.SIGTERM, _told_to_end, app)
    app.set_interval(_EVERY, lambda: _look(app))


def _look(app: Ending) -> None:
    if sys.__stdin__ is not None and not os.isatty(sys.__stdin__.fileno()):
        _terminal_gone(app)


def _terminal_gone(app: Ending) -> None:
    """Exit at once: there is no terminal to restore, and writing to it would hang or fail."""
    try:
        app.write_session()
        app.end()
    finally:
        os._exit(128 + system.HANGUP)


def _told_to_end(app: Ending) -> None:
    app.write_session()
    app.exit(return_code=128 + signal.SIGTERM)
