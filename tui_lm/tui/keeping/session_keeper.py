"""The session is written a moment after each change, so that what was typed survives a crash."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from tui_lm.errors import TuiLmError
from tui_lm.tui.host import Host, News
from tui_lm.tui.keeping.preferences import Preferences
from tui_lm.tui.keeping.session import Session, forget_session, save_session
from tui_lm.tui.terminal.notices import Notices

_A_MOMENT = 0.5  # seconds after a change until the session is written


@dataclass(frozen=True)
class SessionWanted(News):
    """The session is about to be written: each screen puts its state into it."""

    session: Session


@dataclass(frozen=True)
class AllForgotten(News):
    """Everything that was typed is to be dropped."""


class SessionKeeper:
    """In private mode no session is written."""

    def __init__(self, host: Host, notices: Notices, preferences: Preferences, session: Session) -> None:
        self.session = session
        self.pending = False  # a change that is not written yet
        self._host, self._notices, self._preferences = host, notices, preferences

    def keep(self) -> None:
        """Write the session in a moment; many changes at once are written once."""
        if not self.pending and not self._preferences.private:
            self.pending = True
            self._host.set_timer(_A_MOMENT, self.write)

    def write(self) -> None:
        self.pending = False
        if self._preferences.private:
            return
        self._host.tell(SessionWanted(self.session))
        try:
            self._save()
        except (OSError, TuiLmError) as error:
            self._notices.say_once(f"The session could not be saved: {getattr(error, 'strerror', None) or error}")

    def end(self) -> None:
        """The app was left: write what the screens have put into the session last."""
        if not self._preferences.private:
            with suppress(TuiLmError, OSError):
                self._save()

    def forget(self) -> None:
        """Begin a new session and delete the file of the old one. Raises OSError or TuiLmError if that fails."""
        self._host.tell(AllForgotten())
        self.session = Session(screen=self._host.current_mode)
        forget_session()

    def _save(self) -> None:
        save_session(self.session, transcripts=self._preferences.settings.keep_transcripts)
