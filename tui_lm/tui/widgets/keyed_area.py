"""A text area whose keys are those of the table in `terminal/keys.py`, and run in the order in which they arrive."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from textual import events
from textual.binding import BindingType
from textual.strip import Strip
from textual.widgets.text_area import Selection

from tui_lm.tui.terminal import keys, typed
from tui_lm.tui.widgets.entry import PlainArea


class KeyedArea(PlainArea, inherit_bindings=False):
    """`keymap` holds the keys that a person has rebound, by the action's id."""

    TABLE: ClassVar[list[BindingType]]

    def __init__(self, keymap: Mapping[str, str], **options: Any) -> None:
        self._keymap = keymap
        self._actions: dict[str, list[str]] = {}  # the actions of each key
        super().__init__(compact=True, highlight_cursor_line=False, **options)
        self.cursor_blink = False

    def on_mount(self) -> None:
        own = {binding.id for binding in keys.as_bound(self.TABLE, {})}
        elsewhere = {key.strip() for id, chosen in self._keymap.items() if id not in own for key in chosen.split(",")}
        for binding in keys.as_bound(self.TABLE, self._keymap):
            chosen = binding.id in self._keymap
            if chosen or binding.key not in elsewhere:  # a key that the user chose goes before a default one
                self._actions.setdefault(binding.key, []).append(binding.action)
        for key in elsewhere - self._actions.keys():
            self._bindings.key_to_bindings.pop(key, None)

    async def on_key(self, event: events.Key) -> None:
        """Run the actions of keys here, in the order in which the keys arrive.

        The app runs a binding only when its key has bubbled up. Letters, which are not bound, would overtake it, and
        fast typing would come out in another order.
        """
        for action in self._actions.get(typed.name(event), ()):
            if await self.app.run_action(action, self):
                event.stop()
                event.prevent_default()
                return

    def render_line(self, y: int) -> Strip:
        """A blank strip at width 0, to which Textual cannot wrap a placeholder."""
        return super().render_line(y) if self.content_size.width > 0 else Strip.blank(self.size.width)

    def undo(self) -> None:
        """As in Textual, which fails if undoing removes the line of the cursor and the scrollbar with it."""
        if self.history.undo_stack:
            self.selection = Selection.cursor((0, 0))
            super().undo()

    def redo(self) -> None:
        if self.history.redo_stack:
            self.selection = Selection.cursor((0, 0))
            super().redo()

    def action_cursor_text_start(self) -> None:
        self.move_cursor((0, 0))

    def action_cursor_text_end(self) -> None:
        self.move_cursor(self.document.end)

    def action_new_line(self) -> None:
        self._replace_via_keyboard("\n", *self.selection)
