"""Jobs that compare models on one text: what it costs each of them, and how each of them answers it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from textual.message import Message

from tui_lm import checkpoint
from tui_lm.tokenizers.stream import WritingContext
from tui_lm.tui.jobs.inference import InferenceJob

if TYPE_CHECKING:
    from tui_lm.engine import Engine
    from tui_lm.settings import Settings


@dataclass
class Compared(Message):
    revision: int
    name: str
    bits_per_char: float | None


@dataclass
class Answered(Message):
    """The next piece of the answer of the model `name`; the first one says who writes."""

    revision: int
    name: str
    author: str | None
    text: str


@dataclass(frozen=True)
class Compare(InferenceJob):
    """Price the text with each model in turn. `engines` caches loaded ones; only the inference thread uses it."""

    lasting: ClassVar[bool] = True
    names: tuple[str, ...]
    text: str
    engines: dict[str, Any]

    def run(self, model: Any) -> Iterator[Message]:
        from tui_lm.corpus import Utterance
        from tui_lm.evaluation.bits import price

        for name in self.names:
            engine = _engine(name, self.engines)
            yield Compared(self.revision, name, price(engine, [Utterance(engine.me, self.text)]).bits_per_char)


@dataclass(frozen=True)
class AnswerSideBySide(InferenceJob):
    """Let each model answer the same message, one after another, with the same sampling. Prose is continued."""

    lasting: ClassVar[bool] = True
    names: tuple[str, ...]
    text: str
    settings: Settings
    engines: dict[str, Any]

    def run(self, model: Any) -> Iterator[Message]:
        from tui_lm.sampling import Sampler

        for name in self.names:
            engine = _engine(name, self.engines)
            context = self._context(engine)
            yield Answered(self.revision, name, context.author, "")
            seed = None if self.settings.seed < 0 else self.settings.seed
            for token in engine.stream(context, sampler=Sampler.from_settings(self.settings), seed=seed):
                yield Answered(self.revision, name, context.author, token.text)

    def _context(self, engine: Engine) -> WritingContext:
        if engine.kind != "chat":
            return WritingContext(self.text)
        me = engine.me or next(iter(engine.authors), None)
        other = next((author for author in engine.authors if author != me), me)
        return WritingContext("", other, ((me, self.text),))


def _engine(name: str, engines: dict[str, Any]) -> Engine:
    from tui_lm.engine import Engine

    if name not in engines:
        engines[name] = Engine.open(checkpoint.find(name))
    engine: Engine = engines[name]
    return engine
