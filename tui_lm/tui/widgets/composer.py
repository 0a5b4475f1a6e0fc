"""The text area for a message. When it is empty it offers whole replies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message
from textual.reactive import reactive

from tui_lm.tui.terminal import keys
from tui_lm.tui.widgets.suggesting import SuggestingArea


class Composer(SuggestingArea, inherit_bindings=False):
    BINDINGS: ClassVar[list[BindingType]] = keys.COMPOSER
    TABLE: ClassVar[list[BindingType]] = keys.COMPOSER

    _empty = True

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

    recallable: reactive[bool] = reactive(False, bindings=True)  # whether there is a last message to edit

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Up edits the last message while the draft is empty."""
        if action == "recall":
            return self.recallable and self._chosen is None and not self.text
        return super().check_action(action, parameters)

    def update_suggestion(self) -> None:
        super().update_suggestion()
        if self._empty is not (not self.text):
            self._empty = not self.text
            self.refresh_bindings()  # Up has another meaning now

    def action_recall(self) -> None:
        self.post_message(self.Recalled())
