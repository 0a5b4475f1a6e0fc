"""Threads of a chat: which message answers which.

A message follows the one before it, unless the pause between them is longer than `GAP`, which starts a new thread. In
a channel where many people write at once, they name the one they answer ("Ann: yes", "Ann, yes", "@Ann yes"): such a
message follows Ann's last one, and what Ann writes next follows it. In a channel where most messages do so, one that
names nobody follows the last message of its own author, or starts a thread. Following these links back gives one thread
among several (Elsner and Charniak 2008 call this disentanglement, and learn it; here it is a rule).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tui_lm.tokenizers.stream import History
from tui_lm.utterances import Utterance, authors_of

GAP = 6 * 3600.0  # seconds: longer than a pause in a conversation, shorter than a night
TURNS = 4  # in a context; consecutive messages of one author are one turn
FAR = 30  # messages after which an answer must name whom it answers
BUSY = 0.15  # share of recent messages that name someone, above which a channel has several threads at once
FADING = 0.95  # decay per message of that share, a moving average
NOTHING = -1  # the index of no message
ADDRESSED = re.compile(r"@(\S{1,40}?)[:,]?\s|([^:,\n]{1,40})[:,]\s")


@dataclass(frozen=True, slots=True)
class Reply:
    """A message and its `context`, oldest first: one message or more, of which the last is by another author."""

    context: tuple[Utterance, ...]
    answer: Utterance


class Link(NamedTuple):
    """Indices of messages, or NOTHING: the one that `open`s an answer before its text is known, and the one `meant`."""

    open: int
    meant: int


def replies(utterances: Sequence[Utterance], gap: float = GAP, turns: int = TURNS) -> Iterator[Reply]:
    """All messages that answer another author, each with its context."""
    meant = [link.meant for link in links(utterances, gap)]
    authors = list(authors_of(utterances))
    for index, last in enumerate(meant):
        if last != NOTHING and authors[last] != authors[index]:
            context = thread(meant, authors, last, turns)
            yield Reply(tuple(utterances[i] for i in context), utterances[index])


def context_of(history: History, author: str | None, turns: int = TURNS) -> list[tuple[str | None, str]]:
    """The messages of `history` that a new message of `author` answers, oldest first."""
    found = list(links(Utterance(*message) for message in (*history, (author, ""))))
    context = thread([link.meant for link in found], [author for author, _ in history], found[-1].open, turns)
    return [history[i] for i in context]


def thread(meant: Sequence[int], authors: Sequence[object], last: int, turns: int = TURNS) -> list[int]:
    """The indices of the messages that lead to the message `last` and its own, oldest first. Empty for NOTHING."""
    indices: list[int] = []
    while last != NOTHING:
        turns -= not indices or authors[last] != authors[indices[-1]]
        if turns < 0:
            break
        indices.append(last)
        last = meant[last]
    return indices[::-1]


def links(utterances: Iterable[Utterance], gap: float = GAP) -> Iterator[Link]:
    """The link of each message. Messages without times are linked by their order alone."""
    channel = _Channel(gap)
    return (channel.link(utterance) for utterance in utterances)


@dataclass(slots=True)
class _Channel:
    """What is known about a channel after a number of messages, which are identified by their index."""

    gap: float
    said: int = 0  # messages so far
    previous: Utterance | None = None
    last: dict[str | None, tuple[int, Utterance]] = field(default_factory=dict)  # by author: index and message
    people: dict[str, str | None] = field(default_factory=dict)  # by name: the author, the latest if several share it
    # By an author who was named and has not written since: who named them, and the index of that message.
    waiting: dict[str | None, tuple[str | None, int]] = field(default_factory=dict)
    partner: dict[str | None, str | None] = field(default_factory=dict)  # by author: whom they named last
    naming: float = 0.0  # moving average of the share of messages that name someone

    def link(self, new: Utterance) -> Link:
        """The link of the next message of the channel."""
        author, named = new.author, self._named(new)
        opened = self._open(new)
        meant = opened
        if named is not None:
            meant = self._within(self.last[named], new)
        elif self.naming > BUSY and author not in self.waiting:
            meant = self._within(self.last[author], new) if author in self.last else NOTHING
        self._note(new, named)
        return Link(opened, meant)

    def _open(self, new: Utterance) -> int:
        """The unanswered message that names the author, else the previous message."""
        if new.author in self.waiting:
            by, index = self.waiting[new.author]
            if self.said - index <= FAR and self._within(self.last[by], new) != NOTHING:
                return index
        return NOTHING if self.previous is None else self._within((self.said - 1, self.previous), new)

    def _within(self, earlier: tuple[int, Utterance], later: Utterance) -> int:
        """The index of `earlier`, or NOTHING if the pause between the two is longer than the gap."""
        begun, ended = earlier[1].sent_at, later.sent_at
        return earlier[0] if begun is None or ended is None or ended - begun <= self.gap else NOTHING

    def _named(self, new: Utterance) -> str | None:
        """The author, already seen in the channel, whom the message names at its beginning."""
        found = ADDRESSED.match(new.text)
        if found is None:
            return None
        person = self.people.get((found[1] or found[2]).strip().casefold())
        return None if person == new.author else person

    def _note(self, new: Utterance, named: str | None) -> None:
        author = new.author
        if named is not None:
            self.waiting[named] = author, self.said
            self.partner[author] = named
        elif (other := self.partner.get(author)) is not None and self.waiting.get(other, (None,))[0] == author:
            self.waiting[other] = author, self.said  # still unanswered: the author adds to the question
        self.waiting.pop(author, None)
        self.last[author] = self.said, new
        for name in _called(author):
            self.people[name] = author
        self.naming = FADING * self.naming + (1 - FADING) * (named is not None)
        self.previous = new
        self.said += 1


def _called(author: str | None) -> tuple[str, ...]:
    """The names by which others may address an author: the full name, and its first word."""
    name = (author or "").strip().casefold()
    return (name, name.split()[0]) if name else ()
