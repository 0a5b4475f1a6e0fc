"""An error in a handler or in a drawing becomes a notice instead of a traceback over the screen; typed text stays."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from textual import events
from textual._callback import invoke
from textual.app import App
from textual.dom import DOMNode
from textual.geometry import Region
from textual.message import Message
from textual.message_pump import MessagePump
from textual.strip import Strip
from textual.timer import Timer
from textual.visual import VisualType
from textual.widget import Widget
from textual.worker import WorkerFailed

from tui_lm.tui.host import Host, host_of


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


class CalmApp(Calm, App[None]):
    """Goes on after an error in any widget, also one of Textual's own, and in a worker, a callback or a layout."""

    def survive(self, error: Exception) -> bool:
        """As `Host.survive`."""
        raise NotImplementedError

    def last_words(self, error: Exception) -> str:
        """Save what can be saved, and return the lines to print after an error that ends the app."""
        raise NotImplementedError

    async def on_event(self, event: events.Event) -> None:
        """As in Textual, but input after the exit is ignored, because there is no screen left for it."""
        if not (self._exit and isinstance(event, events.InputEvent)):
            await super().on_event(event)

    def _register_child(self, parent: DOMNode, child: Widget, before: int | None, after: int | None) -> None:
        calm_down(child, host_of(self))
        super()._register_child(parent, child, before, after)

    def _handle_exception(self, error: Exception) -> None:
        """Textual's end of the app. The last resort is to restore the terminal and print two lines."""
        if isinstance(error, WorkerFailed) and isinstance(error.error, Exception):
            error = error.error
        shown = self._dom_ready and not self._exit  # whether there is a screen to show a notice on
        if shown and self.survive(error):
            return
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self.panic(self.last_words(error))


def calm_down(widget: Widget, host: Host) -> None:
    """Make a widget of any class calm before it starts: one of Textual's containers, or one of ours that draws itself.

    A widget whose handler fails goes on with its next message; one whose drawing fails is blank until it succeeds.
    """
    drawing = _Drawing(widget, host)
    replaced: dict[str, Callable[..., Any]] = {"render": drawing.render, "render_lines": drawing.render_lines}
    if not isinstance(widget, Calm):
        replaced["_dispatch_message"] = partial(_dispatch_calmly, widget._dispatch_message, host)
    for name, method in replaced.items():
        setattr(widget, name, method)


async def _dispatch_calmly(dispatch: Callable[[Message], Any], host: Host, message: Message) -> None:
    try:
        await dispatch(message)
    except Exception as error:
        if not host.survive(error):
            raise


class _Drawing:
    """A widget is drawn again and again: an error in it is reported once, until a drawing succeeds."""

    def __init__(self, widget: Widget, host: Host) -> None:
        self._host = host
        self._render, self._render_lines = widget.render, widget.render_lines
        self._failed = False

    def render(self) -> VisualType:
        try:
            drawn = self._render()
        except Exception as error:
            self._report(error)
            return ""
        self._failed = False
        return drawn

    def render_lines(self, crop: Region) -> list[Strip]:
        try:
            return self._render_lines(crop)
        except Exception as error:
            self._report(error)
            return [Strip.blank(crop.width)] * crop.height

    def _report(self, error: Exception) -> None:
        if not self._failed and not self._host.survive(error):
            raise error
        self._failed = True
