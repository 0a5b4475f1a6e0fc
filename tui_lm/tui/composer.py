"""Where one types: a text area with grey ghost text at its end and word candidates to choose from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from rich.cells import cell_len
from textual import events
from textual.actions import SkipAction
from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip
from textual.widgets import TextArea
from textual.widgets.text_area import Edit, EditResult, Selection

from tui_lm.tui import keys
from tui_lm.tui.plain import visible

if TYPE_CHECKING:
    from tui_lm.completion import Candidate, Suggestion
    from tui_lm.tui.app import TuiLmApp

_CLOSING = frozenset(".,;:!?)…")
_UNLIKELY = 0.005  # a word that would read "0%" only distracts


class Composer(TextArea, inherit_bindings=False):
    """Ghost text stands only at the end of the text and only after an edit.

    `revision` counts whatever makes a suggestion stale: one for an older revision is not shown.
    """

    BINDINGS: ClassVar[list[BindingType]] = keys.COMPOSER
    app: TuiLmApp

    @dataclass
    class Edited(Message):
        """The person changed the text."""

    @dataclass
    class Submitted(Message):
        text: str

    @dataclass
    class Offered(Message):
        """The candidates that can be chosen now; `chosen` counts from 0."""

        candidates: Sequence[Candidate]
        chosen: int | None

    def __init__(self, **options: Any) -> None:
        self.revision = 0
        self._seen = ""  # the text at the last change
        self._promise = ""  # that text and its ghost
        self._candidates: Sequence[Candidate] = ()
        self._chosen: int | None = None
        self._spaced = False  # a taken word brought its own space
        self._actions: dict[str, list[str]] = {}  # what each key does
        self._writing = False  # the model is writing here, not a person
        super().__init__(compact=True, highlight_cursor_line=False, **options)
        self.cursor_blink = False

    # What is suggested

    @property
    def _at_end(self) -> bool:
        return self.selection.is_empty and self.cursor_at_end_of_text

    @property
    def wants_words(self) -> bool:
        return self._at_end and bool(self.text.strip())

    @property
    def _token_start(self) -> int:
        """Where the whitespace-delimited token before the cursor starts in its line."""
        row, column = self.cursor_location
        line = self.document.get_line(row)[:column]
        return column - len(re.search(r"\S*$", line)[0])  # type: ignore[index]

    def offer(self, revision: int, suggestion: Suggestion) -> None:
        """Show `suggestion`, unless the text has changed since it was asked for."""
        if revision != self.revision or not self._at_end:
            return
        likely = (candidate for candidate in suggestion.candidates if candidate.probability >= _UNLIKELY)
        self._candidates, self._chosen = tuple(likely), None
        self._promise = self.text + suggestion.ghost
        self._show()

    def withdraw(self) -> None:
        """Show no suggestion, nor one that is still on its way."""
        self.revision += 1
        self._candidates, self._chosen = (), None
        self._promise = self.text
        self._show()

    def choose(self, index: int | None) -> None:
        """Choose a candidate and show the rest of it as ghost text; None chooses nothing."""
        self._chosen = index
        rest = ""
        if index is not None:
            row, column = self.cursor_location
            typed = self.document.get_line(row)[self._token_start : column]
            word = self._candidates[index].text
            rest = word[len(typed) :] if word.startswith(typed) else ""
        self._promise = self.text + rest
        self._show()

    def take(self, index: int) -> None:
        """Put candidate `index` in the place of the word that is being typed."""
        if index >= len(self._candidates):
            return
        row, _ = end = self.cursor_location
        self._replace_via_keyboard(self._candidates[index].text + " ", (row, self._token_start), end)
        self._spaced = True

    def _show(self) -> None:
        self.suggestion = self._fit(self._promise[len(self.text) :])
        self.post_message(self.Offered(self._candidates, self._chosen))

    def _fit(self, ghost: str) -> str:
        """As many whole words of `ghost` as the rest of the line holds, so that no character is ever cut."""
        line = visible(ghost).partition("\n")[0].replace("\t", " ")
        room = self.wrap_width - self.wrapped_document.location_to_offset(self.cursor_location).x
        fitting = ""
        for word in re.findall(r"\s*\S+", line):
            if cell_len(fitting + word) > room:
                break
            fitting += word
        return fitting

    # What the text area asks and tells

    def render_line(self, y: int) -> Strip:
        """Textual cannot wrap a placeholder to no width at all."""
        return super().render_line(y) if self.content_size.width > 0 else Strip.blank(self.size.width)

    def update_suggestion(self) -> None:
        """Called by the text area after every change of the text, undo and loading included."""
        text = self.text
        typed_through = self._at_end and len(text) > len(self._seen) and self._promise.startswith(text)
        self.revision += 1
        self._seen = text
        self._candidates, self._chosen = (), None
        if not typed_through:
            self._promise = text
        self.suggestion = self._fit(self._promise[len(text) :])
        if not self._writing:
            self.post_message(self.Edited())

    def edit(self, edit: Edit) -> EditResult:
        edit.text = visible(edit.text)  # pasted escapes would be executed by the terminal
        return super().edit(edit)

    def watch_selection(self, _: Selection, selection: Selection) -> None:
        moved_away = not self._at_end and self.text == self._seen
        if moved_away and (self.suggestion or self._candidates):
            self.withdraw()

    def undo(self) -> None:
        """Textual fails where undoing removes the line of the cursor and the scrollbar with it."""
        if self.history.undo_stack:
            self.selection = Selection.cursor((0, 0))
            super().undo()

    def redo(self) -> None:
        if self.history.redo_stack:
            self.selection = Selection.cursor((0, 0))
            super().redo()

    def on_mount(self) -> None:
        for binding in keys.as_bound(keys.COMPOSER, self.app.settings.keymap):
            self._actions.setdefault(binding.key, []).append(binding.action)

    def on_resize(self) -> None:
        self.suggestion = self._fit(self._promise[len(self.text) :])

    async def on_key(self, event: events.Key) -> None:
        """Run the actions of keys here, in the order in which the keys came.

        The app runs a binding only when the key has bubbled up to it; letters, which are not bound, overtake it, and
        what is pasted or typed fast comes out in another order.
        """
        if self._spaced and event.character in _CLOSING:
            self.action_delete_left()  # a full stop stands where the taken word's own space was
        self._spaced = False
        for action in self._actions.get(event.key, ()):
            if await self.app.run_action(action, self):
                event.stop()
                event.prevent_default()
                return

    def write(self, text: str) -> None:
        """Append what the model writes; this is no edit of the person's."""
        self._writing = True
        self.insert(text, self.document.end, maintain_selection_offset=not self._at_end)
        self._writing = False

    def drop(self, sent: str) -> None:
        """Remove the text that was sent; what has been typed since stays."""
        if self.text.startswith(sent):
            lines = sent.split("\n")
            self.delete((0, 0), (len(lines) - 1, len(lines[-1])))

    # Keys

    def action_submit(self) -> None:
        if self._chosen is not None:
            self.take(self._chosen)
        else:
            self.post_message(self.Submitted(self.text))

    def action_accept(self) -> None:
        """In a text, Tab never moves the focus: a ghost that comes too late must not cost the next keys."""
        if self._chosen is not None:
            self.take(self._chosen)
        elif self.suggestion:
            self._insert(self.suggestion)
        elif not self.text:
            raise SkipAction

    def action_dismiss(self) -> None:
        if not self.suggestion and not self._candidates:
            raise SkipAction
        self.withdraw()

    def action_new_line(self) -> None:
        self._insert("\n")

    def action_next_candidate(self) -> None:
        if not self._candidates:
            self.action_cursor_down()
        elif self._chosen is None:
            self.choose(0)
        else:
            self.choose(min(self._chosen + 1, len(self._candidates) - 1))

    def action_previous_candidate(self) -> None:
        if self._chosen is None:
            self.action_cursor_up()
        else:
            self.choose(self._chosen - 1 if self._chosen else None)

    def action_cursor_right(self, select: bool = False) -> None:
        if self.suggestion and not select:
            self.action_accept()
        else:
            self.suggestion = ""  # the text area would insert it
            super().action_cursor_right(select)

    def action_cursor_line_end(self, select: bool = False) -> None:
        if self.suggestion and not select:
            self.action_accept()
        else:
            super().action_cursor_line_end(select)

    def action_cursor_word_right(self, select: bool = False) -> None:
        if self.suggestion and not select:
            self._insert(re.match(r"\s*\S+", self.suggestion)[0])  # type: ignore[index]
        else:
            super().action_cursor_word_right(select)

    def _insert(self, text: str) -> None:
        self._replace_via_keyboard(text, *self.selection)
