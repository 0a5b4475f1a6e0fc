"""Voices: the writing habits of the five people."""

from __future__ import annotations

import random
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

_WORD = re.compile(r"[A-Za-z]{5,}")
_LINK = re.compile(r"@|example\.|01632")


@dataclass
class Voice:
    """The habits of one writer. Rates are probabilities."""

    name: str
    says: dict[str, list[str]]
    swaps: list[tuple[str, str, float]] = field(default_factory=list)
    emoji: list[str] = field(default_factory=list)
    emoji_rate: float = 0.0
    topical: float = 0.4
    openers: list[str] = field(default_factory=list)
    opener_rate: float = 0.0
    closers: list[str] = field(default_factory=list)
    closer_rate: float = 0.0
    lowercase: float = 0.0
    drops_stop: float = 0.0
    drops_commas: float = 0.0
    drops_apostrophes: float = 0.0
    splits: float = 0.0
    shouts: float = 0.0
    stretches: float = 0.0
    typos: float = 0.0
    calm: bool = False
    loud: float = 0.0

    def write(self, text: str, topic_emoji: list[str], rng: random.Random) -> list[str]:
        """The text as this person would send it: one message, or several in a row."""
        if "\n" in text:
            return [self._style(text, topic_emoji, rng, listed=True)]
        parts = [text]
        if rng.random() < self.splits:
            parts = [p for p in re.split(r"(?<=[.?!]) +", text) if p]
        sent: list[str] = []
        for part in parts:
            message = self._style(part, topic_emoji if part is parts[-1] else [], rng, listed=False)
            fix = ""
            if rng.random() < self.typos and not _LINK.search(message):
                message, fix = self._slip(message, rng)
            sent.append(message)
            if fix:
                sent.append("*" + fix)
        return sent

    def _style(self, text: str, topic_emoji: list[str], rng: random.Random, listed: bool) -> str:
        for old, new, rate in self.swaps:
            text = re.sub(rf"\b{old}\b", lambda m, n=new, r=rate: _like(m[0], n, r, rng), text)
        words = len(text.split())
        if not listed and words > 4 and "?" not in text and rng.random() < self.opener_rate:
            opener = rng.choice(self.openers)
            rest = text if re.match(r"I\b|I'", text) else _lower_first(text)
            text = f"{opener} {rest}"
        if not listed and words > 3 and text[-1:] in ".!" and rng.random() < self.closer_rate:
            closer = rng.choice(self.closers)
            if closer.strip(" ,.") not in text.lower():
                text = text[:-1] + closer + ("" if closer[-1] in ".?!" else text[-1])
        if self.calm:
            text = text.replace("!", ".")
        if text.endswith(".") and not text.endswith("..") and rng.random() < self.loud:
            text = text[:-1] + "!" * rng.choice([1, 1, 2, 3])
        if rng.random() < self.shouts and not _LINK.search(text):
            text = self._shout(text, rng)
        if rng.random() < self.stretches:
            text = re.sub(
                r"\b([Ss]o|[Nn]o|[Yy]es|[Pp]lease|[Ww]hy|[Hh]ey)\b",
                lambda m: m[0] + m[0][-1] * rng.choice([2, 3, 4]),
                text,
                count=1,
            )
        if rng.random() < self.lowercase and not text.isupper():
            text = re.sub(r"\b[A-Z][a-z']*\b|\bI\b", lambda m: m[0].lower(), text)
        if rng.random() < self.drops_apostrophes:
            text = re.sub(r"(?<=[a-zA-Z])'(?=[a-zA-Z])", "", text)
        if rng.random() < self.drops_commas:
            text = re.sub(r",(?= )", "", text)
        if text.endswith(".") and not text.endswith("..") and rng.random() < self.drops_stop:
            text = text[:-1]
        if self.emoji and rng.random() < self.emoji_rate:
            choices = topic_emoji if topic_emoji and rng.random() < self.topical else self.emoji
            text += " " + rng.choice(choices) * rng.choice([1, 1, 1, 2] if self.loud else [1])
        return text

    @staticmethod
    def _shout(text: str, rng: random.Random) -> str:
        """Put one longer word, or a short message, in capitals."""
        if len(text.split()) <= 4:
            return text.upper()
        words = _WORD.findall(text)
        return text.replace(word := rng.choice(words), word.upper(), 1) if words else text

    @staticmethod
    def _slip(text: str, rng: random.Random) -> tuple[str, str]:
        """Swap two letters of a word; most typos are corrected in the next message."""
        words = [w for w in _WORD.findall(text) if w.islower()]
        if not words:
            return text, ""
        word = rng.choice(words)
        at = rng.randrange(1, len(word) - 2)
        wrong = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        if wrong == word:
            return text, ""
        return text.replace(word, wrong, 1), word if rng.random() < 0.55 else ""


def _like(old: str, new: str, rate: float, rng: random.Random) -> str:
    """`new` with the capitalisation of `old`, or `old` itself if the habit does not apply this time."""
    if rng.random() >= rate:
        return old
    return new[:1].upper() + new[1:] if old[0].isupper() and not old.startswith("I") and old != "OK" else new


def _lower_first(text: str) -> str:
    first = text.split(" ", 1)[0].strip(",.?!'s")
    proper = first in {
        "Priya",
        "Callum",
        "Marta",
        "Joel",
        "Bea",
        "Gherkin",
        "Gerald",
        "Kevin",
        "Tomasz",
        "Nkechi",
        "Mr",
        "Mrs",
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
        "Edinburgh",
        "Whitby",
        "Plot",
        "Kraków",
    }
    titled = len(text.split()) > 1 and text.split()[1][0].isupper() and not text.split()[1].startswith("I")
    return text if proper or titled or first.isupper() else text[:1].lower() + text[1:]


def read_voices(path: Path) -> dict[str, Voice]:
    """The voices by name."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    voices = {}
    for name, habits in table.items():
        habits["swaps"] = [(old, new, rate) for old, new, rate in habits.get("swaps", [])]
        voices[name] = Voice(name=name, **habits)
    return voices
