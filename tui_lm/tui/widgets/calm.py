"""An error in a handler becomes a notice instead of a traceback over the screen, and what was typed stays."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from textual._callback import invoke
from textual.message import Message
from textual.message_pump import MessagePump
from textual.timer import Timer

from tui_lm.tui.host import host_of


class Calm(MessagePump):
    """For screens, widgets and the app. Without it Textual ends the app when a handler or a timer's callback fails."""

    async def _dispatch_message(self, message: Message) -> None:
        try:
            await super()._dispatch_message(message)
        except Exception as error:
            if not host_of(self).survive(error):
                raise

    def call_after_refresh(self, callback: Callable[..., Any], *args: Any, **kwargs: Any) -> bool:
        return super().call_after_refresh(self._calmly, partial(callback, *args, **kwargs))

    def set_timer(self, delay: float, callback: Callable[..., Any] | None = None, **options: Any) -> Timer:
        return super().set_timer(delay, callback and partial(self._calmly, callback), **options)

    def set_interval(self, interval: float, callback: Callable[..., Any] | None = None, **options: Any) -> Timer:
        return super().set_interval(interval, callback and partial(self._calmly, callback), **options)

    async def _calmly(self, callback: Callable[..., Any]) -> None:
        try:
            await invoke(callback)
        except Exception as error:
            if not host_of(self).survive(error):
                raise
