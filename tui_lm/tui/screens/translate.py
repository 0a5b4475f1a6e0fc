"""The Translate screen: the translation appears while you type, with the aligned words marked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Static, TextArea

from tui_lm import checkpoint
from tui_lm.errors import TuiLmError
from tui_lm.safe_text import visible, visible_line
from tui_lm.tui.jobs import inference
from tui_lm.tui.jobs.translating import Line, Translate, Translated
from tui_lm.tui.keeping.session import Session
from tui_lm.tui.screens.screen import AppScreen, ModelNews
from tui_lm.tui.screens.services import Services
from tui_lm.tui.terminal import keys
from tui_lm.tui.widgets.alignment import AlignmentGrid
from tui_lm.tui.widgets.entry import PlainArea
from tui_lm.tui.widgets.status import Status

NARROW = 100  # columns below which the alignment is folded
MOST_KNOWN = 2000  # lines in the cache of translations
NO_TRANSLATOR = """\
There is no translator yet.

Ctrl+G goes to Train: choose a file of sentence pairs there, a sentence and its translation on each line, with a tab
between them."""


class TranslateScreen(AppScreen):
    CSS_PATH = "translate.tcss"
    NAME = "translate"
    BINDINGS: ClassVar[list[BindingType]] = keys.TRANSLATE
    HORIZONTAL_BREAKPOINTS = [(0, "-stacked"), (60, "-narrow"), (NARROW, "-wide")]  # noqa: RUF012

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.folder: Path | None = None
        self.state = "none"
        self._description = ""
        self._revision = 0
        self._known: dict[str, Line] = {}
        self._waiting = False
        self._open: bool | None = None

    def compose_body(self) -> ComposeResult:
        with Horizontal(id="halves"):
            source = PlainArea(self.session.translation, compact=True, highlight_cursor_line=False)
            source.cursor_blink = False
            source.border_title = "Source"
            yield source
            with VerticalScroll(id="target") as target:
                target.border_title = "Translation"
                yield Static(id="translation")
            grid = AlignmentGrid()
            grid.border_title = "Alignment"
            yield grid
        with Horizontal(id="state"):
            yield Status()

    @property
    def source(self) -> PlainArea:
        return self.query_one(PlainArea)

    def on_mount(self) -> None:
        self.source.focus()
        self.source.move_cursor(self.source.document.end)
        self._fold()
        self._show()
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        names = self.models.translators()
        last = self.settings.last_models.get("translation")
        if last is None or (last not in names and not Path(last).is_dir()):
            last = names[0] if names else None
        if last is not None:
            self.translator_chosen(checkpoint.find(last))

    # The translator

    def translator_chosen(self, folder: Path) -> None:
        self.folder, self.state = folder, "loading"
        self._known.clear()
        self.models.inference.load("translation", folder)
        self._show()

    def model_changed(self, news: ModelNews) -> None:
        if news is None or news.purpose != "translation" or news.folder != self.folder:
            return
        if isinstance(news, inference.Loaded):
            self.state, self._description = "ready", news.model.card.description
            self._ask()
        else:
            self.state = "failed"
        self._show()

    def on_screen_resume(self) -> None:
        """Look for a translator again: one may have been trained meanwhile."""
        if self.folder is None and self.is_mounted:
            self._begin()

    def action_choose_translator(self) -> None:
        from tui_lm.tui.screens.choice import ChoiceScreen

        names = self.models.translators()

        def chosen(index: int | None) -> None:
            if index is not None:
                try:
                    self.models.use_translator(checkpoint.find(names[index]))
                except TuiLmError as error:
                    self.notices.complain(error)

        now = names.index(self.folder.name) if self.folder is not None and self.folder.name in names else None
        self.host.ask(ChoiceScreen("Translator", names, now), chosen)

    # Translating

    def _ask(self) -> None:
        """Request the lines without a translation, the one at the cursor first."""
        self._revision += 1
        row = self.source.cursor_location[0]
        lines = self.source.document.lines
        wanted = dict.fromkeys([lines[row], *lines])
        missing = [line for line in wanted if line.strip() and line not in self._known]
        self._waiting = bool(missing) and self.state == "ready"
        if self._waiting:
            self.models.inference.put(Translate(self, self._revision, missing))
        else:
            self.models.inference.stop(self)
        self._show()

    @on(TextArea.Changed)
    def _typed(self) -> None:
        self._ask()
        self.session.translation = self.source.text
        self.keeper.keep()

    @on(TextArea.SelectionChanged)
    def _moved(self) -> None:
        self._show()

    @on(Translated)
    def _translated(self, message: Translated) -> None:
        self.notices.all_is_well()
        while len(self._known) >= MOST_KNOWN:
            del self._known[next(iter(self._known))]
        self._known[message.line.source] = message.line
        self._show()

    @on(inference.Done)
    def _done(self, message: inference.Done) -> None:
        if message.job.revision == self._revision:
            self._waiting = False
            self._show()

    @on(inference.Failed)
    def _failed(self, message: inference.Failed) -> None:
        self._waiting = False
        self.notices.complain(message.error)
        self._show()

    @property
    def text(self) -> str:
        """The translation of all lines; lines without one are empty."""
        known = (self._known.get(line) for line in self.source.document.lines)
        return "\n".join(line.text if line is not None else "" for line in known)

    # What is shown

    def _show(self) -> None:
        row, column = self.source.cursor_location
        lines = list(self.source.document.lines)
        shown = [self._line(line, column if number == row else None) for number, line in enumerate(lines)]
        empty = not self.source.text.strip()
        text = Content("\n").join(shown)
        if empty and self.folder is None and self.state == "none":
            text = Content(NO_TRANSLATOR)
        elif empty:
            text = Content.styled("Write on the left; the translation comes as you type.", "$foreground-muted")
        self.query_one("#translation", Static).update(text)
        self.query_one(AlignmentGrid).line = self._known.get(lines[row]) if row < len(lines) else None
        name = visible_line(self.folder.name) if self.folder is not None else ""
        about = ("answering" if self._waiting else self.state, name, self._description if name else "")
        self.query_one(Status).show(*about)
        self.refresh_bindings()

    def _line(self, source: str, column: int | None) -> Content:
        line = self._known.get(source)
        if line is None:
            return Content.styled("…" if source.strip() else "", "$foreground-muted")
        content = Content(visible(line.text))
        for word, style in self._styles(line, column):
            start, end = line.words[word]
            content = content.stylize(style, start, end)
        return content

    def _styles(self, line: Line, column: int | None) -> Iterator[tuple[int, str]]:
        for word in line.unsure:
            yield word, "italic $text-warning"
        aligned = line.aligned(column) if column is not None else []
        best = max((weight for _, weight in aligned), default=0.0)
        for word, weight in aligned:
            if weight >= max(0.2, best / 2):
                yield word, "bold reverse" if weight == best else "bold underline"

    # Actions

    def why_not(self, action: str, parameter: str) -> str:
        if action == "choose_translator" and not self.models.translators():
            return "there is no translator yet; train one on sentence pairs"
        if action == "copy" and not self.text.strip():
            return "there is no translation"
        if action == "clear" and not self.source.text:
            return "the text is empty"
        return ""

    def action_copy(self) -> None:
        self.app.copy_to_clipboard(self.text)
        self.notify("The translation is copied.", markup=False)

    def action_clear(self) -> None:
        self.source.clear()
        self.source.focus()

    def on_resize(self, event: events.Resize) -> None:
        self._fold()

    def _fold(self) -> None:
        wide = self._open if self._open is not None else self.size.width >= NARROW
        self.query_one(AlignmentGrid).display = wide

    def action_toggle_panel(self) -> None:
        self._open = not self.query_one(AlignmentGrid).display
        self._fold()

    def remember(self, session: Session) -> None:
        session.translation = self.source.text

    def forget(self) -> None:
        self.source.clear()
        self._known.clear()
