"""A text area with suggestions: grey ghost text after the cursor, and word candidates to choose from."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.actions import SkipAction
from textual.message import Message
from textual.reactive import reactive
from textual.widgets.text_area import Selection

from tui_lm.safe_text import visible
from tui_lm.tui.widgets.keyed_area import KeyedArea
from tui_lm.tui.widgets.reading_time import READ, ReadingTime
from tui_lm.tui.widgets.refinement import agreeing, led_by, refined
from tui_lm.tui.widgets.surprise import Surprise

if TYPE_CHECKING:
    from tui_lm.completion import Candidate, Stage

_CLOSING = frozenset(".,;:!?)…")
_UNLIKELY = 0.005  # a word shown with "0%" would only distract


class SuggestingArea(KeyedArea, inherit_bindings=False):
    """Ghost text is shown only if `at_end` holds, and only after an edit.

    `revision` counts every change that makes a suggestion stale: one for an older revision is not shown.
    """

    @dataclass
    class Edited(Message):
        """The user changed the text."""

    @dataclass
    class Offered(Message):
        """The candidates changed; `chosen` is an index into them."""

        candidates: Sequence[Candidate]
        chosen: int | None

    @dataclass
    class TakenBack(Message):
        """The user never wants to be offered this candidate again."""

        candidate: str

    @dataclass
    class Helped(Message):
        """`pressed` keys wrote what would have taken `typed` keys without suggestions."""

        pressed: int
        typed: int

    _chosen: reactive[int | None] = reactive[int | None](None, repaint=False, bindings=True)  # Del depends on it

    def __init__(self, keymap: Mapping[str, str], **options: Any) -> None:
        self.revision = 0
        self.clock = time.monotonic  # seconds, for the time that words stand on the screen
        self.surprise = Surprise()
        self._reading = ReadingTime()
        self._shown: tuple[tuple[str, float], ...] = ()  # by `_reading`, at the last edit
        self._seen = (0, "")  # the row and its text before the cursor, at the last change
        self._lines_seen = (0, "")
        self._promise = (0, "")  # the same, with the ghost text appended
        self._ghost_word: Candidate | None = None  # the first word when the ghost text was last refined
        self._candidates: Sequence[Candidate] = ()
        self._offered = -1  # the revision for which words are shown
        self._spaced = False  # the accepted word ended with a space
        self._writing = False  # the model is writing here, not the user
        super().__init__(keymap, **options)

    # What is suggested

    @property
    def at_end(self) -> bool:
        """Whether the cursor is at the end of a line, where suggestions are shown."""
        if not self.selection.is_empty:
            return False
        row, column = self.cursor_location
        return column == len(self.document.get_line(row))

    @property
    def typed(self) -> tuple[int, str]:
        """The row of the cursor, and its text before the cursor."""
        row, column = self.cursor_location
        return row, self.document.get_line(row)[:column]

    @property
    def token(self) -> str:
        """The whitespace-delimited token before the cursor."""
        return re.search(r"\S*$", self.typed[1])[0]  # type: ignore[index]

    @property
    def shown(self) -> tuple[tuple[str, float], ...]:
        """The words that had stood on the screen for this token at the last edit, each with its milliseconds.

        Words that stand there since then are not refused: nobody has typed on.
        """
        return tuple((word, seconds * 1000) for word, seconds in self._shown)

    @property
    def wants_words(self) -> bool:
        return self.at_end and bool(self.typed[1].strip())

    def offer(self, revision: int, stage: Stage, *, words: bool, ghost: bool) -> None:
        """Show the words and the ghost text of `stage`, unless the text has changed since they were requested.

        A later stage for the same text moves no word that has been read, and changes nothing once a word is chosen.
        Until the words are refined, the ghost text that was typed through stays, and its word comes first. Ghost text
        never contradicts the first word.
        """
        again = revision == self._offered
        if revision != self.revision or not self.at_end or (again and self._chosen is not None):
            return
        now = self.clock()
        likely = [candidate for candidate in stage.candidates if candidate.probability >= _UNLIKELY]
        row, before = self.typed
        rest = stage.ghost if stage.refined else self._promise[1].removeprefix(before)
        if not stage.refined and self._ghost_word is not None and rest:
            was_read = dict(self._shown).get(self._ghost_word.text, 0.0) >= READ
            if not was_read and agreeing(self.token, rest, [self._ghost_word]):
                likely = led_by(self._ghost_word, likely)[: len(likely) or 1]
        if again:
            likely = refined(self._candidates, likely, self._reading.read(now))
        self._candidates, self._chosen, self._offered = tuple(likely) if words else (), None, revision
        rest = agreeing(self.token, rest, self._candidates) if ghost else ""
        self._promise = (row, before + rest)
        if stage.refined:
            self._ghost_word = self._candidates[0] if self._candidates and rest and not rest[0].isspace() else None
        self._show()
        first = stage.candidates[:1] if self.suggestion else ()  # the grey text alone shows the first word
        self._reading.show([candidate.text for candidate in self._candidates or first], now)

    def withdraw(self) -> None:
        """Hide the suggestion and ignore any that was requested before."""
        self.revision += 1
        self._candidates, self._chosen = (), None
        self._promise = self.typed
        self._show()
        self._reading.show((), self.clock())

    def choose(self, index: int | None) -> None:
        """Choose a candidate and show the rest of it as ghost text; None clears the choice."""
        self._chosen = index
        rest, token = "", self.token
        if index is not None:
            word = self._candidates[index].text
            rest = word[len(token) :] if word.startswith(token) else ""
        row, before = self.typed
        self._promise = (row, before + rest)
        self._show()

    def take(self, index: int) -> None:
        """Replace the word that is being typed by candidate `index`."""
        if index >= len(self._candidates):
            return
        word, token = self._candidates[index].text, self.token
        row, column = end = self.cursor_location
        self._replace_via_keyboard(word + " ", (row, column - len(token)), end)
        self._spaced = True
        self.post_message(self.Helped(1, len(word) + 1 - len(token)))

    def _show(self) -> None:
        self.suggestion = self._ghost()
        self.post_message(self.Offered(self._candidates, self._chosen))

    def _ghost(self) -> str:
        """The ghost text: as many whole words as fit into the rest of the line."""
        row, before = self.typed
        promised, promise = self._promise
        if row != promised or not promise.startswith(before) or not self.at_end:
            return ""
        line = visible(promise[len(before) :]).partition("\n")[0].replace("\t", " ")
        room = self.wrap_width - self.wrapped_document.location_to_offset(self.cursor_location).x
        fitting = ""
        for word in re.findall(r"\s*\S+", line):
            if cell_len(fitting + word) > room:
                break
            fitting += word
        return fitting

    # The text area's

    def get_line(self, line_index: int) -> Text:
        """The line, coloured by surprisal if that is known."""
        line: Text = super().get_line(line_index)
        self.surprise.colour(line_index, line)
        return line

    def show_surprise(self, surprise: Surprise) -> None:
        self.surprise = surprise
        self._line_cache.clear()
        self.refresh()

    def forget_surprise(self) -> None:
        if self.surprise.tokens:
            self.show_surprise(Surprise())

    def update_suggestion(self) -> None:
        """Called by the text area after every change of the text, undo and loading included."""
        row, before = self.typed
        seen_row, seen = self._seen
        typed_through = row == seen_row and len(before) > len(seen) and self._promise[1].startswith(before)
        self.revision += 1
        self._reading.follow((row, len(before) - len(self.token)), self.token)
        self._shown = self._reading.shown(self.clock())
        self._seen = (row, before)
        self._lines_seen = self._lines_now()
        self._candidates, self._chosen = (), None
        if not typed_through:
            self._promise = (row, before)
        self.suggestion = self._ghost()
        self.surprise.cut(row, before)
        if not self._writing:
            self.post_message(self.Edited())

    def watch_selection(self, _: Selection, selection: Selection) -> None:
        """Withdraw the suggestion when the cursor moves without an edit; `update_suggestion` handles edits."""
        offered = self.suggestion or self._candidates
        if offered and self.typed != self._seen and self._lines_now() == self._lines_seen:
            self.withdraw()

    def _lines_now(self) -> tuple[int, str]:
        """Tells an edit from a movement: the number of lines, and the line that was edited last."""
        row, _ = self._seen
        count = self.document.line_count
        return count, self.document.get_line(row) if row < count else ""

    def on_resize(self) -> None:
        self.suggestion = self._ghost()

    async def on_key(self, event: events.Key) -> None:
        """Textual calls this before the one of the base class, which runs the actions of the key."""
        if self._spaced and event.character in _CLOSING:
            self.action_delete_left()  # a full stop replaces the space of the accepted word
        self._spaced = False
        if event.key not in self._actions and event.is_printable:
            self.post_message(self.Helped(1, 1))

    def write(self, text: str) -> None:
        """Append text of the model. It is no edit of the user."""
        self._writing = True
        self.insert(text, self.document.end, maintain_selection_offset=self.cursor_location != self.document.end)
        self._writing = False

    # Keys

    def action_delete_left(self) -> None:
        super().action_delete_left()
        self.post_message(self.Helped(1, 1))

    def action_accept(self) -> None:
        """Accept the chosen word, else the ghost text, else the first word: an unsure model offers words alone.

        In a text, Tab never moves the focus: if the ghost comes too late, the next keys must still go into the text.
        """
        if self._chosen is not None:
            self.take(self._chosen)
        elif self.suggestion:
            self._accept(self.suggestion)
        elif not self.text:
            raise SkipAction
        elif self._candidates:
            self.take(0)

    def action_dismiss(self) -> None:
        if not self.suggestion and not self._candidates:
            raise SkipAction
        self.withdraw()

    def action_next_candidate(self) -> None:
        if not self._candidates:
            self.action_cursor_down()
            return
        self.choose(0 if self._chosen is None else min(self._chosen + 1, len(self._candidates) - 1))
        self.post_message(self.Helped(1, 0))

    def action_previous_candidate(self) -> None:
        if self._chosen is None:
            self.action_cursor_up()
            return
        self.choose(self._chosen - 1 if self._chosen else None)
        self.post_message(self.Helped(1, 0))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A word can be taken back while it is chosen. Otherwise Del does what it does in every text."""
        return self._chosen is not None if action == "take_back" else super().check_action(action, parameters)

    def action_take_back(self) -> None:
        if self._chosen is None:
            return
        self.post_message(self.TakenBack(self._candidates[self._chosen].text))
        self.revision += 1  # an answer on its way may hold the word
        self._candidates = [word for index, word in enumerate(self._candidates) if index != self._chosen]
        self.choose(None)
        self._reading.show([word.text for word in self._candidates], self.clock())

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
            self._accept(re.match(r"\s*\S+", self.suggestion)[0])  # type: ignore[index]
        else:
            super().action_cursor_word_right(select)

    def _accept(self, text: str) -> None:
        self._replace_via_keyboard(text, *self.selection)
        self.post_message(self.Helped(1, len(text)))
