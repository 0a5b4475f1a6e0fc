"""The world of the five friends: the facts of each day, so that the chat is consistent."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta

NAMES = ["Priya", "Callum", "Marta", "Joel", "Bea"]
FIRST_DAY = date(2024, 9, 2)
LAST_DAY = date(2025, 9, 21)

_SEASONS = ["winter"] * 2 + ["spring"] * 3 + ["summer"] * 3 + ["autumn"] * 3 + ["winter"]

BIRTHDAYS = {
    "Callum": date(2024, 11, 22),
    "Bea": date(2025, 1, 30),
    "Priya": date(2025, 3, 14),
    "Marta": date(2025, 5, 3),
    "Joel": date(2025, 8, 9),
}


@dataclass(frozen=True)
class Trip:
    """A trip of the whole group."""

    place: str
    start: date
    nights: int
    transport: str
    stay: str
    sight: tuple[str, ...]

    def phase(self, day: date) -> str:
        """The phase of the plan: idea, booking, planning, packing, away, after, or nothing yet."""
        before = (self.start - day).days
        if before < -self.nights:
            return "after" if before > -self.nights - 9 else ""
        limits = [(0, "away"), (2, "packing"), (28, "planning"), (52, "booking"), (80, "idea")]
        return next((phase for limit, phase in limits if before <= limit), "")


TRIPS = [
    Trip(
        "the Peak District",
        date(2024, 11, 8),
        2,
        "train",
        "bunkhouse",
        ("the big hill", "the stepping stones", "the cave", "the pub with the fireplace"),
    ),
    Trip(
        "Edinburgh",
        date(2025, 2, 14),
        2,
        "train",
        "hostel",
        ("the castle", "the museum", "the hill with the view", "the bookshop by the bridge"),
    ),
    Trip(
        "Kraków",
        date(2025, 6, 20),
        4,
        "plane",
        "apartment",
        ("the salt mine", "the old market square", "the river path", "Marta's gran's village"),
    ),
    Trip(
        "Whitby",
        date(2025, 9, 12),
        2,
        "train",
        "cottage",
        ("the abbey", "the pier", "the chip shop", "the fossil beach"),
    ),
]


@dataclass(frozen=True)
class Match:
    """One Sunday match of five-a-side."""

    day: date
    opponent: str
    us: int
    them: int
    scorer: str

    @property
    def result(self) -> str:
        return "won" if self.us > self.them else "lost" if self.us < self.them else "drew"


class World:
    """Facts by day: the rota, the fixtures, the films, the trips, and who has the spare keys."""

    def __init__(self, rng: random.Random, opponents: list[str], films: list[str]) -> None:
        self.facts = {"keys": "Priya"}
        self.matches: list[Match] = []
        self.films: list[str] = []
        day = FIRST_DAY + timedelta(days=6)
        last = ""
        while day <= LAST_DAY + timedelta(days=7):
            last = rng.choice([o for o in opponents if o != last])
            us, them = rng.choice([0, 1, 2, 2, 3, 3, 4, 5]), rng.choice([0, 1, 1, 2, 2, 3, 4, 6])
            scorer = rng.choice(["Callum", "Callum", "Bea", "Bea", "Marta", "Tomasz", "Nkechi"])
            if us == 0:
                scorer = "nobody"
            self.matches.append(Match(day, last, us, them, scorer))
            day += timedelta(days=7)
        weeks = (LAST_DAY - FIRST_DAY).days // 7 + 2
        while len(self.films) < weeks:
            batch = films[:]
            rng.shuffle(batch)
            self.films += batch

    def season(self, day: date) -> str:
        return _SEASONS[day.month - 1]

    def trip(self, day: date) -> tuple[Trip, str] | None:
        """The most relevant trip on the day, and its phase."""
        for trip in TRIPS:
            if phase := trip.phase(day):
                return trip, phase
        return None

    def on(self, day: date) -> dict[str, str]:
        """Everything that a dialogue may mention on the day, as slots."""
        week = (day - FIRST_DAY).days // 7
        facts = {
            "season": self.season(day),
            "binner": NAMES[week % 5],
            "cleaner": NAMES[(week + 2) % 5],
            "bin": ["green", "blue"][week % 2],
            "film": self.films[week],
            "filmpicker": NAMES[(week + 1) % 5],
            "keys": self.facts["keys"],
            "today": day.strftime("%A"),
            "tomorrow": (day + timedelta(days=1)).strftime("%A"),
        }
        if day.month == 12 and 23 <= day.day <= 28:
            facts["holiday"] = "yes"
        past = [m for m in self.matches if m.day <= day]
        if past:
            match = past[-1]
            facts |= {
                "opponent": match.opponent,
                "us": str(match.us),
                "them": str(match.them),
                "scorer": match.scorer,
                "result": match.result,
            }
        ahead = [m for m in self.matches if m.day > day]
        if ahead:
            facts["nextopponent"] = ahead[0].opponent
        if current := self.trip(day):
            trip, phase = current
            facts |= {
                "trip": phase,
                "place": trip.place,
                "transport": trip.transport,
                "stay": trip.stay,
                "tripday": f"{trip.start.day} {trip.start:%B}",
                "nights": str(trip.nights),
                "sight": trip.sight[day.day % 4],
                "sightb": trip.sight[(day.day + 1) % 4],
            }
        for name, birthday in BIRTHDAYS.items():
            ahead_days = (birthday - day).days
            if ahead_days == 0:
                facts |= {"birthday": "today", "birthdayof": name}
            elif 0 < ahead_days <= 12:
                facts |= {"birthday": "soon", "birthdayof": name, "birthdate": birthday.strftime("%A")}
            elif -2 <= ahead_days < 0:
                facts |= {"birthday": "after", "birthdayof": name}
        return facts
