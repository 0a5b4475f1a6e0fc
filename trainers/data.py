"""Which tokens come when: one long stream of text, read at B places side by side in chunks of T tokens.

Shapes: T time, B streams. A stream goes on where its last chunk ended, so the state can be carried along. Neither the
text nor an epoch of it is ever held whole: what is left out and where it begins are numbers by which places are found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from trainers.ids import Ids
from tui_lm.source_kind import Kind
from tui_lm.tokenizers import Tokenizer
from tui_lm.tokenizers.specials import BEGIN, OTHER
from tui_lm.tokenizers.stream import message_ids
from tui_lm.utterances import Utterance

IGNORED = -100  # targets that are given, not predicted: beginnings of messages and names of authors
BLOCK = 1 << 18  # tokens that are made ready together
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Batch:
    """`inputs` and `targets` [T, B]; `fresh` [B] says which streams begin anew, without the state before."""

    inputs: Tensor
    targets: Tensor
    fresh: Tensor

    def part(self, columns: slice) -> Batch:
        """Some of the streams."""
        return Batch(self.inputs[:, columns], self.targets[:, columns], self.fresh[columns])


def _nothing() -> Places:
    return np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class TextStream:
    """The tokens of one part of a corpus, and the units that its loss is counted in.

    The stream begins `offset` tokens into `ids` and goes on at their beginning. `left_out` [N] says for each token
    that is left out, in order, how many that are kept come before it.
    """

    ids: Ids
    units: int  # characters; for a chat one more a message, for its end
    kind: Kind
    specials: int  # ids below this are no text
    offset: int = 0
    left_out: Places = field(default_factory=_nothing)

    @classmethod
    def of(cls, utterances: Sequence[Utterance], tokenizer: Tokenizer, kind: Kind) -> TextStream:
        units = 0

        def pieces() -> Iterator[Sequence[int]]:
            nonlocal units
            if kind != "chat":
                yield [BEGIN]
            for place, utterance in enumerate(utterances):
                units += len(utterance.text)
                if kind == "chat":
                    units += 1
                    yield message_ids(tokenizer, utterance.text, utterance.author)
                elif place and tokenizer.spaced_start:
                    yield tokenizer.encode(utterance.text.removeprefix(" "))  # encoding puts it there again
                else:
                    yield tokenizer.encode(utterance.text)

        ids = Ids.of(pieces(), tokenizer.vocab_size)
        return cls(ids, units, kind, len(tokenizer.specials))

    def __len__(self) -> int:
        return len(self.ids) - len(self.left_out)

    def head(self, tokens: int) -> TextStream:
        """The first `tokens` of a stream of which nothing is left out."""
        return replace(self, ids=self.ids.head(tokens))

    def at(self, places: Places) -> NDArray[np.int64]:
        """The tokens at `places` of the stream, an array of any shape."""
        found = places + self.offset
        found -= np.where(found >= len(self), len(self), 0)
        if len(self.left_out):
            found += self.left_out.searchsorted(found, side="right")
        return self.ids.at(found)

    def predicted(self) -> int:
        """How many tokens have to be predicted; nobody has to predict who writes, or that somebody does."""
        return sum(int((~self._given(block)).sum()) for _, block in self._blocks())

    def unnamed(self, share: float, generator: np.random.Generator) -> TextStream:
        """The stream with the authors of a random `share` of the messages left out."""
        if self.kind != "chat" or not share:
            return self
        chosen = [_nothing()]
        for start, block in self._blocks():
            names = np.flatnonzero(self._names(block))
            chosen.append(start + names[generator.random(len(names)) < share])
        dropped = np.concatenate(chosen)
        return replace(self, left_out=dropped - np.arange(len(dropped)))

    def turned(self, offset: int) -> TextStream:
        """The stream begun at another place, so that chunks are cut differently in every epoch."""
        return replace(self, offset=offset % len(self))

    def side_by_side(self, streams: int) -> tuple[Tensor, Tensor]:
        """Inputs and targets [length, streams] of contiguous text; what does not fill a row is left out."""
        length = (len(self) - 1) // streams
        return self.pieces(np.arange(streams) * length, length)

    def pieces(self, starts: Places, length: int) -> tuple[Tensor, Tensor]:
        """Inputs and targets [length, pieces] of the pieces of text that begin at `starts`."""
        tokens = self.at(starts[:, None] + np.arange(length + 1)).T.copy()
        targets = np.where(self._given(tokens), IGNORED, tokens)
        return torch.from_numpy(tokens[:-1]), torch.from_numpy(targets[1:])

    def overlapping(self, length: int) -> tuple[Tensor, Tensor]:
        """Inputs and targets [length, windows]; every second half is counted, so that each token has seen a half."""
        half = max(1, length // 2)
        inputs, targets = self.side_by_side(1)
        missing = -max(0, len(inputs) - length) % half + max(0, length - len(inputs))
        inputs = torch.nn.functional.pad(inputs, (0, 0, 0, missing), value=BEGIN)
        targets = torch.nn.functional.pad(targets, (0, 0, 0, missing), value=IGNORED)
        inputs, targets = (part[:, 0].unfold(0, length, half).T.clone() for part in (inputs, targets))
        targets[: length - half, 1:] = IGNORED
        return inputs, targets

    def _blocks(self) -> Iterator[tuple[int, NDArray[np.int64]]]:
        """All ids, some at a time, and where they stand."""
        for start in range(0, len(self.ids), BLOCK):
            yield start, self.ids.at(slice(start, start + BLOCK))

    def _names(self, ids: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Where the tokens of authors stand."""
        found: NDArray[np.bool_] = (ids >= OTHER) & (ids < self.specials)
        return found

    def _given(self, ids: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Where tokens stand that nobody has to predict."""
        found: NDArray[np.bool_] = (ids == BEGIN) | self._names(ids)
        return found


def fitting_chunk(tokens: int, chunk: int) -> int:
    """As long a chunk as wanted, or as a small text holds twice: an epoch leaves some authors out and is shorter."""
    return max(1, min(chunk, (tokens - 1) // 2))


def fitting_streams(tokens: int, streams: int, chunk: int) -> int:
    """As many streams as wanted, or as few as a small text fills with at least two chunks."""
    return max(1, min(streams, (tokens - 1) // (2 * chunk)))


def epoch(
    stream: TextStream,
    streams: int,
    chunk: int,
    reset: float,
    unnamed: float,
    generator: np.random.Generator,
    device: str = "cpu",
) -> Iterator[Batch]:
    """One pass over the text in chunks of one shape, on `device`. Prose that begins anew is told so by `<s>`."""
    stream = stream.unnamed(unnamed, generator).turned(int(generator.integers(len(stream))))
    length = (len(stream) - 1) // streams
    starts = np.arange(streams) * length
    chunks = range(0, length - chunk + 1, chunk)
    at_once = max(1, BLOCK // (streams * chunk))  # chunks
    for block in (chunks[i : i + at_once] for i in range(0, len(chunks), at_once)):
        inputs, targets = stream.pieces(starts + block.start, len(block) * chunk)
        fresh = torch.from_numpy(generator.random((len(block), streams)) < reset)
        if block.start == 0:
            fresh[0] = True
        if stream.kind == "prose":
            inputs[::chunk][fresh] = BEGIN
        inputs, targets, fresh = (part.to(device) for part in (inputs, targets, fresh))
        yield from map(Batch, inputs.split(chunk), targets.split(chunk), fresh)


def windows(
    stream: TextStream,
    batch: int,
    length: int,
    begin: float,
    unnamed: float,
    generator: np.random.Generator,
    device: str = "cpu",
) -> Iterator[Batch]:
    """One pass over the text in windows in random order, for networks that carry nothing from one to the next.

    A share `begin` of the windows of prose begins with `<s>`, so that a text can begin. They lie on `device`.
    """
    stream = stream.unnamed(unnamed, generator).turned(int(generator.integers(len(stream))))
    count = max(1, (len(stream) - 1) // length)
    apart = (len(stream) - 1) // count
    length, batch = min(length, apart), min(batch, count)
    order = generator.permutation(count)[: count // batch * batch] * apart
    at_once = batch * max(1, BLOCK // (batch * length))  # windows
    fresh = torch.ones(batch, dtype=torch.bool, device=device)
    for block in (order[i : i + at_once] for i in range(0, len(order), at_once)):
        inputs, targets = stream.pieces(block, length)
        if stream.kind == "prose":
            inputs[0, torch.from_numpy(generator.random(len(block)) < begin)] = BEGIN
        parts = (part.to(device).split(batch, dim=1) for part in (inputs, targets))
        yield from (Batch(x, y, fresh) for x, y in zip(*parts, strict=True))


def steps_in_epoch(stream: TextStream, streams: int, chunk: int) -> int:
    return max(1, (len(stream) - 1) // streams // chunk)
