"""The base of the Welcome and Train screens: choose a source and start a training."""

from __future__ import annotations

from textual import on

from tui_lm import checkpoint
from tui_lm.errors import TuiLmError
from tui_lm.tui.screens.screen import AppScreen
from tui_lm.tui.widgets.form import Field, Form
from tui_lm.tui.widgets.path_field import PathField
from tui_lm.tui.widgets.source_picker import SourcePicker

DEMO = ("demo", "--no-app")
BUNDLED = "the bundled chat"
STOPPING = "The best model so far is kept."


class PickingScreen(AppScreen):
    """The training runs in a child process and is shown on the Train screen."""

    @property
    def picker(self) -> SourcePicker:
        return self.query_one(SourcePicker)

    def on_mount(self) -> None:
        self.take_focus()
        self._offer_bases()

    def on_screen_resume(self) -> None:
        """Other models may be there now, and another screen may have chosen one to train on."""
        if self.is_mounted:
            self._offer_bases()

    def _offer_bases(self) -> None:
        trainings = self.services.trainings
        self.picker.offer(self.models.language_models(), trainings.base)
        trainings.base = ""

    def take_focus(self) -> None:
        self.query_one(PathField).focus()

    def why_not(self, action: str, parameter: str) -> str:
        if action in ("demo", "start") and self.training.running:
            return "a training is running"
        if action == "start":
            return self.picker.why_not_yet
        if action == "choose_me" and (self.picker.seen is None or not self.picker.seen.is_chat):
            return self.picker.why_not_yet or "this is not a chat"
        if action == "use" and self.training.folder is None:
            return "nothing was trained here yet"
        return ""

    def action_demo(self) -> None:
        self._begin(list(DEMO), BUNDLED)

    def action_start(self) -> None:
        self._begin(self.picker.arguments(), str(self.picker.path))
        self.keeper.keep()

    def _begin(self, arguments: list[str], source: str) -> None:
        try:
            self.services.trainings.start(*arguments, source=source)
        except TuiLmError as error:
            self.notices.complain(error)
        else:
            self.host.show("train")

    # Questions of the picker

    @on(SourcePicker.Sought)
    def _sought(self, message: SourcePicker.Sought) -> None:
        self.session.source = message.source
        self.keeper.keep()

    @on(Form.Wanted)
    def _wanted(self, message: Form.Wanted) -> None:
        if message.field.name == "name":
            self._ask_name()
        else:
            self._choose(message.field)

    def _ask_name(self) -> None:
        from tui_lm.tui.screens.question import AskScreen

        def answered(name: str | None) -> None:
            if name is not None:
                self.picker.set("name", name)

        now = self.picker.values["name"]
        self.host.ask(AskScreen("What is the model called?", now, wrong=wrong_name), answered)

    def _choose(self, field: Field) -> None:
        from tui_lm.tui.screens.choice import ChoiceScreen

        def chosen(index: int | None) -> None:
            if index is not None:
                self.picker.set(field.name, field.choices[index])

        now = field.choices.index(str(field.value)) if field.value in field.choices else None
        self.host.ask(ChoiceScreen(field.title, field.choices, now), chosen)

    def action_choose_me(self) -> None:
        self._choose(self.picker.me_field)

    def action_stop(self) -> None:
        """Ask first, because Esc stops shorter things elsewhere. Without a training Esc does nothing."""
        from tui_lm.tui.screens.question import ConfirmScreen

        def answered(yes: bool | None) -> None:
            if yes:
                self.training.stop()

        if self.training.running and not self.training.stopping:
            self.host.ask(ConfirmScreen("Stop the training?", STOPPING, "Stop it"), answered)

    def action_use(self) -> None:
        folder = self.training.folder
        if folder is None:
            return
        if self.training.is_translator:
            self.host.show("translate")
        else:
            self.models.use(folder)
            self.host.show("chat")


def wrong_name(name: str, old: str = "") -> str:
    """What is wrong with `name` for a model that is called `old` now; "" if nothing is."""
    if not checkpoint.is_name(name):
        return "use letters, digits, spaces, dots, - and _, and begin with a letter or digit"
    return "there is already a model of this name" if name in checkpoint.names() and name != old else ""
