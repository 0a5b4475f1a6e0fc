"""The app: it paints first, then a thread loads the model. Each screen is made when it is first shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.binding import BindingType
from textual.screen import Screen

from tui_lm.errors import TuiLmError
from tui_lm.safe_text import visible
from tui_lm.tui.app.actions import ActingApp
from tui_lm.tui.jobs.backend import Open, open_model
from tui_lm.tui.jobs.training import Training
from tui_lm.tui.keeping.session import Session, save_session
from tui_lm.tui.terminal import keys

if TYPE_CHECKING:
    from tui_lm.settings import Settings

SCREENS = {
    "welcome": "WelcomeScreen",
    "chat": "ChatScreen",
    "write": "WriteScreen",
    "translate": "TranslateScreen",
    "train": "TrainScreen",
    "models": "ModelsScreen",
    "settings": "SettingsScreen",
}


def _new_screen(name: str) -> Screen[Any]:
    module = import_module(f"tui_lm.tui.screens.{name}")
    screen: Screen[Any] = getattr(module, SCREENS[name])()
    return screen


class TuiLmApp(ActingApp):
    """`folder` is that of the language model to begin with; without one the welcome screen is shown.

    `session` is what was found of the last one; both it and the settings are written as they change.
    """

    TITLE = "tui-lm"
    CSS_PATH = "app.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keys.APP
    ENABLE_COMMAND_PALETTE = False  # ours knows why an action cannot be done, and survives a burst of keys
    MODES = {name: partial(_new_screen, name) for name in SCREENS}  # noqa: RUF012

    def __init__(
        self,
        folder: Path | None,
        settings: Settings,
        session: Session | None = None,
        *,
        notices: Sequence[str] = (),
        open_model: Open = open_model,
        training: Training | None = None,
        save_settings: Callable[[Settings], None] = lambda settings: None,
        private: bool = False,
    ) -> None:
        session = session or Session()
        first = "welcome" if folder is None else session.screen if session.screen in SCREENS else "chat"
        self.DEFAULT_MODE = first  # type: ignore[misc]  # so that no empty screen is painted before it
        super().__init__(
            training=training or Training(),
            folder=folder,
            open_model=open_model,
            settings=settings,
            session=session,
            save_settings=save_settings,
            private_by_order=private,
        )
        self._notices = list(notices)
        if settings.ascii:
            self._draw_plainly()

    def on_mount(self) -> None:
        self._notices.append(self.take_theme())
        self.set_keymap(dict(self.settings.keymap))
        self.set_class(self.settings.ascii, "-ascii")
        for notice in filter(None, self._notices):
            self.notify(visible(notice), severity="warning", markup=False)
        if not self.is_headless:
            from tui_lm.tui.terminal.signals import listen

            listen(self)
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        """What can wait until the first frame is painted."""
        if self.folder is not None:
            self.inference.load("language", self.folder)
        self.find_training()

    def _draw_plainly(self) -> None:
        from tui_lm.tui.terminal.glyphs import PlainGlyphs

        self._filters.append(PlainGlyphs())

    def end(self) -> None:
        """What is done when the app was left: what was learned and where one was is kept."""
        self.inference.close()
        if self.backend is not None and not self.private:
            with suppress(TuiLmError, OSError):
                self.backend.completer.save()
        if not self.private:
            with suppress(TuiLmError, OSError):
                save_session(self.session, transcripts=self.settings.keep_transcripts)

    async def action_quit(self) -> None:
        self.session.screen = self.current_mode
        self.write_session()
        self.exit()

    async def on_event(self, event: events.Event) -> None:
        """As in Textual, but what is pressed after leaving finds no screen, and is no error."""
        if not (self._exit and isinstance(event, events.InputEvent)):
            await super().on_event(event)

    def _handle_exception(self, error: Exception) -> None:
        """The last resort: keep the draft, leave the terminal as it was, and say two lines."""
        from tui_lm.tui.keeping.crash import write_report

        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        with suppress(Exception):
            self.write_session()
        self.panic(write_report(error))


def run_app(
    folder: Path | None,
    settings: Settings,
    *,
    notices: Sequence[str] = (),
    save_settings: Callable[[Settings], None],
    private: bool = False,
) -> int:
    """Run the app until it is left. Returns the exit code."""
    from tui_lm.tui.keeping.session import load_session

    session, more = (Session(), []) if private else load_session()
    app = TuiLmApp(folder, settings, session, notices=[*notices, *more], save_settings=save_settings, private=private)
    app.run()
    app.end()
    return app.return_code or 0
