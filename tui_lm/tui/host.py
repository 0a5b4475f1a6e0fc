"""What the parts of the app may ask of the app around them. Everything else they are given as arguments.

A part knows this protocol and never the app's class, so that imports go down only and a test can stand in for the app.
Parts tell their news through `Host.tell`: values, which every screen hears and may ignore.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Literal, Protocol, cast, runtime_checkable

from textual.dom import DOMNode
from textual.message import Message
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.timer import Timer


class News:
    """Something that happened in the app; each layer has its own kinds."""


@runtime_checkable
class Reasoning(Protocol):
    """A screen or widget that says why one of its actions cannot be done now."""

    def why_not(self, action: str, parameter: str) -> str: ...


class Mailbox(Protocol):
    """Anything that messages can be posted to: the app, a screen, a widget."""

    def post_message(self, message: Message) -> bool: ...


class Host(Mailbox, Protocol):
    """The app, as its parts see it."""

    NOTIFICATION_TIMEOUT: ClassVar[float]  # seconds that a notice is shown

    @property
    def current_mode(self) -> str:
        """The name of the screen that is shown."""

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: Literal["information", "warning", "error"] = "information",
        markup: bool = True,
    ) -> None: ...

    def set_timer(self, delay: float, callback: Callable[..., Any] | None = None) -> Timer: ...

    def set_interval(self, interval: float, callback: Callable[..., Any] | None = None) -> Timer: ...

    def tell(self, news: News) -> None:
        """Pass `news` to every screen that has been made."""

    def ask(self, screen: Screen[Any], then: Callable[[Any], None] | None = None) -> None:
        """Show a modal screen and call `then` with its answer; ignored while another one is open."""

    def show(self, name: str) -> None:
        """Go to the screen `name`; ignored while a modal screen is open."""

    def why_not(self, action: str, node: DOMNode | None) -> str:
        """Why `action` of `node` cannot be done now; "" if it can."""

    def survive(self, error: Exception) -> bool:
        """Report an error in a handler. Returns False when there were too many to go on."""


def host_of(pump: MessagePump) -> Host:
    """The app that a screen or widget runs in: for what concerns all of them, such as an error in a handler."""
    return cast(Host, pump.app)
