"""Dialogues: short conversations with roles, read from the text files in `dialogues/`.

A file holds dialogues like this one:

    == bins-forgotten
    when: days=Tue hours=18-22 months=1-12 weight=2
    roles: A=any K=@binner B=Callum,Bea
    set: keys=B
    A: did anyone take the bins out?
    | has anybody done the bins?
    K: <sorry>, going now.
    ~ 30
    ?B: thank you {K}.

`|` starts an alternative text of the turn above it. `?` marks an optional turn, and `+` a turn that is
left out together with the optional one before it. `~ 30` is a pause of about thirty minutes. A role can
be a name, a choice of names, `any`, or `@fact` for a person that the world names. `kind=dinner` allows
one dialogue of this kind per day, and `once: 24/12/2024` sets the day of a dialogue.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

_SLOT = re.compile(r"\{\*?(?:a:)?([A-Za-z_]+)\d?\}")
_TURN = re.compile(r"^([?+])?([A-Z][a-z]*): (.*)$")


@dataclass
class Turn:
    """One turn: the speaker and the alternative texts. A pause has a number of minutes instead."""

    role: str
    ways: list[str]
    optional: bool = False
    pause: int = 0
    reply: bool = False


@dataclass
class Dialogue:
    """A conversation that can be used many times with different fillers."""

    name: str
    topic: str
    when: dict[str, str] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    sets: dict[str, str] = field(default_factory=dict)
    emoji: list[str] = field(default_factory=list)
    once: str = ""
    turns: list[Turn] = field(default_factory=list)

    @cached_property
    def slots(self) -> set[str]:
        """The names of the slots it uses, without digits; roles are not slots."""
        found = {name for turn in self.turns for way in turn.ways for name in _SLOT.findall(way)}
        return {name for name in found if len(name) > 1 and not name.endswith("_answer")}

    @property
    def weight(self) -> float:
        return float(self.when.get("weight", "1"))

    @property
    def hours(self) -> tuple[int, int]:
        first, last = self.when.get("hours", "8-22").split("-")
        return int(first), int(last)


def pairs_of(text: str) -> dict[str, str]:
    """Parses `a=b c=d` into a dictionary."""
    return dict(part.split("=", 1) for part in text.split())


def read_dialogues(folder: Path) -> list[Dialogue]:
    """Every dialogue in the folder, in a fixed order, so that a seed always gives the same chat."""
    return [d for path in sorted(folder.glob("*.txt")) for d in _read(path)]


def _read(path: Path) -> Iterator[Dialogue]:
    current: Dialogue | None = None
    emoji: list[str] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("emoji:"):
            emoji = line.split()[1:]
        elif line.startswith("== "):
            if current:
                yield current
            current = Dialogue(line[3:], path.stem, emoji=emoji)
        elif current is None:
            raise ValueError(f"{path.name}:{number}: text before the first dialogue")
        elif line.startswith("when: "):
            current.when = pairs_of(line[6:])
        elif line.startswith("roles: "):
            current.roles = pairs_of(line[7:])
        elif line.startswith("set: "):
            current.sets = pairs_of(line[5:])
        elif line.startswith("once: "):
            current.once = line[6:]
        elif line.startswith("~ "):
            current.turns.append(Turn("", [], pause=int(line[2:])))
        elif line.startswith("| "):
            current.turns[-1].ways.append(line[2:])
        elif match := _TURN.match(line):
            current.turns.append(Turn(match[2], [match[3]], optional=match[1] == "?", reply=match[1] == "+"))
        else:
            raise ValueError(f"{path.name}:{number}: not a turn: {line}")
    if current:
        yield current
