"""The Learn screen: a lesson at the left, and at the right what it speaks of, live."""

from __future__ import annotations

from collections.abc import Sequence, Set
from pathlib import Path
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Horizontal
from textual.dom import DOMNode

from tui_lm import checkpoint, events
from tui_lm.errors import TuiLmError
from tui_lm.inspection.cursor import Cursor
from tui_lm.lessons import FAMILIES, Experiment, Lesson, lessons
from tui_lm.tui.jobs import inference
from tui_lm.tui.jobs.lesson_subjects import OfLesson, Shelf
from tui_lm.tui.screens.screen import AppScreen
from tui_lm.tui.screens.services import Services
from tui_lm.tui.terminal import keys
from tui_lm.tui.widgets.form import Form
from tui_lm.tui.widgets.frame_view import FrameView
from tui_lm.tui.widgets.inspector import Inspector
from tui_lm.tui.widgets.lesson_page import ExperimentLine, LessonPage
from tui_lm.tui.widgets.status import Status
from tui_lm.tui.widgets.study import Study

TRAINING = ("demo", "--all", "--no-app")
BUNDLED = "the bundled chat"
MISSING = "This needs the model {}, which is not there. F12 trains the models of the lessons, in about four minutes."
BY_HAND = "the network by hand"


class LearnScreen(AppScreen):
    CSS_PATH: ClassVar[list[str]] = ["study.tcss", "learn.tcss"]  # type: ignore[assignment]
    NAME = "learn"
    BINDINGS: ClassVar[list[BindingType]] = keys.LEARN

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._lessons: Sequence[Lesson] = lessons()
        self._lesson = self._lessons[0]
        self._number = 0
        self._of_view = self._lesson.experiments[0]  # the experiment at the right
        self._shelf = Shelf()
        self._subject: Path | None = None  # the folder of the model that is looked at
        self._ready = False

    def compose_body(self) -> ComposeResult:
        with Container(id="body"):
            yield LessonPage(self._lesson)
            first = self._lesson.experiments[0]
            yield Study(first.text, first.views[0], self.models.inference, self.notices, self.settings)
        with Horizontal(id="state"):
            yield Status()

    def on_mount(self) -> None:
        self.query_one(LessonPage).focus()
        self.call_after_refresh(self._show, 0)

    @property
    def study(self) -> Study:
        return self.query_one(Study)

    # Experiments

    def _show(self, number: int) -> None:
        """Show an experiment of the lesson at the right; a lesson without one leaves what is there."""
        if not self._lesson.experiments:
            return
        self._number = number
        experiment = self._of_view = self._lesson.experiments[number]
        self.query_one(LessonPage).mark(number)
        self._ready, self._subject = self._find(experiment)
        name = experiment.model or BY_HAND
        self.query_one(Status).show("ready" if self._ready else "none", name, experiment.what if self._ready else "")
        if not self._ready:
            self.notices.say_once(MISSING.format(name))
            return
        inspector = self.study.inspector
        inspector.drop_found()
        self.study.put(experiment.text)
        if experiment.notation and experiment.notation != self.settings.notation:
            self.preferences.change(notation=experiment.notation)
        inspector.open(experiment.views[0], _cursor(experiment))
        self._look()

    def _find(self, experiment: Experiment) -> tuple[bool, Path | None]:
        """Whether there is a network for the experiment, and its folder; None for the network by hand.

        If the model of that name is missing, the one in use serves if it is of the same family.
        """
        if not experiment.model:
            return True, None
        if experiment.model in checkpoint.names():
            return True, checkpoint.find(experiment.model)
        folder = self.models.folder
        if folder is not None and (card := _card(folder)) is not None:
            return getattr(card.architecture, "cell", card.architecture.family) == FAMILIES[experiment.model], folder
        return False, None

    def _look(self) -> None:
        if self._ready:
            translates = FAMILIES.get(self._of_view.model) == "seq2seq"
            text = self.study.text
            if text.strip() or not translates:
                self.study.look(OfLesson(self._shelf, self._subject, text, translates))

    @on(ExperimentLine.Chosen)
    def _chosen(self, message: ExperimentLine.Chosen) -> None:
        self._show(message.number)

    @on(Study.Edited)
    def _edited(self) -> None:
        self._look()

    @on(Inspector.Moved)
    def _view_moved(self) -> None:
        self._look()

    @on(Inspector.EditWanted)
    def _edit_wanted(self, message: Inspector.EditWanted) -> None:
        from tui_lm.tui.screens.edit_question import ask_for_change

        ask_for_change(self.host, message.changes, self.study.inspector.change, self.call_after_refresh)

    @on(Form.Changed)
    def _value_changed(self, message: Form.Changed) -> None:
        self.preferences.change(**{message.name: message.value})

    @on(inference.Failed)
    def _failed(self, message: inference.Failed) -> None:
        self.notices.complain(message.error)

    def settings_changed(self, names: Set[str]) -> None:
        self.study.inspector.follow(self.settings)
        if "notation" in names:
            self._look()

    def training_changed(self, news: Sequence[events.Event]) -> None:
        """A model of the lessons may be there now."""
        super().training_changed(news)
        if not self._ready and not self.training.running:
            self._show(self._number)

    # Actions

    def tables(self) -> list[tuple[DOMNode, Sequence[BindingType]]]:
        return [*super().tables(), *((view, keys.PANEL) for view in self.query(FrameView))]

    def why_not(self, action: str, parameter: str) -> str:
        if action == "train" and self.training.running:
            return "a training is running"
        if action == "next_experiment" and not self._lesson.experiments:
            return "this lesson has commands only"
        return ""

    def action_next_view(self) -> None:
        self.study.inspector.next_view()

    def action_next_experiment(self) -> None:
        self._show((self._number + 1) % len(self._lesson.experiments))

    def action_page(self, direction: int) -> None:
        page = self.query_one(LessonPage)
        page.scroll_page_up(animate=False) if direction < 0 else page.scroll_page_down(animate=False)

    def action_train(self) -> None:
        try:
            self.services.trainings.start(*TRAINING, source=BUNDLED)
        except TuiLmError as error:
            self.notices.complain(error)

    def action_choose_lesson(self) -> None:
        from tui_lm.tui.screens.choice import ChoiceScreen

        titles = [f"{number}. {lesson.title}" for number, lesson in enumerate(self._lessons, start=1)]

        async def opened(index: int | None) -> None:
            if index is not None:
                self._lesson = self._lessons[index]
                await self.query_one(LessonPage).remove()
                await self.query_one("#body").mount(LessonPage(self._lesson), before=0)
                self.query_one(LessonPage).focus()
                self._show(0)

        def chosen(index: int | None) -> None:
            self.call_later(opened, index)

        self.host.ask(ChoiceScreen("Lessons", titles, self._lessons.index(self._lesson)), chosen)


def _card(folder: Path) -> Any:
    try:
        return checkpoint.describe(folder)
    except TuiLmError:
        return None


def _cursor(experiment: Experiment) -> Cursor:
    """What the command of the experiment looks at."""
    change = None
    if experiment.change:
        from tui_lm.inspection.change import Change

        change = Change.parse(experiment.change)
    measure: Any = experiment.measure
    return Cursor(
        time=experiment.time,
        layer=experiment.layer,
        head=experiment.head,
        unit=experiment.unit,
        name=experiment.name,
        alone=False,
        only_top=True,
        measure=measure,
        temperature=experiment.temperature,
        hide_sink=experiment.hide_sink,
        change=change,
    )
