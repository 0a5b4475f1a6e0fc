"""The app. It paints the first frame, then a thread loads the model. Each screen is made when it is first shown."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.dom import DOMNode
from textual.screen import Screen

from tui_lm.safe_text import visible
from tui_lm.tui.host import News, Reasoning
from tui_lm.tui.jobs.backend import Open, open_model
from tui_lm.tui.jobs.inference import Loaded, NotLoaded
from tui_lm.tui.jobs.models import Models
from tui_lm.tui.jobs.training_process import Training
from tui_lm.tui.jobs.training_watch import TrainingWatch
from tui_lm.tui.keeping.preferences import Preferences, SettingsChanged
from tui_lm.tui.keeping.session import Session
from tui_lm.tui.keeping.session_keeper import SessionKeeper
from tui_lm.tui.screens.services import Services
from tui_lm.tui.terminal import keys
from tui_lm.tui.terminal.notices import Notices
from tui_lm.tui.terminal.themes import author_colours, take_theme, without_colour
from tui_lm.tui.widgets.calm import CalmApp

if TYPE_CHECKING:
    from tui_lm.settings import Settings
    from tui_lm.tui.screens.screen import AppScreen

SCREENS = {
    "welcome": "WelcomeScreen",
    "chat": "ChatScreen",
    "write": "WriteScreen",
    "translate": "TranslateScreen",
    "inspect": "InspectScreen",
    "train": "TrainScreen",
    "models": "ModelsScreen",
    "learn": "LearnScreen",
    "settings": "SettingsScreen",
}

TRAINING_GOES_ON = "The training goes on without the app. Start tui-lm again to see it or to stop it."


class TuiLmApp(CalmApp):
    """The one class that knows all parts: it makes the services, hands them to the screens, and passes news on.

    `folder` holds the first language model; without it the welcome screen is shown. `session` is the last session; it
    and the settings are written as they change. `screen` is shown first, instead of the last one of the session.
    """

    TITLE = "tui-lm"
    CSS_PATH = "app.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keys.APP
    ENABLE_COMMAND_PALETTE = False  # ours says why an action cannot be done, and survives a burst of keys

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
        screen: str | None = None,
    ) -> None:
        session = session or Session()
        usual = "welcome" if folder is None else session.screen if session.screen in SCREENS else "chat"
        self.DEFAULT_MODE = screen or usual  # type: ignore[misc]  # no empty screen is painted before it
        super().__init__()
        self.notices = Notices(self)
        self.preferences = Preferences(self, self.notices, settings, save_settings, private_by_order=private)
        self.keeper = SessionKeeper(self, self.notices, self.preferences, session)
        self.models = Models(self, self.notices, self.preferences, open_model, folder)
        self.trainings = TrainingWatch(self, self.models, training or Training())
        self._services = Services(self, self.notices, self.preferences, self.keeper, self.models, self.trainings)
        for name in SCREENS:
            self.add_mode(name, partial(self._make_screen, name))
        self._first_notices = [*notices, take_theme(self, settings.theme)]  # before the first style sheet is read
        self._take_animation()
        if settings.ascii:
            self._draw_plainly()

    def _make_screen(self, name: str) -> Any:
        return getattr(import_module(f"tui_lm.tui.screens.{name}"), SCREENS[name])(self._services)

    # Beginning and ending

    def on_mount(self) -> None:
        self.theme_changed_signal.subscribe(self, self._keep_theme)
        self.set_keymap(dict(self.preferences.settings.keymap))
        self.set_class(self.preferences.settings.ascii, "-ascii")
        for notice in filter(None, self._first_notices):
            self.notify(visible(notice), severity="warning", markup=False)
        if not self.is_headless:
            from tui_lm.tui.terminal.signals import listen
            from tui_lm.tui.terminal.typed import tell_enters_apart

            listen(self)
            tell_enters_apart()
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        """The work that can wait until after the first frame."""
        self.models.begin()
        self.trainings.find()

    def write_session(self) -> None:
        """Write the session now, before the app ends."""
        self.keeper.session.screen = self.current_mode
        self.keeper.write()

    def end(self) -> None:
        """Save what was learned and the session. Called after the app has ended."""
        self.models.end()
        self.keeper.end()

    async def action_quit(self) -> None:
        self.write_session()
        training = self.trainings.training
        self.exit(message=TRAINING_GOES_ON if training.running and not training.stopping else None)

    def survive(self, error: Exception) -> bool:
        from tui_lm.tui.keeping.crash import write_report

        write_report(error)
        return self.notices.survive(error)

    def last_words(self, error: Exception) -> str:
        from tui_lm.tui.keeping.crash import write_report

        with suppress(Exception):
            self.keeper.write()
        return write_report(error)

    # Screens, and the news they hear

    def screens_made(self) -> list[AppScreen]:
        """The screens made so far, without modal ones such as a list to choose from."""
        from tui_lm.tui.screens.screen import AppScreen

        stacks = (stack[0] for stack in self._screen_stacks.values() if stack)
        return [screen for screen in stacks if isinstance(screen, AppScreen) and screen.is_mounted]

    def tell(self, news: News) -> None:
        for screen in self.screens_made():
            screen.hear(news)
        if isinstance(news, SettingsChanged):
            self._settings_changed(news)

    def ask(self, screen: Screen[Any], then: Callable[[Any], None] | None = None) -> None:
        if len(self.screen_stack) == 1:  # a burst of keys may have opened one already
            self.push_screen(screen, then)

    def show(self, name: str | None) -> None:
        if name and len(self.screen_stack) == 1:
            self.switch_mode(name)
            self.keeper.session.screen = name
            self.keeper.keep()

    @on(Loaded)
    def _loaded(self, message: Loaded) -> None:
        self.models.loaded(message)

    @on(NotLoaded)
    def _not_loaded(self, message: NotLoaded) -> None:
        self.models.not_loaded(message)

    # How it looks

    def _settings_changed(self, news: SettingsChanged) -> None:
        settings = self.preferences.settings
        if "animation" in news.names:
            self._take_animation()
        if "theme" in news.names and self.theme != settings.theme:
            self.theme = settings.theme
        if "private" in news.names:
            self.models.follow_private()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return author_colours(dark=self.current_theme.dark)

    def _take_animation(self) -> None:
        self.animation_level = "basic" if self.preferences.settings.animation else "none"

    def _draw_plainly(self) -> None:
        from tui_lm.tui.terminal.glyphs import PlainGlyphs

        self._filters.append(PlainGlyphs())

    def watch_theme(self) -> None:
        if self.no_color:
            self._filters = without_colour(self._filters, native=self.native_ansi_color)

    def _keep_theme(self, _: object) -> None:
        self.preferences.change(theme=self.theme)  # the theme now: several changes may arrive late

    # Actions, and why one cannot be done now

    def actions(self, *, screens: bool = False) -> list[tuple[Binding, DOMNode, str]]:
        """Every action in reach: its binding, its node, and why it cannot be done now, else "".

        With `screens`, only those that go to a screen.
        """
        from tui_lm.tui.screens.screen import AppScreen

        below = self.screen_stack[0]
        assert isinstance(below, AppScreen)
        own, *more = below.tables()
        tables: list[tuple[DOMNode, Iterable[BindingType]]] = [own, (self, keys.APP), *more]
        found: dict[str, tuple[Binding, DOMNode, str]] = {}
        for node, table in tables:
            for binding in keys.as_bound(table, self.preferences.settings.keymap):
                if binding.id in ("app.palette", "app.go") or (screens and not binding.action.startswith("show(")):
                    continue
                found.setdefault(binding.id or "", (binding, node, self.why_not(binding.action, node)))
        return list(found.values())

    def why_not(self, action: str, node: DOMNode | None) -> str:
        name, _, rest = action.partition("(")
        action, parameter = name.rpartition(".")[2], rest.rstrip(")").strip("'")
        if node is None or node is self:
            return self._why_not(action, parameter)
        return node.why_not(action, parameter) if isinstance(node, Reasoning) else ""

    def _why_not(self, action: str, parameter: str) -> str:
        backend = self.models.backend
        if action == "show" and parameter == self.current_mode:
            return "it is the current screen"
        if action == "show" and parameter == "chat" and backend is not None and backend.engine.kind != "chat":
            return "the model learned from a text without authors; Write is for it"
        if action == "choose_model" and not self.models.language_models():
            return "there is no model yet"
        if action == "switch" and parameter == "private" and self.preferences.private_by_order:
            return "tui-lm was started with --private"
        return ""

    async def run_action(self, action: Any, default_namespace: Any = None, namespaces: Any = None) -> bool:
        """As in Textual, but if an action cannot be done now, a notice says why."""
        if isinstance(action, str) and (reason := self.why_not(action, default_namespace)):
            self.notices.say_once(f"Not now: {reason}.")
            return True
        done: bool = await super().run_action(action, default_namespace, namespaces)
        return done

    def action_show(self, name: str) -> None:
        self.show(name)

    def action_help(self) -> None:
        from tui_lm.tui.screens.help import HelpScreen

        reasons = {binding.id or "": reason for binding, _, reason in self.actions() if reason}
        then: Any = partial(self.call_after_refresh, self.show)  # the name of a screen, or None
        self.ask(HelpScreen(self.preferences.settings.keymap, reasons), then)

    def action_command_palette(self) -> None:
        from tui_lm.tui.screens.palette import PaletteScreen

        self.ask(PaletteScreen(self.actions()))

    def action_go(self) -> None:
        from tui_lm.tui.screens.palette import PaletteScreen

        self.ask(PaletteScreen(self.actions(screens=True), "Go to"))

    def action_jump(self) -> None:
        from tui_lm.tui.screens.jump import jump

        jump(self, self.screen)

    def action_choose_model(self) -> None:
        from tui_lm.tui.screens.app_questions import choose_model

        choose_model(self._services)

    def action_choose_theme(self) -> None:
        from tui_lm.tui.screens.app_questions import choose_theme

        choose_theme(self, self)

    def action_forget_all(self) -> None:
        from tui_lm.tui.screens.app_questions import forget_all

        forget_all(self._services)

    def action_switch(self, name: str) -> None:
        self.preferences.switch(name)

    def action_picture(self) -> None:
        self.deliver_screenshot()

    def copy_to_clipboard(self, text: str) -> None:
        from tui_lm.tui.terminal.clipboard import copy_natively

        super().copy_to_clipboard(text)
        copy_natively(text)


def run_app(
    folder: Path | None,
    settings: Settings,
    *,
    notices: Sequence[str] = (),
    save_settings: Callable[[Settings], None],
    private: bool = False,
    screen: str | None = None,
) -> int:
    """Run the app until the user quits. Returns the exit code."""
    from tui_lm.tui.keeping.session import load_session

    session, more = (Session(), []) if private else load_session()
    told = [*notices, *more]
    app = TuiLmApp(folder, settings, session, notices=told, save_settings=save_settings, private=private, screen=screen)
    app.run()
    app.end()
    code = app.return_code or 0
    if app.models.inference.is_alive:
        os._exit(code)  # Python cannot end around a thread in native code: the process would abort
    return code
