"""What somebody wrote, one utterance after another: a list, or where that is too long for memory, a private file."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from math import isnan, nan
from typing import overload

from tui_lm.scratch import ScratchFile

IN_MEMORY = 32_000_000  # characters; as strings of a chat they take some 100 MB
BLOCK = 1 << 20  # bytes that are read together
NOBODY = -1


@dataclass(frozen=True, slots=True)
class Utterance:
    """A message of a chat, or a piece of a text (then `author` is None).

    `sent_at` is in seconds since the epoch, local times taken for UTC; None where nobody knows.
    """

    author: str | None
    text: str
    sent_at: float | None = None


def kept(utterances: Iterable[Utterance], most: int = IN_MEMORY) -> Sequence[Utterance]:
    """The utterances, to be read as often as needed: up to `most` characters in memory, more in a private file."""
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
    """Who wrote each utterance; a file is not read for that."""
    return utterances.authors() if isinstance(utterances, Spool) else (u.author for u in utterances)


def sampled(utterances: Sequence[Utterance], characters: int) -> Sequence[Utterance]:
    """All of them where they hold about so many characters or fewer, else as many, evenly spread."""
    size = utterances.size if isinstance(utterances, Spool) else sum(len(u.text) for u in utterances)
    return utterances[:: max(1, round(size / characters))]


def latest(utterances: Sequence[Utterance], characters: int) -> Sequence[Utterance]:
    """The last of them that hold about so many characters, at least one."""
    if isinstance(utterances, Spool):
        return utterances.latest(characters)
    place = len(utterances)
    while place and characters > 0:
        place -= 1
        characters -= len(utterances[place].text)
    return utterances[place:]


class Spool(Sequence[Utterance]):
    """Utterances in a file, from `first` on every `step`-th of `count`. A slice is a view of the same file."""

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
        self._ends = ends  # [N + 1] in bytes, from 0 on
        self._wrote = wrote  # [N] places in `names`
        self._times = times  # [N], NaN where there is none
        self._names = names
        self._which = which

    @classmethod
    def of(cls, utterances: Iterable[Utterance]) -> Spool:
        """Write them to a file. Raises TuiLmError on a full disk."""
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
        """Bytes of text, as UTF-8."""
        return sum(self._ends[i + 1] - self._ends[i] for i in self._which)

    def latest(self, size: int) -> Spool:
        """As `latest`, of so many bytes."""
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
        place = self._which[index]
        return next(self._read(place, place + 1))

    def __iter__(self) -> Iterator[Utterance]:
        if self._which.step != 1:
            yield from map(self.__getitem__, range(len(self)))
            return
        place, stop = self._which.start, self._which.stop
        while place < stop:
            after = max(place + 1, bisect_right(self._ends, self._ends[place] + BLOCK, place, stop + 1) - 1)
            yield from self._read(place, after)
            place = after

    def _read(self, first: int, after: int) -> Iterator[Utterance]:
        ends = self._ends[first : after + 1]
        self._scratch.file.seek(ends[0])
        data = self._scratch.file.read(ends[-1] - ends[0])
        for i, (begin, end) in enumerate(pairwise(ends), start=first):
            text = data[begin - ends[0] : end - ends[0]].decode("utf-8", "surrogatepass")
            yield Utterance(self._author(i), text, None if isnan(self._times[i]) else self._times[i])

    def _author(self, i: int) -> str | None:
        number = self._wrote[i]
        return None if number == NOBODY else self._names[number]
