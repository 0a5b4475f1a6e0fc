"""The Settings screen: a form made from the descriptions in `tui_lm/settings.py`."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui_lm import paths
from tui_lm.safe_text import visible_line
from tui_lm.settings import ABOUT
from tui_lm.tui.screens.screen import AppScreen
from tui_lm.tui.terminal import keys
from tui_lm.tui.widgets.form import Field, Form, setting_field


class SettingsScreen(AppScreen):
    CSS_PATH = "settings.tcss"
    NAME = "settings"
    BINDINGS: ClassVar[list[BindingType]] = keys.SETTINGS

    def compose_body(self) -> ComposeResult:
        with VerticalScroll(id="all", can_focus=False) as every:
            every.border_title = "Settings"
            yield Form(self._fields(), groups=True)
        yield Static(id="about")

    def on_mount(self) -> None:
        self.query_one(Form).focus()

    def on_resize(self) -> None:
        self.call_after_refresh(self.query_one(Form).scroll_to_current)

    def _fields(self) -> Sequence[Field]:
        themes = {"theme": sorted(self.app.available_themes)}
        return [setting_field(name, self.settings, themes.get(name, ())) for name in ABOUT]

    def settings_changed(self, names: Set[str]) -> None:
        self.query_one(Form).show(self._fields())

    @on(Form.Moved)
    def _moved(self, message: Form.Moved) -> None:
        file = visible_line(str(paths.settings_file()))
        text = Content.assemble(message.field.text, ".\n", (f"{message.field.name} in {file}", "$foreground-muted"))
        self.query_one("#about", Static).update(text)

    @on(Form.Changed)
    def _changed(self, message: Form.Changed) -> None:
        if message.name == "ascii":
            self.notices.say_once("Plain characters take effect at the next start.")
        if message.name == "private" and self.preferences.private_by_order:
            self.notices.say_once("tui-lm was started with --private.")
        self.preferences.change(**{message.name: message.value})

    @on(Form.Wanted)
    async def _wanted(self, message: Form.Wanted) -> None:
        if message.field.name == "theme":
            await self.app.run_action("choose_theme", self.app)
        else:
            from tui_lm.tui.screens.choice import ChoiceScreen

            choices = message.field.choices

            def chosen(index: int | None) -> None:
                if index is not None:
                    self.preferences.change(**{message.field.name: choices[index]})

            now = choices.index(str(message.field.value)) if message.field.value in choices else None
            self.host.ask(ChoiceScreen(message.field.title, choices, now), chosen)

    def action_reset(self) -> None:
        """Reset all settings that are shown; keys and models stay."""
        from tui_lm.settings import Settings

        first = Settings()
        self.preferences.change(**{name: getattr(first, name) for name in ABOUT})
