"""The Write screen: a text file with live suggestions, opened and saved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content

from tui_lm.errors import TuiLmError
from tui_lm.safe_text import visible_line
from tui_lm.tokenizers.stream import WritingContext
from tui_lm.tui.keeping.session import Session
from tui_lm.tui.keeping.text_file import TextFile, open_text, save_text, was_changed
from tui_lm.tui.screens.services import Services
from tui_lm.tui.screens.writing import WritingScreen
from tui_lm.tui.terminal import keys
from tui_lm.tui.widgets.candidates import Candidates
from tui_lm.tui.widgets.page import Page
from tui_lm.tui.widgets.suggesting import SuggestingArea


class WriteScreen(WritingScreen):
    CSS_PATH = "write.tcss"
    NAME = "write"
    BINDINGS: ClassVar[list[BindingType]] = keys.WRITE

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.document: TextFile | None = None
        self._saved = ""  # the text as it is in the file
        self._me: str | None = None
        self._sought = ""

    def compose_body(self) -> ComposeResult:
        with Horizontal(id="body"), Vertical(id="column"):
            yield Page(self.settings.keymap)
            yield Candidates()
        yield from self.compose_state()

    def on_mount(self) -> None:
        self._resume()

    @property
    def page(self) -> Page:
        return self.query_one(Page)

    @property
    def changed(self) -> bool:
        return self.page.text != self._saved

    # With the model

    def writing_context(self) -> WritingContext:
        return self.page.message(self._me) if self.is_chat else self.page.prose()

    @property
    def first_row(self) -> int:
        return self.page.typed[0] if self.is_chat else self.page.first_row

    def model_ready(self) -> None:
        assert self.backend is not None and self.models.folder is not None
        kept = self.session.talk(self.models.folder.name).me
        engine = self.backend.engine
        self._me = kept if kept in engine.authors else engine.me or next(iter(engine.authors), None)

    def show_texts(self) -> None:
        self.page.border_title = Content(visible_line(self.document.path.name) if self.document else "a new page")
        mark = "changed" if self.changed else ""
        me = f"as {visible_line(self._me)}" if self._me and self.is_chat else ""
        self.page.border_subtitle = Content("  ".join(part for part in (mark, me) if part))

    @on(SuggestingArea.Edited)
    def _person_edited(self) -> None:
        self.stop_answer()  # the user takes over from the model
        self.show_texts()

    def heard(self, text: str) -> None:
        self.page.write(text)

    def answer_ended(self) -> None:
        self.show_texts()
        self.ask()
        self.keeper.keep()

    def action_go_on(self) -> None:
        self.page.take_pen()
        self.answer(self.writing_context())

    def action_choose_me(self) -> None:
        from tui_lm.tui.screens.author_question import choose_author

        def chosen(author: str | None) -> None:
            self._me = author
            self.show_texts()
            self.ask()

        assert self.backend is not None  # see `why_not`
        choose_author(self.host, "Who writes?", self.backend.engine.authors, self._me, chosen)

    def why_not(self, action: str, parameter: str) -> str:
        if action in ("go_on", "choose_me") and self.backend is None:
            return "the model is not loaded yet" if self.models.state == "loading" else "there is no model"
        if action == "choose_me" and self.backend is not None and not self.backend.engine.authors:
            return "this model knows no authors"
        if action in ("copy", "find") and not self.page.text:
            return "the page is empty"
        return super().why_not(action, parameter)

    # The document

    def _resume(self) -> None:
        """Restore the file, the cursor and the unsaved text of the last session."""
        kept = self.session.page
        if kept.path:
            try:
                self._show(open_text(Path(kept.path)))
            except TuiLmError as error:
                self.notices.say_once(f"{error.message}. Your unsaved text is here.")
        if kept.draft is not None:
            self.page.load_text(kept.draft)
        self.page.move_cursor((kept.row, kept.column))
        self.show_texts()

    def remember(self, session: Session) -> None:
        kept = session.page
        kept.path = str(self.document.path.resolve()) if self.document is not None else ""
        kept.row, kept.column = self.page.cursor_location
        kept.draft = self.page.text if self.changed else None

    def forget(self) -> None:
        self.action_stop()
        if self.document is None or self.changed:
            self._show(None)

    @property
    def unsaved(self) -> bool:
        return self.changed

    def _show(self, document: TextFile | None) -> None:
        self.document = document
        self._saved = document.text if document is not None else ""
        self.page.load_text(self._saved)
        self.page.move_cursor((0, 0))
        self.page.withdraw()
        self.show_texts()
        self.keeper.keep()

    def _unless_changed(self, do_it: Callable[[], None]) -> None:
        """Call `do_it`, after a question if unsaved text would be lost."""
        from tui_lm.tui.screens.question import ConfirmScreen

        def answered(yes: bool | None) -> None:
            if yes:
                do_it()

        if self.changed:
            self.host.ask(
                ConfirmScreen("Not saved", "The changes since the last save will be lost.", "Discard them"), answered
            )
        else:
            do_it()

    def action_new_page(self) -> None:
        self.stop_answer()
        self._unless_changed(lambda: self._show(None))

    def action_open(self) -> None:
        from tui_lm.tui.screens.question import AskScreen
        from tui_lm.tui.widgets.path_field import Paths

        def answered(path: str | None) -> None:
            if path is not None:
                self._open_file(Path(path).expanduser())

        def ask() -> None:
            hint = "Right completes the path."
            self.host.ask(AskScreen("Open which text?", hint=hint, suggester=Paths()), answered)

        self.stop_answer()
        self._unless_changed(ask)

    def _open_file(self, path: Path) -> None:
        try:
            document = open_text(path)
        except TuiLmError as error:
            self.notices.complain(error)
            return
        if document.faithful:
            self._show(document)
        else:
            self._show(None)
            self.page.load_text(document.text)
            self.notices.say_once("The file holds control characters. This is a copy that shows them.")

    def action_save(self) -> None:
        if self.document is None:
            self.action_save_as()
        elif was_changed(self.document):
            self._ask_to_replace(self.document.path, "Another program has changed this file since it was opened.")
        else:
            self._save(self.document.path)

    def action_save_as(self) -> None:
        from tui_lm.tui.screens.question import AskScreen
        from tui_lm.tui.widgets.path_field import Paths

        def answered(path: str | None) -> None:
            if path is None:
                return
            chosen = Path(path).expanduser()
            if chosen.exists() and (self.document is None or chosen.resolve() != self.document.path.resolve()):
                self._ask_to_replace(chosen, "A file of this name exists.")
            else:
                self._save(chosen)

        now = str(self.document.path) if self.document is not None else ""
        self.host.ask(AskScreen("Save under which name?", now, suggester=Paths()), answered)

    def _ask_to_replace(self, path: Path, text: str) -> None:
        from tui_lm.tui.screens.question import ConfirmScreen

        def answered(yes: bool | None) -> None:
            if yes:
                self._save(path)

        self.host.ask(ConfirmScreen("Replace it?", text, "Replace it"), answered)

    def _save(self, path: Path) -> None:
        newline = self.document.newline if self.document is not None else "\n"
        try:
            self.document = save_text(path, self.page.text, newline)
        except TuiLmError as error:
            self.notices.complain(error)
            return
        self._saved = self.document.text
        self.show_texts()
        self.keeper.keep()
        self.notify(f"Saved as {visible_line(path.name)}.", markup=False)

    def action_copy(self) -> None:
        self.app.copy_to_clipboard(self.page.selected_text or self.page.text)
        self.notify("Copied.", markup=False)

    def action_find(self) -> None:
        """The last search is filled in, so that the same key and Enter find the next match."""
        from tui_lm.tui.screens.question import AskScreen

        def answered(sought: str | None) -> None:
            if sought is not None:
                self._sought = sought
                if not self.page.find(sought):
                    self.notices.say_once("Not found on this page.")

        self.host.ask(AskScreen("Find", self._sought, hint="Upper and lower case match each other."), answered)
