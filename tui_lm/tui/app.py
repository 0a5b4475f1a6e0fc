"""The app: it paints first, then a thread loads the model. Each screen is made when it is first shown."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from textual import events, on
from textual.app import App
from textual.binding import Binding, BindingType
from textual.dom import DOMNode
from textual.screen import Screen

from tui_lm.errors import TuiLmError
from tui_lm.tui import inference, keys
from tui_lm.tui.backend import Backend, Open, Purpose, open_model
from tui_lm.tui.calm import Calm
from tui_lm.tui.inference import Inference
from tui_lm.tui.plain import visible, visible_line
from tui_lm.tui.session import Session, save_session
from tui_lm.tui.training import Training

if TYPE_CHECKING:
    from tui_lm.settings import Settings
    from tui_lm.tui.screens.screen import AppScreen

SCREENS = {
    "welcome": "WelcomeScreen",
    "chat": "ChatScreen",
    "write": "WriteScreen",
    "translate": "TranslateScreen",
    "train": "TrainScreen",
    "models": "ModelsScreen",
    "settings": "SettingsScreen",
}
_NAMES = {"pageup": "PgUp", "pagedown": "PgDn", "escape": "Esc", "delete": "Del", "plus": "+", "minus": "-"}
_THEME = "textual-dark"
_A_MOMENT = 0.5  # seconds after a change until the session is written
_MOST_ERRORS, _WITHIN = 20, 10.0  # errors within seconds that are survived
ModelState = Literal["none", "loading", "ready", "failed"]


def _new_screen(name: str) -> Screen[Any]:
    module = import_module(f"tui_lm.tui.screens.{name}")
    screen: Screen[Any] = getattr(module, SCREENS[name])()
    return screen


class TuiLmApp(Calm, App[None]):
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
        super().__init__()
        self.animation_level = "basic" if settings.animation else "none"
        self.settings = settings
        self.session = session
        self.private_by_order = private
        self.folder = folder
        self.backend: Backend | None = None
        self.model_state: ModelState = "none" if folder is None else "loading"
        self.inference = Inference(open_model, self)
        self.training = training or Training()
        self._save_settings = save_settings
        self._notices = list(notices)
        self._errors: deque[float] = deque(maxlen=_MOST_ERRORS)
        self._last_error = ""
        self._said: dict[str, float] = {}  # notices, and until when they stand
        self._purposes: dict[str, tuple[int, str]] = {}
        self._keeping = False
        if settings.ascii:
            self._draw_plainly()

    # Beginning and end

    def on_mount(self) -> None:
        self._take_theme()
        self.set_keymap(dict(self.settings.keymap))
        self.set_class(self.settings.ascii, "-ascii")
        for notice in self._notices:
            self.notify(visible(notice), severity="warning", markup=False)
        self.theme_changed_signal.subscribe(self, self._keep_theme)
        if not self.is_headless:
            from tui_lm.tui.signals import listen

            listen(self)
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        """What can wait until the first frame is painted."""
        if self.folder is not None:
            self.inference.load("language", self.folder)
        if not self.training.running and self.training.find():  # a quick hand may have begun one already
            self._follow_training()

    def _take_theme(self) -> None:
        from tui_lm.tui.themes import THEMES

        for theme in THEMES:
            self.register_theme(theme)
        if self.settings.theme in self.available_themes:
            self.theme = self.settings.theme
        else:
            self._notices.append(f"There is no theme {self.settings.theme}; {_THEME} is used.")
            self.theme = _THEME

    def _keep_theme(self, _: object) -> None:
        self.change(theme=self.theme)  # the one that is shown now: several changes may be told of late

    def _draw_plainly(self) -> None:
        from tui_lm.tui.glyphs import PlainGlyphs

        self._filters.append(PlainGlyphs())

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

    # Screens

    def screens_made(self) -> list[AppScreen]:
        """The screens that stand; what is asked from above, such as a choice, is none of them."""
        from tui_lm.tui.screens.screen import AppScreen

        stacks = (stack[0] for stack in self._screen_stacks.values() if stack)
        return [screen for screen in stacks if isinstance(screen, AppScreen) and screen.is_mounted]

    def action_show(self, name: str) -> None:
        if len(self.screen_stack) == 1:
            self.switch_mode(name)
            self.session.screen = name
            self.keep_session()

    def action_help(self) -> None:
        from tui_lm.tui.screens.help import HelpScreen

        self._ask(HelpScreen())

    def action_command_palette(self) -> None:
        from tui_lm.tui.screens.palette import PaletteScreen

        self._ask(PaletteScreen(self.actions()))

    def action_go(self) -> None:
        from tui_lm.tui.screens.palette import PaletteScreen

        self._ask(PaletteScreen(self.actions(screens=True), "Go to"))

    def _ask(self, screen: Screen[Any], then: Callable[[Any], None] | None = None) -> None:
        """Show a modal screen, unless keys that came in a burst have opened one already."""
        if len(self.screen_stack) == 1:
            self.push_screen(screen, then)

    ask = _ask

    def actions(self, screens: bool = False) -> list[tuple[Binding, DOMNode, str]]:
        """Every action that is in reach: its binding, whose it is, and why it cannot be done now, else "".

        Of `screens` alone those that go to one.
        """
        below = self.screen_stack[0]
        tables: list[tuple[DOMNode, Iterable[BindingType]]] = [(below, below.BINDINGS), (self, keys.APP)]
        found: dict[str, tuple[Binding, DOMNode, str]] = {}
        for node, table in tables:
            for binding in keys.as_bound(table, self.settings.keymap):
                if binding.id in ("app.palette", "app.go") or (screens and not binding.action.startswith("show(")):
                    continue
                found.setdefault(binding.id or "", (binding, node, self.why_not(binding.action, node)))
        return list(found.values())

    # Actions

    def why_not(self, action: str, node: DOMNode | None) -> str:
        """Why `action` of `node` cannot be done now; "" where it can."""
        name, _, rest = action.partition("(")
        ask = getattr(node, "why_not", None) if node is not None and node is not self else self._why_not
        return "" if ask is None else str(ask(name.rpartition(".")[2], rest.rstrip(")").strip("'")))

    def _why_not(self, action: str, parameter: str) -> str:
        if action == "show" and parameter == self.current_mode:
            return "it is shown"
        if action == "show" and parameter == "chat" and self.backend is not None and self.backend.engine.kind != "chat":
            return "the model learned from a text without authors; Write is for it"
        if action == "choose_model" and not self.language_models():
            return "there is no model yet"
        if action == "switch" and parameter == "private" and self.private_by_order:
            return "tui-lm was started with --private"
        return ""

    async def run_action(self, action: Any, default_namespace: Any = None, namespaces: Any = None) -> bool:
        """As in Textual, but a key whose action cannot be done now says why."""
        if isinstance(action, str) and (reason := self.why_not(action, default_namespace)):
            self.say_once(f"Not now: {reason}.")
            return True
        done: bool = await super().run_action(action, default_namespace, namespaces)
        return done

    def get_key_display(self, binding: Binding) -> str:
        """Ctrl+Q, F1, PgUp: as keys are called, in the footer and in the help."""
        if binding.key == keys.UNBOUND:
            return ""
        if binding.key_display:
            return binding.key_display
        return "+".join(_NAMES.get(part, part.capitalize()) for part in binding.key.split("+"))

    def change(self, **values: Any) -> None:
        """Change settings; every screen hears of it, and they are kept."""
        before, self.settings = self.settings, replace(self.settings, **values)
        if self.settings == before:
            return
        for screen in self.screens_made():
            screen.settings_changed(set(values))
        if "private" in values:
            self._change_private()
        if "animation" in values:
            self.animation_level = "basic" if self.settings.animation else "none"
        if "theme" in values and self.theme != self.settings.theme:
            self.theme = self.settings.theme
        try:
            self._save_settings(self.settings)
        except (OSError, TuiLmError) as error:
            self.say_once(f"The settings could not be kept: {getattr(error, 'strerror', None) or error}")

    def _change_private(self) -> None:
        from tui_lm.tui.jobs import KeepPrivate

        self.inference.put(KeepPrivate(self, 0, self.private))

    def action_switch(self, name: str) -> None:
        self.change(**{name: not getattr(self.settings, name)})
        from tui_lm.settings import ABOUT

        self.notify(f"{ABOUT[name].title}: {'on' if getattr(self.settings, name) else 'off'}", markup=False)

    def action_choose_theme(self) -> None:
        from tui_lm.tui.screens.choice import ChoiceScreen

        themes, before = sorted(self.available_themes), self.theme

        def show(index: int) -> None:
            self.theme = themes[index]

        def chosen(index: int | None) -> None:
            self.theme = before if index is None else themes[index]

        self.ask(ChoiceScreen("Theme", themes, themes.index(before), on_highlight=show), chosen)

    def copy_to_clipboard(self, text: str) -> None:
        from tui_lm.tui.clipboard import copy_natively

        super().copy_to_clipboard(text)
        copy_natively(text)

    def action_picture(self) -> None:
        self.deliver_screenshot()

    def action_forget_all(self) -> None:
        from tui_lm.tui.screens.question import ConfirmScreen

        def answered(yes: bool | None) -> None:
            if yes:
                self.forget_all()

        text = (
            "Drafts, transcripts, where you were, and all words that models learned while you typed are deleted. "
            "Models keep what they learned in training."
        )
        self.ask(ConfirmScreen("Forget all?", text, "Forget"), answered)

    def forget_all(self) -> None:
        from tui_lm import checkpoint
        from tui_lm.completion import ngram_files
        from tui_lm.tui.session import forget_session

        for screen in self.screens_made():
            screen.forget()
        self.session = Session(screen=self.current_mode)
        try:
            forget_session()
            self.training.forget()
            for name in checkpoint.names():
                ngram_files.forget(checkpoint.find(name))
        except (OSError, TuiLmError) as error:
            self.notify(f"Not all could be deleted: {error}", severity="error", markup=False)
        else:
            self.notify("All that was typed is forgotten.", markup=False)
        self.backend = None  # what it learned and has not saved is not to be saved
        if self.folder is not None:
            self.use_model(self.folder)

    # Models

    def language_models(self) -> list[str]:
        return self._models("language")

    def translators(self) -> list[str]:
        return self._models("translation")

    def _models(self, purpose: Purpose) -> list[str]:
        """By name. A card is read once, and again when its file has changed: this is asked at every redrawing."""
        from tui_lm import checkpoint, paths

        found = []
        for name in checkpoint.names():
            with suppress(TuiLmError, OSError):
                written = (paths.models_dir() / name / checkpoint.CONFIG).stat().st_mtime_ns
                if self._purposes.get(name, (0, ""))[0] != written:
                    self._purposes[name] = (written, checkpoint.describe(checkpoint.find(name)).purpose)
                if self._purposes[name][1] == purpose:
                    found.append(name)
        return found

    def action_choose_model(self) -> None:
        from tui_lm import checkpoint
        from tui_lm.tui.screens.choice import ChoiceScreen

        names = self.language_models()

        def chosen(index: int | None) -> None:
            if index is not None:
                self.use_model(checkpoint.find(names[index]))

        now = self.folder.name if self.folder is not None else None
        self.ask(ChoiceScreen("Model", names, names.index(now) if now in names else None), chosen)

    def use_model(self, folder: Path) -> None:
        """Write with the language model in `folder` from now on."""
        self._save_learned()
        self.folder = folder
        self.backend, self.model_state = None, "loading"
        self.inference.load("language", folder)
        self.change(last_models={**self.settings.last_models, "language": model_name(folder)})
        self._tell_of_model()

    def use_no_model(self) -> None:
        """The model that was used is about to be deleted."""
        self.session.talks.pop(self.folder.name if self.folder is not None else "", None)
        self.folder, self.backend, self.model_state = None, None, "none"
        self._tell_of_model()

    def drop_learned(self, name: str) -> None:
        """The model in use, if it is `name`, forgets what it has learned and not saved."""
        if self.folder is not None and self.folder.name == name:
            self.backend = None
            self.inference.load("language", self.folder)

    def use_translator(self, folder: Path) -> None:
        """Translate with the model in `folder` from now on."""
        self.change(last_models={**self.settings.last_models, "translation": model_name(folder)})
        for screen in self.screens_made():
            screen.translator_chosen(folder)

    def _save_learned(self) -> None:
        if self.backend is not None and not self.private:
            try:
                self.backend.completer.save()
            except (TuiLmError, OSError) as error:
                self.say_once(f"What was learned could not be kept: {error}")

    @on(inference.Loaded)
    def _loaded(self, message: inference.Loaded) -> None:
        if message.purpose == "language" and message.folder == self.folder:
            self.backend, self.model_state = message.model, "ready"
            if self.private:
                self._change_private()
        self._tell_of_model(message)

    @on(inference.NotLoaded)
    def _not_loaded(self, message: inference.NotLoaded) -> None:
        if message.purpose == "language" and message.folder == self.folder:
            self.model_state = "failed"
        self.complain(message.error)
        self._tell_of_model(message)

    def _tell_of_model(self, message: inference.Loaded | inference.NotLoaded | None = None) -> None:
        for screen in self.screens_made():
            screen.model_changed(message)

    # Training

    def train(self, *arguments: str, source: str) -> None:
        """Begin a training in a process of its own. Raises TuiLmError where one is under way."""
        self.training.start(arguments, source)
        self._follow_training()

    def _follow_training(self) -> None:
        self.set_interval(0.25, self.look_at_training, name="training")
        self.look_at_training()

    def look_at_training(self) -> None:
        """Read what the training has told since; every screen hears of it."""
        was_running = self.training.running
        news = self.training.poll()
        for screen in self.screens_made():
            screen.training_changed(news)
        if was_running and not self.training.running:
            for timer in list(self._timers):
                if timer.name == "training":
                    timer.stop()
            self._training_ended()

    def _training_ended(self) -> None:
        folder = self.training.folder
        if folder is None:
            self.notify(
                visible(self.training.complaint or "It ended without a model."),
                title="The training did not finish",
                severity="error",
                markup=False,
            )
            return
        self.notify(f"{visible_line(folder.name)} is trained. Enter on the Train screen writes with it.", markup=False)
        if self.folder is None and not self.training.is_translator:
            self.use_model(folder)

    # Errors

    def complain(self, error: Exception) -> None:
        """An error as a notice; the same one is told once."""
        if isinstance(error, TuiLmError):
            title, text = error.message, error.hint
        else:
            title, text = "The model stumbled", f"{type(error).__name__}: {error}"
        if title + text != self._last_error:  # not one notice a key
            self._last_error = title + text
            self.notify(visible(text), title=visible_line(title), severity="error", markup=False)

    def all_is_well(self) -> None:
        """From here on an error is worth a notice again, even if it is the same."""
        self._last_error = ""

    def say_once(self, text: str) -> None:
        """A notice, unless it is on the screen already, or on its way there."""
        text, now = visible(text), time.monotonic()
        self._said = {said: until for said, until in self._said.items() if until > now}
        if text not in self._said:
            self._said[text] = now + self.NOTIFICATION_TIMEOUT
            self.notify(text, severity="warning", markup=False)

    def survive(self, error: Exception) -> bool:
        """Tell of an error in the app itself; whether to go on. Text of the error may be text of a chat: it stays."""
        from tui_lm.tui.crash import write_report

        write_report(error)
        now = time.monotonic()
        too_many = len(self._errors) == _MOST_ERRORS and now - self._errors[0] < _WITHIN
        self._errors.append(now)
        self.say_once(f"Something went wrong ({type(error).__name__}). What you typed is still here.")
        return not too_many

    def _handle_exception(self, error: Exception) -> None:
        """The last resort: keep the draft, leave the terminal as it was, and say two lines."""
        from tui_lm.tui.crash import write_report

        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        with suppress(Exception):
            self.write_session()
        self.panic(write_report(error))


def model_name(folder: Path) -> str:
    """How settings call a model: by its name where it is one of the user's folder."""
    from tui_lm import paths

    return folder.name if folder.parent == paths.models_dir() else str(folder.resolve())


def run_app(
    folder: Path | None,
    settings: Settings,
    *,
    notices: Sequence[str] = (),
    save_settings: Callable[[Settings], None],
    private: bool = False,
) -> int:
    """Run the app until it is left. Returns the exit code."""
    from tui_lm.tui.session import load_session

    session, more = (Session(), []) if private else load_session()
    app = TuiLmApp(folder, settings, session, notices=[*notices, *more], save_settings=save_settings, private=private)
    app.run()
    app.end()
    return app.return_code or 0
