"""A sequence of utterances, in a list, or in a private file if it is too long for memory."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from math import isnan, nan
from typing import overload

from tui_lm.scratch import ScratchFile

IN_MEMORY = 32_000_000  # characters; as the strings of a chat they take about 100 MB
BLOCK = 1 << 20  # bytes per read
NOBODY = -1  # no author


@dataclass(frozen=True, slots=True)
class Utterance:
    """A message of a chat, or a piece of a text, which has no author.

    `sent_at` is in seconds since the epoch, with local times read as UTC, or None if it is unknown.
    """

    author: str | None
    text: str
    sent_at: float | None = None


def kept(utterances: Iterable[Utterance], most: int = IN_MEMORY) -> Sequence[Utterance]:
    """The utterances as a sequence: in memory up to `most` characters, else in a private file."""
    held: list[Utterance] = []
    characters = 0
    rest = iter(utterances)
    for utterance in rest:
        held.append(utterance)
        characters += len(utterance.text)
        if characters > most:
            return Spool.of(chain(held, rest))
    return held


def authors_of(utterances: Sequence[Utterance]) -> Iterator[str | None]:
    """The author of each utterance. This does not read the text from a file."""
    return utterances.authors() if isinstance(utterances, Spool) else (u.author for u in utterances)


def sampled(utterances: Sequence[Utterance], characters: int) -> Sequence[Utterance]:
    """About this many characters of the utterances, evenly spread; all of them if they are shorter."""
    size = utterances.size if isinstance(utterances, Spool) else sum(len(u.text) for u in utterances)
    return utterances[:: max(1, round(size / characters))]


def latest(utterances: Sequence[Utterance], characters: int) -> Sequence[Utterance]:
    """The last utterances, about this many characters in all, at least one utterance."""
    if isinstance(utterances, Spool):
        return utterances.latest(characters)
    first = len(utterances)
    while first and characters > 0:
        first -= 1
        characters -= len(utterances[first].text)
    return utterances[first:]


class Spool(Sequence[Utterance]):
    """Utterances in a file: those with the numbers `which`. A slice is another view of the same file."""

    def __init__(
        self,
        scratch: ScratchFile,
        ends: Sequence[int],
        wrote: Sequence[int],
        times: Sequence[float],
        names: Sequence[str],
        which: range,
    ) -> None:
        self._scratch = scratch
        self._ends = ends  # [N + 1] offsets in bytes, the first is 0
        self._wrote = wrote  # [N] indices into `names`, or NOBODY
        self._times = times  # [N] in seconds, NaN if unknown
        self._names = names
        self._which = which

    @classmethod
    def of(cls, utterances: Iterable[Utterance]) -> Spool:
        """Write utterances to a file. Raises TuiLmError if the disk is full."""
        ends, wrote, times, names = array("q", [0]), array("i"), array("d"), dict[str, int]()
        scratch = ScratchFile()
        for utterance in utterances:
            data = utterance.text.encode("utf-8", "surrogatepass")
            scratch.write(data)
            ends.append(ends[-1] + len(data))
            author = utterance.author
            wrote.append(NOBODY if author is None else names.setdefault(author, len(names)))
            times.append(nan if utterance.sent_at is None else utterance.sent_at)
        return cls(scratch, ends, wrote, times, list(names), range(len(wrote)))

    @property
    def size(self) -> int:
        """Bytes of text in UTF-8."""
        return sum(self._ends[i + 1] - self._ends[i] for i in self._which)

    def latest(self, size: int) -> Spool:
        """The last utterances, about `size` bytes in all: see the function of this name."""
        if not len(self):
            return self
        last = self._which[-1]
        first = bisect_right(self._ends, self._ends[last + 1] - size, 0, last + 1) - 1
        return self[max(0, (first - self._which.start) // self._which.step) :]

    def authors(self) -> Iterator[str | None]:
        return (self._author(i) for i in self._which)

    def __len__(self) -> int:
        return len(self._which)

    @overload
    def __getitem__(self, index: int) -> Utterance: ...
    @overload
    def __getitem__(self, index: slice) -> Spool: ...
    def __getitem__(self, index: int | slice) -> Utterance | Spool:
        if isinstance(index, slice):
            return Spool(self._scratch, self._ends, self._wrote, self._times, self._names, self._which[index])
        number = self._which[index]
        return next(self._read(number, number + 1))

    def __iter__(self) -> Iterator[Utterance]:
        if self._which.step != 1:
            yield from map(self.__getitem__, range(len(self)))
            return
        first, stop = self._which.start, self._which.stop
        while first < stop:
            after = max(first + 1, bisect_right(self._ends, self._ends[first] + BLOCK, first, stop + 1) - 1)
            yield from self._read(first, after)
            first = after

    def _read(self, first: int, after: int) -> Iterator[Utterance]:
        """The utterances `first` to `after` - 1 of the file, in one read."""
        ends = self._ends[first : after + 1]
        self._scratch.file.seek(ends[0])
        data = self._scratch.file.read(ends[-1] - ends[0])
        for i, (begin, end) in enumerate(pairwise(ends), start=first):
            text = data[begin - ends[0] : end - ends[0]].decode("utf-8", "surrogatepass")
            yield Utterance(self._author(i), text, None if isnan(self._times[i]) else self._times[i])

    def _author(self, i: int) -> str | None:
        number = self._wrote[i]
        return None if number == NOBODY else self._names[number]
