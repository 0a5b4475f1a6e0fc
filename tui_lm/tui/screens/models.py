"""The Models screen: a list of models with their facts, their training curves and actions on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import inf
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.events import Key
from textual.widgets import Input, OptionList

from tui_lm import checkpoint, events, paths
from tui_lm.checkpoint import Card
from tui_lm.errors import TuiLmError
from tui_lm.safe_text import visible, visible_line
from tui_lm.tui.jobs.model_record import read_card, read_record, read_training
from tui_lm.tui.screens.picking import wrong_name
from tui_lm.tui.screens.screen import AppScreen, ModelNews
from tui_lm.tui.screens.services import Services
from tui_lm.tui.terminal import keys
from tui_lm.tui.widgets.entry import Entry
from tui_lm.tui.widgets.found import found
from tui_lm.tui.widgets.lines import Lines
from tui_lm.tui.widgets.loss_curve import LossCurve
from tui_lm.tui.widgets.model_facts import ModelFacts
from tui_lm.tui.widgets.model_list import ModelList, ModelRow

_COMMANDS = {"classification": "classify", "tagging": "tag"}  # by purpose: models without a screen
NONE = "There are no models yet.\n\nCtrl+G goes to Train, where you can train one in a minute."


class ModelsScreen(AppScreen):
    CSS_PATH = "models.tcss"
    NAME = "models"
    BINDINGS: ClassVar[list[BindingType]] = keys.MODELS

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._names: list[str] = []
        self._cards: dict[str, Card | None] = {}  # None if the folder is damaged
        self._marked: set[str] = set()
        self._by_bits = False

    def compose_body(self) -> ComposeResult:
        with Horizontal(id="halves"):
            with Vertical(id="names") as names:
                names.border_title = "Models"
                yield Entry(placeholder="part of a name", id="filter", compact=True)
                yield ModelList()
            with Vertical(id="right"):
                with VerticalScroll(id="facts", can_focus=False) as facts:
                    facts.border_title = "About"
                    yield ModelFacts()
                curve = LossCurve()
                curve.border_title = "Learning"
                yield curve

    def on_mount(self) -> None:
        self.query_one(Entry).display = False
        self.query_one(Lines).focus()
        self._list()

    def on_screen_resume(self) -> None:
        self._list()

    def model_changed(self, news: ModelNews) -> None:
        self._list()

    def training_changed(self, news: Sequence[events.Event]) -> None:
        super().training_changed(news)
        if any(isinstance(event, events.CheckpointSaved | events.RunFinished) for event in news):
            self._list()

    # The list

    @property
    def name_here(self) -> str | None:
        """The name of the highlighted model."""
        highlighted = self.query_one(Lines).highlighted
        return self._names[highlighted] if highlighted is not None and highlighted < len(self._names) else None

    @property
    def card(self) -> Card | None:
        return self._cards.get(self.name_here or "")

    def _list(self) -> None:
        here = self.name_here
        names = checkpoint.names()
        self._marked &= set(names)
        self._cards = {name: read_card(name) for name in names}
        if self._by_bits:
            names = sorted(names, key=lambda name: self._bits(name) or inf)
        self._names = [names[index] for index in found(self.query_one(Entry).value, [*map(self._described, names)])]
        lines = self.query_one(Lines)
        self.query_one(ModelList).show([*map(self._row, self._names)])
        current = here or self.models.name
        if self._names:
            lines.highlighted = self._names.index(current) if current in self._names else 0
        self._show()

    def _described(self, name: str) -> str:
        """What the filter looks for."""
        card = self._cards[name]
        return name if card is None else f"{name} {card.description} {card.kind}"

    def _bits(self, name: str) -> float | None:
        """Bits per character on validation text."""
        card = self._cards[name]
        bits = card.metrics.get("validation_bits_per_char") if card is not None else None
        return bits if isinstance(bits, float) else None

    def _row(self, name: str) -> ModelRow:
        card = self._cards[name]
        network = "damaged" if card is None else card.architecture.label.split()[0].rstrip(",")
        return ModelRow(name, network, self._bits(name), name in self._marked, name == self.models.name)

    @on(OptionList.OptionHighlighted)
    def _highlighted(self) -> None:
        self._show()

    def _show(self) -> None:
        name = self.name_here
        facts, curve = self.query_one(ModelFacts), self.query_one(LossCurve)
        if name is None:
            facts.say(NONE)
            curve.show(())
        else:
            facts.show(read_record(name, self._cards[name]))
            curve.show(read_training(name).bits, ())
        self.refresh_bindings()

    @on(Input.Changed)
    def _filtered(self) -> None:
        self._list()

    def on_key(self, event: Key) -> None:
        """While the filter is typed, Up and Down move in the list, and Esc shows all models again."""
        entry, lines = self.query_one(Entry), self.query_one(Lines)
        if event.key == "escape" and entry.display:
            entry.value = ""
            entry.display = False
            lines.focus()
        elif entry.has_focus and event.key in ("up", "down"):
            lines.action_cursor_up() if event.key == "up" else lines.action_cursor_down()

    # Actions

    def action_sort(self) -> None:
        self._by_bits = not self._by_bits
        self._list()

    def action_filter(self) -> None:
        entry = self.query_one(Entry)
        entry.display = True
        entry.focus()

    def why_not(self, action: str, parameter: str) -> str:
        card = self.card
        if action in ("compare",):
            fitting = [name for name in self._marked if self._is_language(name)]
            return "" if len(fitting) > 1 else "mark two language models or more with Space"
        if action in ("use", "mark", "train_on", "rename", "export", "forget", "remove") and self.name_here is None:
            return "there is no model"
        if action in ("use", "mark", "train_on", "export", "forget") and card is None:
            return "its folder is damaged"
        if action == "use" and self.models.folder == checkpoint.find(self.name_here or ""):
            return "it is in use"
        if action == "use" and card is not None and card.purpose in _COMMANDS:
            return f"in a terminal use tui-lm {_COMMANDS[card.purpose]}"
        if action == "train_on" and self.training.running:
            return "a training is running"
        if action == "train_on" and card is not None and card.purpose != "language":
            return "only a language model can be trained on"
        if action == "export" and card is not None and card.architecture.family != "llama":
            return "only a mini-LLaMA can be exported"
        if action in ("rename", "remove") and self._is_trained_now():
            return "it is being trained"
        return ""

    def _is_language(self, name: str) -> bool:
        card = self._cards.get(name)
        return card is not None and card.purpose == "language"

    def _is_trained_now(self) -> bool:
        training = self.training
        return (
            training.running
            and training.progress.started is not None
            and training.progress.started.name == self.name_here
        )

    @on(OptionList.OptionSelected)
    async def _selected(self) -> None:
        await self.app.run_action("use", self)

    def action_use(self) -> None:
        assert self.name_here is not None
        if self._is_language(self.name_here):
            self.models.use(checkpoint.find(self.name_here))
            self.host.show("chat")
        elif self.card is not None and self.card.purpose == "vectors":
            from tui_lm.tui.screens.word_map import WordMapScreen

            self.host.ask(WordMapScreen(checkpoint.find(self.name_here)))
        else:
            self.models.use_translator(checkpoint.find(self.name_here))
            self.host.show("translate")

    def action_mark(self) -> None:
        assert self.name_here is not None
        self._marked ^= {self.name_here}
        self._list()

    def action_train_on(self) -> None:
        assert self.name_here is not None
        self.services.trainings.base = self.name_here
        self.host.show("train")

    def action_compare(self) -> None:
        from tui_lm.tui.screens.compare import CompareScreen

        names = [name for name in self._names if name in self._marked and self._is_language(name)]
        self.host.ask(CompareScreen(names, self.models.inference, self.notices, self.settings))

    def action_rename(self) -> None:
        from tui_lm.tui.screens.question import AskScreen

        name = self.name_here
        assert name is not None

        def answered(new: str | None) -> None:
            if new is not None and new != name:
                self._do(lambda: checkpoint.rename(name, new))
                if self.models.folder == paths.models_dir() / name:
                    self.models.use(paths.models_dir() / new)
                if talk := self.session.talks.pop(name, None):
                    self.session.talks[new] = talk
                self._list()

        self.host.ask(
            AskScreen(f"A new name for {visible_line(name)}", name, wrong=partial(wrong_name, old=name)), answered
        )

    def action_remove(self) -> None:
        from tui_lm.tui.screens.question import ConfirmScreen

        name = self.name_here
        assert name is not None

        def answered(yes: bool | None) -> None:
            if yes:
                if self.models.folder == paths.models_dir() / name:
                    self.session.talks.pop(name, None)
                    self.models.use_none()
                self._do(lambda: checkpoint.remove(name))
                self._list()

        self.host.ask(ConfirmScreen(f"Remove {visible_line(name)}?", "It is deleted for good.", "Remove it"), answered)

    def action_forget(self) -> None:
        from tui_lm.completion import ngram_files
        from tui_lm.tui.screens.question import ConfirmScreen

        name = self.name_here
        assert name is not None

        def answered(yes: bool | None) -> None:
            if yes:
                self.models.drop_learned(name)
                self._do(lambda: ngram_files.forget(checkpoint.find(name)))
                self._list()

        text = "What it learned while you typed is deleted; what it learned in training stays."
        self.host.ask(ConfirmScreen(f"Let {visible_line(name)} forget?", text, "Forget"), answered)

    def action_export(self) -> None:
        from tui_lm.tui.screens.question import AskScreen
        from tui_lm.tui.widgets.path_field import Paths

        name = self.name_here
        assert name is not None

        def wrong(path: str) -> str:
            return "a file of this name exists" if Path(path).expanduser().exists() else ""

        def answered(path: str | None) -> None:
            if path is not None:
                self._export(name, Path(path).expanduser())

        hint = "A folder for Hugging Face, or a file that ends with .gguf for llama.cpp. It may repeat private text."
        self.host.ask(
            AskScreen("Write it where?", f"{name}-export", hint=hint, suggester=Paths(), wrong=wrong), answered
        )

    @work(thread=True, exit_on_error=False, group="export")
    def _export(self, name: str, path: Path) -> None:
        try:
            from tui_lm.exchange.export import export

            export(checkpoint.find(name), path, "gguf" if path.suffix == ".gguf" else "hf")
        except (TuiLmError, OSError, ImportError) as error:
            self.app.call_from_thread(self.notices.complain, error)
        else:
            said = f"{visible(name)} was written to {visible(str(path))}."
            self.app.call_from_thread(self.notify, said, markup=False)

    def _do(self, change: Callable[[], object]) -> None:
        try:
            change()
        except (TuiLmError, OSError) as error:
            self.notices.complain(error)
