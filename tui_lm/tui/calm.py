"""Never a traceback over the screen: an error in a handler becomes a notice, and what was typed stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message
from textual.message_pump import MessagePump

if TYPE_CHECKING:
    from tui_lm.tui.app import TuiLmApp


class Calm(MessagePump):
    """For screens and widgets. Without it Textual ends the app where a handler fails."""

    app: TuiLmApp

    async def _dispatch_message(self, message: Message) -> None:
        try:
            await super()._dispatch_message(message)
        except Exception as error:
            if not self.app.survive(error):
                raise
