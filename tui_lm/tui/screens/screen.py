"""The base of all screens that are not modal: the masthead, the body, the line of keys, and the news."""

from __future__ import annotations

from collections.abc import Sequence, Set
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.dom import DOMNode
from textual.events import Resize
from textual.screen import Screen
from textual.timer import Timer

from tui_lm.safe_text import visible_line
from tui_lm.settings import Settings
from tui_lm.tui.host import News
from tui_lm.tui.jobs import inference
from tui_lm.tui.jobs.models import ModelChanged, TranslatorChosen
from tui_lm.tui.jobs.training_watch import TrainingTold
from tui_lm.tui.keeping.preferences import SettingsChanged
from tui_lm.tui.keeping.session import Session
from tui_lm.tui.keeping.session_keeper import AllForgotten, SessionWanted
from tui_lm.tui.screens.services import Services
from tui_lm.tui.widgets.calm import Calm
from tui_lm.tui.widgets.form import Form
from tui_lm.tui.widgets.key_line import KeyLine
from tui_lm.tui.widgets.masthead import Masthead

if TYPE_CHECKING:
    from tui_lm import events

AT_REST = 0.3  # seconds without another size
ModelNews = inference.Loaded | inference.NotLoaded | None


class AppScreen(Calm, Screen[None]):
    """A subclass sets `NAME`, composes its body, and overrides the methods for the news that it needs."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-low"), (16, "-high")]  # noqa: RUF012
    NAME: ClassVar[str]

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.services = services
        self.host = services.host
        self.notices = services.notices
        self.preferences = services.preferences
        self.keeper = services.keeper
        self.models = services.models
        self.training = services.trainings.training
        self._repainting: Timer | None = None

    @on(Resize)
    def _resized(self) -> None:
        """Draw everything once more when a window that is dragged has come to rest.

        A terminal may clear or move its cells after the drawing that was meant for the new size.
        """
        if self._repainting is not None:
            self._repainting.stop()
        self._repainting = self.set_timer(AT_REST, self._repaint)

    def _repaint(self) -> None:
        self.refresh(layout=True)

    @property
    def settings(self) -> Settings:
        return self.preferences.settings

    @property
    def session(self) -> Session:
        return self.keeper.session

    def compose(self) -> ComposeResult:
        yield Masthead(self.NAME, self._meanwhile)
        yield from self.compose_body()
        yield KeyLine(self.host.why_not)

    def compose_body(self) -> ComposeResult:
        yield from ()

    def _meanwhile(self) -> str:
        """The right end of the masthead: a running training, private mode."""
        training, said = self.training, []
        if training.running:
            started = training.progress.started
            name = visible_line(started.name)[:20] if started else ""
            said.append(f"training {name} {training.progress.share:.0%}".replace("  ", " "))
        if self.preferences.private:
            said.append("private")
        return " · ".join(said)

    @on(Masthead.Chosen)
    def _screen_chosen(self, message: Masthead.Chosen) -> None:
        self.host.show(message.screen)

    @on(Form.Misread)
    def _misread(self, message: Form.Misread) -> None:
        self.notices.say_once(f"{message.text} is not a number.")

    def tables(self) -> list[tuple[DOMNode, Sequence[BindingType]]]:
        """The tables of keys whose actions the palette lists, each with the node that has the actions."""
        return [(self, self.BINDINGS)]

    def why_not(self, action: str, parameter: str) -> str:
        """Why `action` cannot be done now, in a few words; "" if it can."""
        return ""

    # News

    def hear(self, news: News) -> None:
        match news:
            case SettingsChanged(names):
                self.query_one(Masthead).refresh()  # private mode stands there
                self.settings_changed(names)
            case ModelChanged(told):
                self.model_changed(told)
            case TranslatorChosen(folder):
                self.translator_chosen(folder)
            case TrainingTold(told):
                self.training_changed(told)
            case SessionWanted(session):
                self.remember(session)
            case AllForgotten():
                self.forget()

    def settings_changed(self, names: Set[str]) -> None:
        """The settings `names` have other values now."""

    def model_changed(self, news: ModelNews) -> None:
        """A model was loaded or failed to load; None if another one is being loaded or none is used."""

    def translator_chosen(self, folder: Path) -> None:
        """Another translator is to be used."""

    def training_changed(self, news: Sequence[events.Event]) -> None:
        """The training has reported `news`."""
        self.query_one(Masthead).refresh()

    def remember(self, session: Session) -> None:
        """Put into the session what the next start restores."""

    def forget(self) -> None:
        """Delete everything that was typed here."""
