"""What the experiments of the lessons look at: a model by its name, or the network by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tui_lm.tokenizers.stream import WritingContext

if TYPE_CHECKING:
    from tui_lm.engine import Engine
    from tui_lm.inspection.recording import Recorder, Recording
    from tui_lm.tui.jobs.backend import Backend


@dataclass
class Shelf:
    """The networks that were opened for the lessons. Only the inference thread looks into it."""

    recorders: dict[Path | None, Recorder] = field(default_factory=dict)
    translated: dict[tuple[Path, str], Recording] = field(default_factory=dict)


@dataclass(frozen=True)
class OfLesson:
    """A text that the model in `folder` reads or translates; without a folder, the network by hand."""

    shelf: Shelf = field(compare=False)
    folder: Path | None
    text: str
    translates: bool = False
    needs_model = False

    def recording(self, model: Backend | None) -> Recording:
        from tui_lm.inspection.recording import Recorder

        if self.translates:
            return self._translated()
        recorder = self.shelf.recorders.get(self.folder)
        if recorder is None:
            recorder = self.shelf.recorders[self.folder] = Recorder(self._engine())
        engine, text = recorder.engine, self.text
        if self.folder is None:
            from tui_lm.inspection.by_hand import WORDS

            text = " ".join(word for word in text.split() if word in WORDS)
        return recorder.record(WritingContext(text, engine.me))

    def _engine(self) -> Engine:
        from tui_lm.engine import Engine

        if self.folder is not None:
            return Engine.open(self.folder)
        from tui_lm.inspection import by_hand

        return Engine(by_hand.model())

    def _translated(self) -> Recording:
        assert self.folder is not None  # of every translator
        from tui_lm import checkpoint
        from tui_lm.inspection.translations import record_translation

        key = (self.folder, self.text)
        if key not in self.shelf.translated:
            self.shelf.translated[key] = record_translation(checkpoint.load(self.folder), self.text, folder=self.folder)
        return self.shelf.translated[key]
