"""What keys and the palette do wherever one is, and why they cannot do it now."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from textual.binding import Binding, BindingType
from textual.dom import DOMNode

from tui_lm.errors import TuiLmError
from tui_lm.tui.app.training import TrainingApp
from tui_lm.tui.keeping.session import Session
from tui_lm.tui.terminal import keys

_NAMES = {"pageup": "PgUp", "pagedown": "PgDn", "escape": "Esc", "delete": "Del", "plus": "+", "minus": "-"}


class ActingApp(TrainingApp):
    """An action that cannot be done now says why, in the palette, in the footer and when its key is pressed."""

    def actions(self, screens: bool = False) -> list[tuple[Binding, DOMNode, str]]:
        """Every action that is in reach: its binding, whose it is, and why it cannot be done now, else "".

        Of `screens` alone those that go to one.
        """
        below = self.screen_stack[0]
        tables: list[tuple[DOMNode, Iterable[BindingType]]] = [(below, below.BINDINGS), (self, keys.APP)]
        if getattr(below, "panel_open", False):
            tables += ((view, keys.PANEL) for view in below.query("FrameView"))
        found: dict[str, tuple[Binding, DOMNode, str]] = {}
        for node, table in tables:
            for binding in keys.as_bound(table, self.settings.keymap):
                if binding.id in ("app.palette", "app.go") or (screens and not binding.action.startswith("show(")):
                    continue
                found.setdefault(binding.id or "", (binding, node, self.why_not(binding.action, node)))
        return list(found.values())

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

    def action_show(self, name: str) -> None:
        if len(self.screen_stack) == 1:
            self.switch_mode(name)
            self.session.screen = name
            self.keep_session()

    def action_help(self) -> None:
        from tui_lm.tui.screens.help import HelpScreen

        self.ask(HelpScreen())

    def action_command_palette(self) -> None:
        from tui_lm.tui.screens.palette import PaletteScreen

        self.ask(PaletteScreen(self.actions()))

    def action_go(self) -> None:
        from tui_lm.tui.screens.palette import PaletteScreen

        self.ask(PaletteScreen(self.actions(screens=True), "Go to"))

    def action_choose_model(self) -> None:
        from tui_lm import checkpoint
        from tui_lm.tui.screens.choice import ChoiceScreen

        names = self.language_models()

        def chosen(index: int | None) -> None:
            if index is not None:
                self.use_model(checkpoint.find(names[index]))

        now = self.folder.name if self.folder is not None else None
        self.ask(ChoiceScreen("Model", names, names.index(now) if now in names else None), chosen)

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
        from tui_lm.tui.terminal.clipboard import copy_natively

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
        from tui_lm.tui.keeping.session import forget_session

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
