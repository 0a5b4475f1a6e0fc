"""The text area for a message. When it is empty it offers whole replies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message

from tui_lm.tui.terminal import keys
from tui_lm.tui.widgets.suggesting import SuggestingArea


class Composer(SuggestingArea, inherit_bindings=False):
    BINDINGS: ClassVar[list[BindingType]] = keys.COMPOSER
    TABLE: ClassVar[list[BindingType]] = keys.COMPOSER

    @dataclass
    class Submitted(Message):
        text: str

    @dataclass
    class Recalled(Message):
        """Up was pressed in an empty draft, to edit the last message."""

    @property
    def at_end(self) -> bool:
        """Whether the cursor is at the end of the message, the only position with suggestions."""
        return self.selection.is_empty and self.cursor_at_end_of_text

    def offer_replies(self, revision: int, replies: Sequence[tuple[str, float]]) -> None:
        """Show whole messages to choose from, unless the text has changed since they were requested."""
        if revision != self.revision or self.text or self._chosen is not None:
            return
        from tui_lm.completion import Candidate  # numpy, which the model that answered has loaded already

        self._candidates = tuple(Candidate(*reply) for reply in replies)
        self._show()

    def drop(self, sent: str) -> None:
        """Remove the text that was sent; text typed since then stays."""
        if self.text.startswith(sent):
            lines = sent.split("\n")
            self.delete((0, 0), (len(lines) - 1, len(lines[-1])))

    def action_submit(self) -> None:
        if self._chosen is not None:
            self.take(self._chosen)
        else:
            self.post_message(self.Submitted(self.text))

    def action_previous_candidate(self) -> None:
        if self._chosen is None and not self.text:
            self.post_message(self.Recalled())
        else:
            super().action_previous_candidate()
