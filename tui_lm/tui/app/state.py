"""What is found again at the next start: the settings as they change, and the session a moment after it has."""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textual.filter import Monochrome, NoColor

from tui_lm.errors import TuiLmError
from tui_lm.tui.app.notices import NoticingApp
from tui_lm.tui.keeping.session import Session, save_session

if TYPE_CHECKING:
    from tui_lm.settings import Settings

_THEME = "textual-dark"
_A_MOMENT = 0.5  # seconds after a change until the session is written


class KeepingApp(NoticingApp):
    """Private, by order of the command line or by the settings, it keeps no session."""

    def __init__(
        self,
        settings: Settings,
        session: Session,
        save_settings: Callable[[Settings], None],
        private_by_order: bool,
    ) -> None:
        super().__init__()
        self.settings = settings
        self.session = session
        self.private_by_order = private_by_order
        self._save_settings = save_settings
        self._keeping = False
        self.animation_level = "basic" if settings.animation else "none"

    @property
    def private(self) -> bool:
        """Whether nothing is learned and nothing is kept."""
        return self.private_by_order or self.settings.private

    def keep_session(self) -> None:
        """Write the session in a moment; many changes at once are written once."""
        if not self._keeping and not self.private:
            self._keeping = True
            self.set_timer(_A_MOMENT, self.write_session)

    def write_session(self) -> None:
        self._keeping = False
        if self.private:
            return
        for screen in self.screens_made():
            screen.remember(self.session)
        try:
            save_session(self.session, transcripts=self.settings.keep_transcripts)
        except (OSError, TuiLmError) as error:
            self.say_once(f"The session could not be kept: {getattr(error, 'strerror', None) or error}")

    def change(self, **values: Any) -> None:
        """Change settings; every screen hears of it, and they are kept."""
        before, self.settings = self.settings, replace(self.settings, **values)
        if self.settings == before:
            return
        for screen in self.screens_made():
            screen.settings_changed(set(values))
        self.settings_changed(set(values))
        try:
            self._save_settings(self.settings)
        except (OSError, TuiLmError) as error:
            self.say_once(f"The settings could not be kept: {getattr(error, 'strerror', None) or error}")

    def settings_changed(self, names: Set[str]) -> None:
        """The settings `names` have other values now; the screens know already."""
        if "animation" in names:
            self.animation_level = "basic" if self.settings.animation else "none"
        if "theme" in names and self.theme != self.settings.theme:
            self.theme = self.settings.theme

    def take_theme(self) -> str:
        """Show the theme of the settings. Returns what there is to say, if there is no such theme."""
        from tui_lm.tui.terminal.themes import THEMES

        for theme in THEMES:
            self.register_theme(theme)
        known = self.settings.theme in self.available_themes
        self.theme = self.settings.theme if known else _THEME
        self.theme_changed_signal.subscribe(self, self._keep_theme)
        return "" if known else f"There is no theme {self.settings.theme}; {_THEME} is used."

    def watch_theme(self) -> None:
        """Without colours: greys, or nothing but the terminal's own two where the theme has those.

        Textual chooses once, before it knows the theme, and would paint the terminal's own foreground as black.
        """
        if self.no_color:
            fitting = NoColor() if self.native_ansi_color else Monochrome()
            self._filters = [
                fitting if isinstance(filter, NoColor | Monochrome) else filter for filter in self._filters
            ]

    def _keep_theme(self, _: object) -> None:
        self.change(theme=self.theme)  # the one that is shown now: several changes may be told of late
