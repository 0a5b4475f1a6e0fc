"""What the screens share on which a training begins."""

from __future__ import annotations

from tui_lm.errors import TuiLmError
from tui_lm.tui.screens.screen import AppScreen
from tui_lm.tui.widgets.path_field import PathField
from tui_lm.tui.widgets.source_picker import SourcePicker

DEMO = ("demo", "--no-app")
BUNDLED = "the chat that comes along"


class PickingScreen(AppScreen):
    """One file, one key to train; the training itself is a process, shown on the Train screen."""

    @property
    def picker(self) -> SourcePicker:
        return self.query_one(SourcePicker)

    def on_mount(self) -> None:
        self.take_focus()

    def take_focus(self) -> None:
        self.query_one(PathField).focus()

    def why_not(self, action: str, parameter: str) -> str:
        if action in ("demo", "start") and self.app.training.running:
            return "a training is under way"
        if action == "start":
            return self.picker.why_not_yet
        if action == "choose_me" and (self.picker.seen is None or not self.picker.seen.is_chat):
            return self.picker.why_not_yet or "this is no chat"
        if action == "stop" and not self.app.training.running:
            return "nothing is being trained"
        if action == "use" and self.app.training.folder is None:
            return "nothing was trained here yet"
        return ""

    def action_demo(self) -> None:
        self._begin(list(DEMO), BUNDLED)

    def action_start(self) -> None:
        self._begin(self.picker.arguments(), str(self.picker.path))
        self.app.keep_session()

    def _begin(self, arguments: list[str], source: str) -> None:
        try:
            self.app.train(*arguments, source=source)
        except TuiLmError as error:
            self.app.complain(error)
        else:
            self.app.action_show("train")

    def action_choose_me(self) -> None:
        self.picker.choose_me()

    def action_stop(self) -> None:
        self.app.training.stop()

    def action_use(self) -> None:
        folder = self.app.training.folder
        if folder is None:
            return
        if self.app.training.is_translator:
            self.app.action_show("translate")
        else:
            self.app.use_model(folder)
            self.app.action_show("chat")
