"""The app: it paints first, then a thread loads the model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.dom import DOMNode
from textual.screen import Screen

from tui_lm.tui import keys
from tui_lm.tui.plain import visible

if TYPE_CHECKING:
    from tui_lm.settings import Settings
    from tui_lm.tui.backend import Backend

_NAMES = {"pageup": "PgUp", "pagedown": "PgDn", "escape": "Esc", "delete": "Del"}
_THEME = "textual-dark"


class TuiLmApp(App[None]):
    """`load` brings the model; without it the welcome screen is shown."""

    TITLE = "tui-lm"
    BINDINGS: ClassVar[list[BindingType]] = keys.APP
    COMMAND_PALETTE_BINDING = "ctrl+p"

    def __init__(
        self,
        load: Callable[[], Backend] | None,
        *,
        model_name: str | None,
        settings: Settings,
        load_new: Callable[[], Backend] | None = None,
        notices: Sequence[str] = (),
    ) -> None:
        # The first screen is the default screen, so that no empty one is painted before it; Textual reads no
        # CSS_PATH of that one.
        super().__init__(css_path=["app.tcss", "welcome.tcss" if load is None else "chat.tcss"])
        self.animation_level = "none"
        self.settings = settings
        self.model_name = model_name
        self._load = load
        self._load_new = load_new
        self._notices = list(notices)

    def get_default_screen(self) -> Screen[Any]:
        if self._load is not None:
            from tui_lm.tui.chat import ChatScreen

            return ChatScreen(self._load, self.model_name)
        from tui_lm.tui.welcome import WelcomeScreen

        return WelcomeScreen(self._load_new)

    def on_mount(self) -> None:
        if self.settings.theme in self.available_themes:
            self.theme = self.settings.theme
        else:
            self._notices.append(f"There is no theme {self.settings.theme}; {_THEME} is used.")
            self.theme = _THEME
        self.set_keymap(dict(self.settings.keymap))
        for notice in self._notices:
            self.notify(visible(notice), title="Settings", severity="warning", markup=False)
        self.theme_changed_signal.subscribe(self, self._keep_theme)

    def _keep_theme(self, theme: Any) -> None:
        self.settings = replace(self.settings, theme=theme.name)

    def get_key_display(self, binding: Binding) -> str:
        """Ctrl+Q, F1, PgUp: as keys are called, in the footer and in the help."""
        if binding.key_display:
            return binding.key_display
        return "+".join(_NAMES.get(part, part.capitalize()) for part in binding.key.split("+"))

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Every action that has a key, and the few that have none."""
        tables: list[tuple[DOMNode, list[BindingType]]] = [(screen, screen.BINDINGS), (self, keys.APP)]
        for node, table in tables:
            for binding in keys.as_bound(table, self.settings.keymap):
                if binding.id not in (None, "app.palette"):
                    run = partial(self.run_action, binding.action, node)
                    yield SystemCommand(binding.tooltip, self.get_key_display(binding), run)
        yield SystemCommand("Choose a theme", "Light or dark, and the colours", self.action_change_theme)
        yield SystemCommand("Save a picture of the screen", "As SVG, in the downloads folder", self.deliver_screenshot)

    def action_help(self) -> None:
        from tui_lm.tui.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen())


def run_app(
    load: Callable[[], Backend] | None,
    *,
    model_name: str | None,
    settings: Settings,
    save_settings: Callable[[Settings], None],
    load_new: Callable[[], Backend] | None = None,
    notices: Sequence[str] = (),
) -> int:
    """Run the app until it is left, and keep the settings that were changed in it. Returns the exit code.

    `load_new` brings the model that the demo, run from the welcome screen, has made.
    """
    app = TuiLmApp(load, model_name=model_name, settings=settings, load_new=load_new, notices=notices)
    app.run()
    if app.settings != settings:
        save_settings(app.settings)
    return app.return_code or 0
