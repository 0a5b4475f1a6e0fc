"""A translator ready to use: lines in, translations out, one for one and in order, whatever stands in the lines.

A line gives the same translation alone, among others and from a file: sentences that share a batch do not see each
other, and how lines are batched decides only how fast they come.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from tui_lm import checkpoint, runtime
from tui_lm.checkpoint import Card, SavedModel
from tui_lm.runtime import State
from tui_lm.tokenizers.specials import END, UNKNOWN
from tui_lm.translation.answer import Translation, cleaned, joined, spelled
from tui_lm.translation.beam import BeamOptions, Decoder, Hypothesis, search
from tui_lm.translation.sentences import split

if TYPE_CHECKING:
    from concurrent.futures import Executor

LONGEST = 100  # source tokens; a longer line is translated sentence by sentence
ROWS = 320  # hypotheses that are followed together; 160 take 7 % longer
WINDOW = 1024  # lines among which those of like length share a batch


class Reader(Decoder, Protocol):
    """A runtime that reads sources before it answers."""

    def encode(self, sources: Sequence[Sequence[int]]) -> State: ...


@dataclass(frozen=True, slots=True)
class _Line:
    """A line, and the pieces in which it is translated, with their tokens; a blank line has none."""

    source: str
    pieces: Sequence[str]
    ids: Sequence[Sequence[int]]


class Translator:
    """Needs a model folder of the kind "pairs". Several threads may use one."""

    def __init__(self, model: SavedModel, reader: Reader | None = None) -> None:
        self.card: Card = model.card
        self.tokenizer = model.tokenizer
        self.source_tokenizer = model.source_tokenizer or model.tokenizer
        self._reader: Reader = reader or cast(Reader, runtime.create(model.card.architecture, model.weights))
        self.aligns = getattr(model.card.architecture, "attention", "none") != "none"
        copies = self.aligns and not self.tokenizer.lossless
        may_come = {END, UNKNOWN} if copies else {END}
        self._never = [token for token in range(len(self.tokenizer.specials)) if token not in may_come]

    @classmethod
    def open(cls, folder: Path) -> Translator:
        return cls(checkpoint.load(folder))

    def translate(self, text: str, options: BeamOptions | None = None) -> Translation:
        return next(self.translate_many([text], options))

    def translate_many(
        self, lines: Iterable[str], options: BeamOptions | None = None, *, window: int = WINDOW, threads: int = 1
    ) -> Iterator[Translation]:
        """A translation a line, in order. `window` lines are read before their translations come, and not more.

        More threads than one search as many batches at a time; what comes is the same.
        """
        options = options or BeamOptions()
        rest = iter(lines)
        with _executor(threads) as executor:
            while lines := list(islice(rest, window)):
                yield from self._translated([self._prepared(line) for line in lines], options, executor)

    def hypotheses(self, sources: Sequence[Sequence[int]], options: BeamOptions) -> list[list[Hypothesis]]:
        """The answers to sources given as tokens with their `</s>`, best first."""
        return search(self._reader, self._reader.encode(sources), sources, options, self._never)

    def _prepared(self, line: str) -> _Line:
        text = cleaned(line)
        if not text:
            return _Line(line, (), ())
        pieces = split(text, lambda part: len(self.source_tokenizer.encode(part)), LONGEST)
        return _Line(line, pieces, [[*self.source_tokenizer.encode(piece.strip()), END] for piece in pieces])

    def _translated(
        self, lines: Sequence[_Line], options: BeamOptions, executor: Executor | None
    ) -> Iterator[Translation]:
        sources = [ids for line in lines for ids in line.ids]
        found: list[list[Hypothesis]] = [[] for _ in sources]
        batches = _batches(sources, max(1, ROWS // options.width))
        results = (executor.map if executor else map)(
            lambda batch: self.hypotheses([sources[place] for place in batch], options), batches
        )
        for batch, answers in zip(batches, results, strict=True):
            for place, hypotheses in zip(batch, answers, strict=True):
                found[place] = hypotheses
        first = 0
        for line in lines:
            yield self._line(line, found[first : first + len(line.ids)], options.answers)
            first += len(line.ids)

    def _line(self, line: _Line, found: Sequence[Sequence[Hypothesis]], answers: int) -> Translation:
        """The best translation of a line, with the others that were asked for."""
        if not line.ids:
            return Translation(line.source, "")
        ranked = [
            self._distinct(line.source, piece.strip(), hypotheses, answers)
            for piece, hypotheses in zip(line.pieces, found, strict=True)
        ]
        best, *others = (
            joined(line.source, line.pieces, [answers[min(rank, len(answers) - 1)] for answers in ranked])
            for rank in range(max(map(len, ranked)))
        )
        return replace(best, others=tuple(others))

    def _distinct(self, source: str, piece: str, hypotheses: Sequence[Hypothesis], answers: int) -> list[Translation]:
        """At most `answers` translations of a piece, none of which reads like another."""
        found: dict[str, Translation] = {}
        for hypothesis in hypotheses:
            answer = spelled(piece, hypothesis, self.tokenizer, self.source_tokenizer, source)
            found.setdefault(answer.text, answer)
            if len(found) == answers:
                break
        return list(found.values()) or [Translation(source, "")]


def _batches(sources: Sequence[Sequence[int]], size: int) -> list[list[int]]:
    """The places of all sources, those of like length together, the longest first: they take the longest time."""
    order = sorted(range(len(sources)), key=lambda place: -len(sources[place]))
    return [order[i : i + size] for i in range(0, len(order), size)]


def _executor(threads: int) -> AbstractContextManager[Executor | None]:
    """Threads, which BLAS lets run side by side; they are loaded by those alone who want some."""
    if threads == 1:
        return nullcontext()
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(threads)
