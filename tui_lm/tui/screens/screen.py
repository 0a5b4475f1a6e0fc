"""What all screens have: the name line above, the keys below, and being told of what changes in the app."""

from __future__ import annotations

from collections.abc import Sequence, Set
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.screen import Screen

from tui_lm import events
from tui_lm.tui.jobs import inference
from tui_lm.tui.keeping.session import Session
from tui_lm.tui.widgets.calm import Calm
from tui_lm.tui.widgets.key_line import KeyLine
from tui_lm.tui.widgets.masthead import Masthead

if TYPE_CHECKING:
    from tui_lm.tui.app import TuiLmApp

ModelNews = inference.Loaded | inference.NotLoaded | None


class AppScreen(Calm, Screen[None]):
    """A screen that one goes to. What it is told of, it may ignore."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-low"), (16, "-high")]  # noqa: RUF012
    NAME: ClassVar[str]
    app: TuiLmApp

    def compose(self) -> ComposeResult:
        yield Masthead(self.NAME)
        yield from self.compose_body()
        yield KeyLine()

    def compose_body(self) -> ComposeResult:
        yield from ()

    def why_not(self, action: str, parameter: str) -> str:
        """Why `action` cannot be done now, in a few words; "" where it can."""
        return ""

    def settings_changed(self, names: Set[str]) -> None:
        """The settings `names` have other values now."""

    def model_changed(self, news: ModelNews) -> None:
        """A model was loaded or could not be, or another one is on its way (None)."""

    def translator_chosen(self, folder: Path) -> None:
        """Another translator is to be used."""

    def training_changed(self, news: Sequence[events.Event]) -> None:
        """The training has told `news`."""
        self.query_one(Masthead).refresh()

    def remember(self, session: Session) -> None:
        """Put into the session what is to be found again."""

    def forget(self) -> None:
        """Drop all that was typed here."""
