"""The order of tokens in training: a stream of text, and the batches that are cut from it.

Shapes: T time (`sequence_length`), B columns (`batch_size`). Recurrent networks read B streams side by side; each goes
on where it ended in the last batch, so that the state can be carried along. Other networks read B windows. Neither the
text nor an epoch is held in memory as a whole: positions are computed from omitted tokens and offsets.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from trainers.ids import Ids
from trainers.spelling import SoftTargets
from trainers.task_settings import StreamSettings, WindowSettings
from tui_lm.source_kind import Kind
from tui_lm.tokenizers import Tokenizer
from tui_lm.tokenizers.specials import BEGIN, OTHER
from tui_lm.tokenizers.stream import message_ids
from tui_lm.utterances import Utterance

IGNORED = -100  # targets that are given and not predicted: beginnings of messages and authors
BLOCK = 1 << 18  # tokens that are prepared together
Positions = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Batch:
    """`inputs` and `targets` [T, B]; `fresh` [B] marks the columns that begin without a state.

    `soft` are what a teacher expects at each target: token ids [T, B, K], and their probabilities.
    """

    inputs: Tensor
    targets: Tensor
    fresh: Tensor
    soft: tuple[Tensor, Tensor] | None = None

    def part(self, columns: slice) -> Batch:
        """Some of the columns."""
        soft = None if self.soft is None else (self.soft[0][:, columns], self.soft[1][:, columns])
        return Batch(self.inputs[:, columns], self.targets[:, columns], self.fresh[columns], soft)


def _nothing() -> Positions:
    return np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class TextStream:
    """The tokens of one part of a corpus, and the units in which its loss is expressed.

    The stream begins at `offset` in `ids` and wraps around. `omitted` [N] holds, for each omitted token in order, the
    number of tokens before it that are not omitted.
    """

    ids: Ids
    units: int  # characters; in a chat one more per message, for its end
    kind: Kind
    specials: int  # ids below this are special tokens
    offset: int = 0
    omitted: Positions = field(default_factory=_nothing)
    soft: SoftTargets | None = None  # what a teacher expects at each of the `ids`

    @classmethod
    def of(cls, utterances: Sequence[Utterance], tokenizer: Tokenizer, kind: Kind) -> TextStream:
        units = 0

        def pieces() -> Iterator[Sequence[int]]:
            nonlocal units
            if kind != "chat":
                yield [BEGIN]
            for index, utterance in enumerate(utterances):
                units += len(utterance.text)
                if kind == "chat":
                    units += 1
                    yield message_ids(tokenizer, utterance.text, utterance.author)
                elif index and tokenizer.spaced_start:
                    yield tokenizer.encode(utterance.text.removeprefix(" "))  # encoding puts the space back
                else:
                    yield tokenizer.encode(utterance.text)

        ids = Ids.of(pieces(), tokenizer.vocab_size)
        return cls(ids, units, kind, len(tokenizer.specials))

    def __len__(self) -> int:
        return len(self.ids) - len(self.omitted)

    def head(self, tokens: int) -> TextStream:
        """The first `tokens` of a stream without omissions."""
        return replace(self, ids=self.ids.head(tokens))

    def at(self, positions: Positions) -> NDArray[np.int64]:
        """The tokens at `positions` of the stream, an array of any shape."""
        return self.ids.at(self._stored(positions))

    def _stored(self, positions: Positions) -> Positions:
        """Where the tokens at `positions` of the stream stand in `ids`."""
        found = positions + self.offset
        found -= np.where(found >= len(self), len(self), 0)
        if len(self.omitted):
            found += self.omitted.searchsorted(found, side="right")
        return found

    def predicted(self) -> int:
        """The number of tokens to predict; authors and beginnings of messages are given."""
        return sum(int((~self._given(block)).sum()) for _, block in self._blocks())

    def without_authors(self, share: float, generator: np.random.Generator) -> TextStream:
        """The stream with the authors of a random `share` of the messages omitted."""
        if self.kind != "chat" or not share:
            return self
        chosen = [_nothing()]
        for start, block in self._blocks():
            authors = np.flatnonzero(self._authors(block))
            chosen.append(start + authors[generator.random(len(authors)) < share])
        omitted = np.concatenate(chosen)
        return replace(self, omitted=omitted - np.arange(len(omitted)))

    def rotated(self, offset: int) -> TextStream:
        """The stream from another position on, so that batches are cut differently in every epoch."""
        return replace(self, offset=offset % len(self))

    def side_by_side(self, columns: int) -> tuple[Tensor, Tensor]:
        """Inputs and targets [length, columns] of contiguous text; a remainder that fills no row is omitted."""
        length = (len(self) - 1) // columns
        return self.pieces(np.arange(columns) * length, length)

    def pieces(self, starts: Positions, length: int) -> tuple[Tensor, Tensor]:
        """Inputs and targets [length, pieces] of the pieces of text that begin at `starts`."""
        tokens = self.at(starts[:, None] + np.arange(length + 1)).T.copy()
        targets = np.where(self._given(tokens), IGNORED, tokens)
        return torch.from_numpy(tokens[:-1]), torch.from_numpy(targets[1:])

    def soft_pieces(self, starts: Positions, length: int) -> tuple[Tensor, Tensor] | None:
        """Ids and probabilities [length, pieces, K] that a teacher expects at the targets of `pieces`."""
        if self.soft is None:
            return None
        stored = self._stored(starts[:, None] + np.arange(1, length + 1)).T
        ids = self.soft.ids[stored].astype(np.int64)
        return torch.from_numpy(ids), torch.from_numpy(self.soft.probabilities[stored].astype(np.float32))

    def overlapping(self, length: int) -> tuple[Tensor, Tensor]:
        """Inputs and targets [length, windows] that overlap by half.

        Only the second half of a window counts, so that each token is predicted from at least half a window.
        """
        half = max(1, length // 2)
        inputs, targets = self.side_by_side(1)
        missing = -max(0, len(inputs) - length) % half + max(0, length - len(inputs))
        inputs = torch.nn.functional.pad(inputs, (0, 0, 0, missing), value=BEGIN)
        targets = torch.nn.functional.pad(targets, (0, 0, 0, missing), value=IGNORED)
        inputs, targets = (part[:, 0].unfold(0, length, half).T.clone() for part in (inputs, targets))
        targets[: length - half, 1:] = IGNORED
        return inputs, targets

    def _blocks(self) -> Iterator[tuple[int, NDArray[np.int64]]]:
        """All ids in blocks, each with its position."""
        for start in range(0, len(self.ids), BLOCK):
            yield start, self.ids.at(slice(start, start + BLOCK))

    def _authors(self, ids: NDArray[np.int64]) -> NDArray[np.bool_]:
        """True at authors' tokens."""
        found: NDArray[np.bool_] = (ids >= OTHER) & (ids < self.specials)
        return found

    def _given(self, ids: NDArray[np.int64]) -> NDArray[np.bool_]:
        """True at tokens that are not predicted."""
        found: NDArray[np.bool_] = (ids == BEGIN) | self._authors(ids)
        return found


def fitting_sequence_length(tokens: int, length: int) -> int:
    """`length`, or less for a small text: an epoch without some authors must still hold two sequences."""
    return max(1, min(length, (tokens - 1) // 2))


def fitting_batch_size(tokens: int, batch_size: int, length: int) -> int:
    """`batch_size`, or less for a small text: each column must hold at least two sequences."""
    return max(1, min(batch_size, (tokens - 1) // (2 * length)))


def stream_batches(
    stream: TextStream, settings: StreamSettings, generator: np.random.Generator, device: str = "cpu"
) -> Iterator[Batch]:
    """One pass over the text in batches of one shape, on `device`. A column of prose that begins anew begins with
    `<s>`."""
    columns, length = settings.batch_size, settings.sequence_length
    stream = _of_epoch(stream, settings.author_dropout, generator)
    column_length = (len(stream) - 1) // columns
    starts = np.arange(columns) * column_length
    steps = range(0, column_length - length + 1, length)
    at_once = max(1, BLOCK // (columns * length))  # batches
    for block in (steps[i : i + at_once] for i in range(0, len(steps), at_once)):
        inputs, targets = stream.pieces(starts + block.start, len(block) * length)
        soft = stream.soft_pieces(starts + block.start, len(block) * length)
        fresh = torch.from_numpy(generator.random((len(block), columns)) < settings.state_reset)
        if block.start == 0:
            fresh[0] = True
        if stream.kind == "prose":
            inputs[::length][fresh] = BEGIN
        inputs, targets, fresh = (part.to(device) for part in (inputs, targets, fresh))
        if soft is None:
            yield from map(Batch, inputs.split(length), targets.split(length), fresh)
        else:
            pairs = zip(*(part.to(device).split(length) for part in soft), strict=True)
            yield from map(Batch, inputs.split(length), targets.split(length), fresh, pairs)


def window_batches(
    stream: TextStream, settings: WindowSettings, generator: np.random.Generator, device: str = "cpu"
) -> Iterator[Batch]:
    """One pass over the text in windows in random order, on `device`, for networks without a state."""
    stream = _of_epoch(stream, settings.author_dropout, generator)
    count = max(1, (len(stream) - 1) // settings.sequence_length)
    apart = (len(stream) - 1) // count
    length, columns = min(settings.sequence_length, apart), min(settings.batch_size, count)
    order = generator.permutation(count)[: count // columns * columns] * apart
    at_once = columns * max(1, BLOCK // (columns * length))  # windows
    fresh = torch.ones(columns, dtype=torch.bool, device=device)
    for block in (order[i : i + at_once] for i in range(0, len(order), at_once)):
        inputs, targets = stream.pieces(block, length)
        if stream.kind == "prose":
            inputs[0, torch.from_numpy(generator.random(len(block)) < settings.text_start)] = BEGIN
        parts = (part.to(device).split(columns, dim=1) for part in (inputs, targets))
        yield from (Batch(x, y, fresh) for x, y in zip(*parts, strict=True))


def _of_epoch(stream: TextStream, author_dropout: float, generator: np.random.Generator) -> TextStream:
    """The stream of one epoch: with some authors omitted, and cut differently than in other epochs."""
    return stream.without_authors(author_dropout, generator).rotated(int(generator.integers(len(stream))))


def steps_in_epoch(stream: TextStream, batch_size: int, length: int) -> int:
    return max(1, (len(stream) - 1) // batch_size // length)
