"""The questions that can be asked on every screen: which model, which theme, whether to forget all."""

from __future__ import annotations

from typing import Any

from textual.app import App

from tui_lm import checkpoint
from tui_lm.errors import TuiLmError
from tui_lm.tui.host import Host
from tui_lm.tui.screens.choice import ChoiceScreen
from tui_lm.tui.screens.question import ConfirmScreen
from tui_lm.tui.screens.services import Services

FORGOTTEN = (
    "This deletes drafts, transcripts, the session, and all words that models learned while you typed. "
    "Models keep what they learned in training."
)


def choose_model(services: Services) -> None:
    models = services.models
    names = models.language_models()

    def chosen(index: int | None) -> None:
        if index is not None:
            models.use(checkpoint.find(names[index]))

    now = names.index(models.name) if models.name in names else None
    services.host.ask(ChoiceScreen("Model", names, now), chosen)


def choose_theme(host: Host, app: App[Any]) -> None:
    """A highlighted theme is shown at once; Esc restores the theme before."""
    themes, before = sorted(app.available_themes), app.theme

    def show(index: int) -> None:
        app.theme = themes[index]

    def chosen(index: int | None) -> None:
        app.theme = before if index is None else themes[index]

    host.ask(ChoiceScreen("Theme", themes, themes.index(before), on_highlight=show), chosen)


def forget_all(services: Services) -> None:
    def answered(yes: bool | None) -> None:
        if not yes:
            return
        try:
            services.keeper.forget()
            services.trainings.training.forget()
            services.models.forget()
        except (OSError, TuiLmError) as error:
            services.host.notify(f"Something could not be deleted: {error}", severity="error", markup=False)
        else:
            services.host.notify("Everything you typed is deleted.", markup=False)
        services.models.load_again()

    services.host.ask(ConfirmScreen("Forget all?", FORGOTTEN, "Forget"), answered)
