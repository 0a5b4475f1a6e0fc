"""Who answers whom in a chat: a message, and those before it that lead to it.

A message follows the one before it, unless a pause longer than `GAP` lies between them: then a conversation begins. In
a channel where many write at once, people say whom they mean ("Ann: yes", "Ann, yes", "@Ann yes"): such a message
follows Ann's last one, and what Ann writes next follows it. Where that is the custom, a message that names nobody
follows the last one of its own author, or begins something new. Going back from message to message in this way leads
along one conversation among several (Elsner & Charniak 2008 call it disentanglement, and learn it).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tui_lm.tokenizers.stream import History
from tui_lm.utterances import Utterance, authors_of

GAP = 6 * 3600.0  # seconds: longer than the pauses of a conversation, shorter than a night
TURNS = 4  # of a context; messages that one author writes in a row are one
FAR = 30  # messages after which nobody is answered who is not named
BUSY, FADING = 0.15, 0.95  # the share of the latest messages that name someone, where many talk at once; its memory
NOTHING = -1  # in place of a message: none
ADDRESSED = re.compile(r"@(\S{1,40}?)[:,]?\s|([^:,\n]{1,40})[:,]\s")


@dataclass(frozen=True, slots=True)
class Reply:
    """`answer` is by somebody else than the last message of its `context`, oldest first, which has one at least."""

    context: tuple[Utterance, ...]
    answer: Utterance


class Link(NamedTuple):
    """Places of messages, or NOTHING: which one somebody has before them who begins to write, and which is meant."""

    open: int
    meant: int


def replies(utterances: Sequence[Utterance], gap: float = GAP, turns: int = TURNS) -> Iterator[Reply]:
    """All messages that answer someone, with the context of each."""
    meant = [link.meant for link in links(utterances, gap)]
    authors = list(authors_of(utterances))
    for place, last in enumerate(meant):
        if last != NOTHING and authors[last] != authors[place]:
            context = thread(meant, authors, last, turns)
            yield Reply(tuple(utterances[at] for at in context), utterances[place])


def context_of(history: History, author: str | None, turns: int = TURNS) -> list[tuple[str | None, str]]:
    """The part of `history` that leads to a message which `author` begins to write."""
    found = list(links(Utterance(*message) for message in (*history, (author, ""))))
    places = thread([link.meant for link in found], [author for author, _ in history], found[-1].open, turns)
    return [history[place] for place in places]


def thread(meant: Sequence[int], authors: Sequence[object], last: int, turns: int = TURNS) -> list[int]:
    """The places of the messages that lead to the message `last`, and its own, oldest first; of NOTHING, none."""
    places: list[int] = []
    while last != NOTHING:
        turns -= not places or authors[last] != authors[places[-1]]
        if turns < 0:
            break
        places.append(last)
        last = meant[last]
    return places[::-1]


def links(utterances: Iterable[Utterance], gap: float = GAP) -> Iterator[Link]:
    """What each message follows. Without times it is the order alone that counts."""
    channel = _Channel(gap)
    return (channel.link(utterance) for utterance in utterances)


@dataclass(slots=True)
class _Channel:
    """What is known of a channel after some messages. Messages are known by their places."""

    gap: float
    said: int = 0
    previous: Utterance | None = None
    last: dict[str | None, tuple[int, Utterance]] = field(default_factory=dict)  # by author
    people: dict[str, str | None] = field(default_factory=dict)  # who is called so, whoever wrote last
    waiting: dict[str | None, tuple[str | None, int]] = field(default_factory=dict)  # by whom someone was addressed
    partner: dict[str | None, str | None] = field(default_factory=dict)  # whom someone addressed last
    naming: float = 0.0  # the share of the latest messages that name someone

    def link(self, new: Utterance) -> Link:
        """What a message follows, the next one of the channel."""
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
        """The message that was addressed to the author and not answered yet, else the one before."""
        if new.author in self.waiting:
            by, place = self.waiting[new.author]
            if self.said - place <= FAR and self._within(self.last[by], new) != NOTHING:
                return place
        return NOTHING if self.previous is None else self._within((self.said - 1, self.previous), new)

    def _within(self, earlier: tuple[int, Utterance], later: Utterance) -> int:
        begun, ended = earlier[1].sent_at, later.sent_at
        return earlier[0] if begun is None or ended is None or ended - begun <= self.gap else NOTHING

    def _named(self, new: Utterance) -> str | None:
        """Whom a message speaks to at its beginning, one who has written here."""
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
            self.waiting[other] = author, self.said  # they went on speaking to the same
        self.waiting.pop(author, None)
        self.last[author] = self.said, new
        for name in _called(author):
            self.people[name] = author
        self.naming = FADING * self.naming + (1 - FADING) * (named is not None)
        self.previous = new
        self.said += 1


def _called(author: str | None) -> tuple[str, ...]:
    """The names by which one may speak to an author: the whole one, and the first word of it."""
    name = (author or "").strip().casefold()
    return (name, name.split()[0]) if name else ()
