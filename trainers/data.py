"""Which tokens come when: one long stream of text, read at B places side by side in chunks of T tokens.

Shapes: T time, B streams. A stream goes on where its last chunk ended, so the state can be carried along.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tui_lm.corpus import Kind, Utterance
from tui_lm.tokenizers import Tokenizer
from tui_lm.tokenizers.specials import BEGIN, OTHER
from tui_lm.tokenizers.stream import message_ids

IGNORED = -100  # targets that are given, not predicted: beginnings of messages and names of authors
Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Batch:
    """`inputs` and `targets` [T, B]; `fresh` [B] says which streams begin anew, without the state before."""

    inputs: Tensor
    targets: Tensor
    fresh: Tensor


@dataclass(frozen=True, slots=True)
class TextStream:
    """The tokens of one part of a corpus, and the units that its loss is counted in."""

    ids: Ids
    units: int  # characters; for a chat one more a message, for its end
    kind: Kind
    specials: int  # ids below this are no text

    @classmethod
    def of(cls, utterances: Sequence[Utterance], tokenizer: Tokenizer, kind: Kind) -> TextStream:
        if kind == "chat":
            ids = [token for u in utterances for token in message_ids(tokenizer, u.text, u.author)]
            units = sum(len(u.text) + 1 for u in utterances)
        else:
            ids = [BEGIN, *(token for u in utterances for token in tokenizer.encode(u.text))]
            units = sum(len(u.text) for u in utterances)
        return cls(np.asarray(ids, dtype=np.int64), units, kind, len(tokenizer.specials))

    def __len__(self) -> int:
        return len(self.ids)

    def head(self, tokens: int) -> TextStream:
        """The first `tokens` of the stream."""
        return replace(self, ids=self.ids[:tokens])

    def given(self) -> NDArray[np.bool_]:
        """Where tokens stand that nobody has to predict."""
        found: NDArray[np.bool_] = (self.ids == BEGIN) | self.names()
        return found

    def predicted(self) -> int:
        return len(self.ids) - int(self.given().sum())

    def names(self) -> NDArray[np.bool_]:
        """Where the tokens of authors stand."""
        found: NDArray[np.bool_] = (self.ids >= OTHER) & (self.ids < self.specials)
        return found

    def unnamed(self, share: float, generator: np.random.Generator) -> TextStream:
        """The stream with the authors of a random `share` of the messages left out."""
        if self.kind != "chat" or not share:
            return self
        dropped = self.names() & (generator.random(len(self.ids)) < share)
        return replace(self, ids=self.ids[~dropped])

    def turned(self, offset: int) -> TextStream:
        """The stream begun at another place, so that chunks are cut differently in every epoch."""
        return replace(self, ids=np.roll(self.ids, -offset))

    def side_by_side(self, streams: int) -> tuple[Tensor, Tensor]:
        """Inputs and targets [length, streams] of contiguous text; what does not fill a row is left out."""
        length = (len(self.ids) - 1) // streams
        targets = np.where(self.given(), IGNORED, self.ids)[1 : length * streams + 1].reshape(streams, length)
        inputs = self.ids[: length * streams].reshape(streams, length)
        return torch.from_numpy(inputs.T.copy()), torch.from_numpy(targets.T.copy())

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


def fitting_chunk(tokens: int, chunk: int) -> int:
    """As long a chunk as wanted, or as a small text holds twice: an epoch leaves some authors out and is shorter."""
    return max(1, min(chunk, (tokens - 1) // 2))


def fitting_streams(tokens: int, streams: int, chunk: int) -> int:
    """As many streams as wanted, or as few as a small text fills with at least two chunks."""
    return max(1, min(streams, (tokens - 1) // (2 * chunk)))


def epoch(
    stream: TextStream, streams: int, chunk: int, reset: float, unnamed: float, generator: np.random.Generator
) -> Iterator[Batch]:
    """One pass over the text in chunks of one shape. Prose that begins anew is told so by `<s>`."""
    stream = stream.unnamed(unnamed, generator).turned(int(generator.integers(len(stream))))
    inputs, targets = stream.side_by_side(streams)
    for i, start in enumerate(range(0, len(inputs) - chunk + 1, chunk)):
        fresh = generator.random(streams) < (reset if i else 1.0)
        x = inputs[start : start + chunk]
        if stream.kind == "prose":
            x = x.clone()
            x[0, torch.from_numpy(fresh)] = BEGIN
        yield Batch(x, targets[start : start + chunk], torch.from_numpy(fresh))


def windows(
    stream: TextStream, batch: int, length: int, begin: float, unnamed: float, generator: np.random.Generator
) -> Iterator[Batch]:
    """One pass over the text in windows in random order, for networks that carry nothing from one to the next.

    A share `begin` of the windows of prose begins with `<s>`, so that a text can begin.
    """
    stream = stream.unnamed(unnamed, generator).turned(int(generator.integers(len(stream))))
    inputs, targets = (part[:length] for part in stream.side_by_side(max(1, (len(stream) - 1) // length)))
    order = torch.from_numpy(generator.permutation(inputs.shape[1]))
    batch = min(batch, len(order))
    for start in range(0, len(order) - batch + 1, batch):
        chosen = order[start : start + batch]
        x, fresh = inputs[:, chosen], torch.ones(batch, dtype=torch.bool)
        if stream.kind == "prose":
            x[0, torch.from_numpy(generator.random(batch) < begin)] = BEGIN
        yield Batch(x, targets[:, chosen], fresh)


def steps_in_epoch(stream: TextStream, streams: int, chunk: int) -> int:
    return max(1, (len(stream) - 1) // streams // chunk)
