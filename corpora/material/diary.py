"""The diary: which dialogues happen on which day, with which people, and at which minute."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from .dialogue import Dialogue, Turn
from .phrase import Phrasebook
from .voice import Voice
from .world import FIRST_DAY, LAST_DAY, NAMES, World

CONVERSATIONS_A_DAY = [3, 4, 5, 5, 6]
REPLY_MINUTES = [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 4, 7]
DAYS_UNTIL_AGAIN = 28
MEDIA_SHARE = 0.004
DELETED_SHARE = 0.003
EDITED_SHARE = 0.004


@dataclass(frozen=True)
class Row:
    """One row of the chat; a system row has no author."""

    when: datetime
    author: str | None
    text: str
    source: str = ""


class Diary:
    """Generates the year, day by day."""

    def __init__(
        self, dialogues: list[Dialogue], voices: dict[str, Voice], book: Phrasebook, world: World, seed: int
    ) -> None:
        self.dialogues = dialogues
        self.voices = voices
        self.book = book
        self.world = world
        self.rng = random.Random(seed)
        self.book.pools |= {"hour": [], "clock": []}  # filled at the start of a conversation
        self._last_played: dict[str, date] = {}
        self._said: set[str] = set()
        self._way_used: dict[tuple[int, str], int] = {}

    def rows(self) -> Iterator[Row]:
        """All rows in chronological order."""
        day = FIRST_DAY
        free = datetime.combine(day, datetime.min.time())
        while day <= LAST_DAY:
            for start, dialogue, roles in self._plan(day):
                start = max(start, free + timedelta(minutes=self.rng.randint(3, 30)))
                if start.date() > day or (start.hour == 23 and start.minute > 20):
                    continue
                for row in self._play(dialogue, roles, start, self.world.on(day)):
                    yield row
                    free = max(free, row.when)
            day += timedelta(days=1)

    def _plan(self, day: date) -> list[tuple[datetime, Dialogue, dict[str, str]]]:
        """The dialogues of a day with their casts and start times."""
        facts = self.world.on(day)
        self.book.season = facts["season"]
        planned: list[tuple[datetime, Dialogue, dict[str, str]]] = []
        pinned = [d for d in self.dialogues if d.once == day.strftime("%d/%m/%Y")]
        pinned += [d for d in self.dialogues if "result" in d.when and self._fits(d, day, facts)]
        wanted = max(self.rng.choice(CONVERSATIONS_A_DAY) + (day.weekday() >= 4), len(pinned))
        topics: dict[str, int] = {}
        kinds: set[str] = set()
        while len(planned) < wanted:
            if pinned:
                dialogue = pinned.pop(0)
            else:
                options = [
                    d
                    for d in self.dialogues
                    if self._fits(d, day, facts) and topics.get(d.topic, 0) < 2 and d.when.get("kind") not in kinds
                ]
                if not options:
                    break
                weights = [d.weight * self._freshness(d, day) for d in options]
                dialogue = self.rng.choices(options, weights)[0]
            self._last_played[dialogue.name] = day
            kinds |= {dialogue.when["kind"]} if "kind" in dialogue.when else set()
            topics[dialogue.topic] = topics.get(dialogue.topic, 0) + 1
            roles = self._cast(dialogue, facts)
            if roles is None:
                continue
            for fact, role in dialogue.sets.items():
                self.world.facts[fact] = roles.get(role, role)
            first, last = dialogue.hours
            minute = self.rng.randint(first * 60, last * 60 + 50)
            start = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minute)
            planned.append((start, dialogue, roles))
        return sorted(planned, key=lambda plan: plan[0])

    def _freshness(self, dialogue: Dialogue, day: date) -> float:
        last = self._last_played.get(dialogue.name)
        if last is None:
            return 1.5
        return max(0.0, min(1.0, (day - last).days / DAYS_UNTIL_AGAIN)) ** 2 + 0.001 * (last != day)

    def _fits(self, dialogue: Dialogue, day: date, facts: dict[str, str]) -> bool:
        """Whether the facts of the day meet the dialogue's conditions."""
        if dialogue.once or self._last_played.get(dialogue.name) == day:
            return False
        if facts.get("trip") == "away" and dialogue.when.get("trip") != "away":
            return False
        if facts.get("holiday") and dialogue.topic != "smalltalk":
            return False
        if any(name not in facts and name not in self.book.pools for name in dialogue.slots):
            return False  # it mentions a fact that is not known yet, such as last Sunday's opponent
        for key, value in dialogue.when.items():
            if key in ("weight", "hours", "kind"):
                continue
            if key == "months":
                first, last = (int(m) for m in value.split("-"))
                inside = first <= day.month <= last if first <= last else day.month >= first or day.month <= last
                if not inside:
                    return False
            elif key == "days":
                if day.strftime("%a") not in value.split(","):
                    return False
            elif facts.get(key) not in value.split(","):
                return False
        return True

    def _cast(self, dialogue: Dialogue, facts: dict[str, str]) -> dict[str, str] | None:
        """Different names for the roles, or None if that is impossible today."""
        cast: dict[str, str] = {}
        wishes = {turn.role: turn.role if turn.role in NAMES else "any" for turn in dialogue.turns if turn.role}
        mentioned = {m for t in dialogue.turns for way in t.ways for m in re.findall(r"\{([A-Z])\}", way)}
        wishes |= dict.fromkeys(sorted(mentioned - wishes.keys()), "any") | dialogue.roles
        fixed_first = sorted(wishes, key=lambda r: (wishes[r] == "any", wishes[r] == "not", "," in wishes[r]))
        for role in fixed_first:
            wish = wishes[role]
            options = [facts.get(wish[1:], "")] if wish.startswith("@") else wish.split(",")
            if wish == "any":
                options = NAMES
            options = [name for name in options if name in NAMES and name not in cast.values()]
            if not options:
                return None
            cast[role] = self.rng.choice(options)
        return cast

    def _play(self, dialogue: Dialogue, roles: dict[str, str], start: datetime, facts: dict[str, str]) -> Iterator[Row]:
        """The rows of one conversation."""
        bound = facts | roles
        self.book.pools |= {"hour": spoken_hours(start), "clock": clock_times(start, self.rng)}
        now, previous, said = start, "", True
        for turn in dialogue.turns:
            if turn.pause:
                now += timedelta(minutes=self.rng.randint(turn.pause * 2 // 3, turn.pause * 3 // 2))
                continue
            if turn.optional:
                said = self.rng.random() < 0.6
            if (turn.optional or turn.reply) and not said:
                continue
            author = roles[turn.role]
            if previous:
                now += timedelta(minutes=self.rng.choice([0, 0, 1] if author == previous else REPLY_MINUTES))
            previous = author
            for number, text in enumerate(self._say(dialogue, turn, author, bound)):
                if number:
                    now += timedelta(minutes=self.rng.choice([0, 0, 0, 1]))
                yield Row(now, author, text, dialogue.name)
            if self.rng.random() < MEDIA_SHARE:
                yield Row(now, author, "<Media omitted>")
            if self.rng.random() < DELETED_SHARE:
                deleted = "You deleted this message" if author == "Marta" else "This message was deleted"
                yield Row(now, author, deleted)

    def _say(self, dialogue: Dialogue, turn: Turn, author: str, bound: dict[str, str]) -> list[str]:
        """The turn in the author's voice, rephrased if it was used before."""
        if turn.ways == ["@media"]:
            return ["<Media omitted>"]
        voice = self.voices[author]
        self.book.speaker = author
        best, trial, way, text = [""], dict(bound), turn.ways[0], ""
        for _ in range(8):
            trial = dict(bound)
            fewest = sorted(turn.ways, key=lambda way: (self._way_used.get((id(turn), way), 0), self.rng.random()))
            way = fewest[0] if self.rng.random() < 0.7 else self.rng.choice(turn.ways)
            text = self.book.expand(way, trial, voice.says, self.rng)
            if "\n" not in text and re.search(rf"\b{author}\b", text):
                continue  # nobody mentions their own name
            best = voice.write(text, dialogue.emoji, self.rng)
            if not any(message in self._said for message in best if len(message.split()) > 4):
                break
        if best == [""]:
            best = voice.write(text, dialogue.emoji, self.rng)
        self._way_used[id(turn), way] = self._way_used.get((id(turn), way), 0) + 1
        self._said.update(best)
        bound.update(trial)
        if len(best[-1].split()) > 4 and "\n" not in best[-1] and self.rng.random() < EDITED_SHARE:
            best[-1] += " <This message was edited>"
        return best


def spoken_hours(start: datetime) -> list[str]:
    """Times of day that a person would name at `start` for something a little later."""
    names = [
        "twelve",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
    ]
    hours = [min(start.hour + ahead, 23) for ahead in (1, 2, 3)]
    forms = ["{0}", "half {0}", "quarter past {0}", "quarter to {1}"]
    said = [form.format(names[h % 12], names[(h + 1) % 12]) for h in hours for form in forms]
    return said[1:] if start.minute > 40 else said


def clock_times(start: datetime, rng: random.Random) -> list[str]:
    """The same times in the form of a timetable."""
    later = [start + timedelta(minutes=rng.randint(25, 150)) for _ in range(8)]
    return [f"{moment:%H:%M}" for moment in later]


def with_system_rows(rows: list[Row], notices: list[Row]) -> list[Row]:
    """The chat with the dated notices inserted at their times."""
    merged = sorted(enumerate(notices + rows), key=lambda pair: (pair[1].when, pair[0]))
    ordered = [row for _, row in merged]
    last = ordered[0].when
    for index, row in enumerate(ordered):
        last = max(last, row.when)
        ordered[index] = replace(row, when=last)
    return ordered
