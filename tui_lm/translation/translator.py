"""A translator ready to use: lines in, one translation per line out, in order.

The translation of a line does not depend on the other lines: sentences in one batch do not affect each other, so
batching changes only the speed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from tui_lm import checkpoint, runtime
from tui_lm.architecture import Seq2Seq
from tui_lm.checkpoint import Card, SavedModel
from tui_lm.runtime import State
from tui_lm.tokenizers.specials import END, UNKNOWN
from tui_lm.translation.answer import Translation, cleaned, joined, spelled
from tui_lm.translation.beam import BeamOptions, Decoder, Hypothesis, search
from tui_lm.translation.sentences import split

if TYPE_CHECKING:
    from concurrent.futures import Executor

LONGEST = 100  # source tokens; longer lines are translated sentence by sentence
ROWS = 320  # hypotheses in a batch; 160 take 7 % longer
WINDOW = 1024  # lines that are sorted by length into batches


class EncoderDecoder(Decoder, Protocol):
    """A runtime that encodes sources before it decodes."""

    def encode(self, sources: Sequence[Sequence[int]]) -> State: ...


@dataclass(frozen=True, slots=True)
class _Line:
    """A line, the pieces in which it is translated, and their tokens. A blank line has no pieces."""

    source: str
    pieces: Sequence[str]
    ids: Sequence[Sequence[int]]


class Translator:
    """Translates with a model of the kind "pairs". Thread-safe."""

    def __init__(self, model: SavedModel, network: EncoderDecoder | None = None) -> None:
        self.card: Card = model.card
        self.tokenizers = model.tokenizers
        self._network: EncoderDecoder = network or cast(
            EncoderDecoder, runtime.create(model.card.architecture, model.weights)
        )
        architecture = model.card.architecture
        self.aligns = isinstance(architecture, Seq2Seq) and architecture.attention != "none"
        copies = self.aligns and not self.tokenizers.target.lossless
        may_come = {END, UNKNOWN} if copies else {END}
        self._never = [token for token in range(len(self.tokenizers.target.specials)) if token not in may_come]

    @classmethod
    def open(cls, folder: Path) -> Translator:
        return cls(checkpoint.load(folder))

    def translate(self, text: str, options: BeamOptions | None = None) -> Translation:
        return next(self.translate_many([text], options))

    def translate_many(
        self, lines: Iterable[str], options: BeamOptions | None = None, *, window: int = WINDOW, threads: int = 1
    ) -> Iterator[Translation]:
        """One translation per line, in order. `window` lines are taken at a time and sorted into batches.

        `threads` batches are searched in parallel; the translations do not depend on it.
        """
        options = options or BeamOptions()
        rest = iter(lines)
        with _executor(threads) as executor:
            while lines := list(islice(rest, window)):
                yield from self._translated([self._prepared(line) for line in lines], options, executor)

    def hypotheses(self, sources: Sequence[Sequence[int]], options: BeamOptions) -> list[list[Hypothesis]]:
        """The hypotheses, best first, of sources given as tokens that end with `</s>`."""
        return search(self._network, self._network.encode(sources), sources, options, self._never)

    def _prepared(self, line: str) -> _Line:
        text = cleaned(line)
        if not text:
            return _Line(line, (), ())
        pieces = split(text, lambda part: len(self.tokenizers.source.encode(part)), LONGEST)
        return _Line(line, pieces, [[*self.tokenizers.source.encode(piece.strip()), END] for piece in pieces])

    def _translated(
        self, lines: Sequence[_Line], options: BeamOptions, executor: Executor | None
    ) -> Iterator[Translation]:
        sources = [ids for line in lines for ids in line.ids]
        found: list[list[Hypothesis]] = [[] for _ in sources]
        batches = _batches(sources, max(1, ROWS // options.width))
        results = (executor.map if executor else map)(
            lambda batch: self.hypotheses([sources[i] for i in batch], options), batches
        )
        for batch, answers in zip(batches, results, strict=True):
            for index, hypotheses in zip(batch, answers, strict=True):
                found[index] = hypotheses
        first = 0
        for line in lines:
            yield self._line(line, found[first : first + len(line.ids)], options.answers)
            first += len(line.ids)

    def _line(self, line: _Line, found: Sequence[Sequence[Hypothesis]], answers: int) -> Translation:
        """The best translation of a line, with the next best ones in `others`."""
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
        """At most `answers` translations of a piece, all with different texts."""
        found: dict[str, Translation] = {}
        for hypothesis in hypotheses:
            answer = spelled(piece, hypothesis, self.tokenizers, source)
            found.setdefault(answer.text, answer)
            if len(found) == answers:
                break
        return list(found.values()) or [Translation(source, "")]


def _batches(sources: Sequence[Sequence[int]], size: int) -> list[list[int]]:
    """Indices of the sources in batches of similar length, the longest first, since they take the longest time."""
    order = sorted(range(len(sources)), key=lambda index: -len(sources[index]))
    return [order[i : i + size] for i in range(0, len(order), size)]


def _executor(threads: int) -> AbstractContextManager[Executor | None]:
    """A pool of threads, or None for one thread. numpy releases the GIL in BLAS, so they run in parallel."""
    if threads == 1:
        return nullcontext()
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(threads)
