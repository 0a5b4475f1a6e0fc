"""Canaries (Carlini et al. 2019): made-up secrets inserted into the training data.

How much more probable the model finds a canary than other secrets of the same form measures how much it memorises. A
model's card stores the seed and the number of canaries, from which they can be made again, and not their text.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

DIGIT, LETTER = "0123456789", "abcdefghijklmnopqrstuvwxyz"
# The text before the secret, and its form: # is a digit, ? a letter. Redaction finds the first form and not the second.
FORMS = (("my new number is ", "07### ######"), ("the word for the safe is ", "????????"))
REPEATS = (1, 4, 16)  # occurrences of a canary in the training data


@dataclass(frozen=True, slots=True)
class Canary:
    """The message `prefix + secret`, which is in the training data `repeats` times. `form` describes the secret."""

    prefix: str
    form: str
    secret: str
    repeats: int

    @property
    def text(self) -> str:
        return self.prefix + self.secret

    @property
    def candidates(self) -> int:
        """The number of possible secrets of this form."""
        return prod({"#": len(DIGIT), "?": len(LETTER)}.get(character, 1) for character in self.form)


def canaries(count: int, seed: int) -> list[Canary]:
    """The first `count` canaries of a seed, which cycle through the forms and the numbers of repeats."""
    chance = random.Random(f"canaries {seed}")
    made = []
    for number in range(count):
        prefix, form = FORMS[number % len(FORMS)]
        made.append(Canary(prefix, form, filled(form, chance), REPEATS[number // len(FORMS) % len(REPEATS)]))
    return made


def filled(form: str, chance: random.Random) -> str:
    """A random secret of this form."""
    drawn = {"#": DIGIT, "?": LETTER}
    return "".join(chance.choice(drawn[character]) if character in drawn else character for character in form)


def insertions(made: Sequence[Canary], length: int, seed: int) -> dict[int, list[str]]:
    """The canaries to insert before each of `length` messages, by index; the index `length` means the end."""
    chance = random.Random(f"places {seed}")  # the cards of saved models rely on this string
    found: dict[int, list[str]] = {}
    for canary in made:
        for _ in range(canary.repeats):
            found.setdefault(chance.randint(0, length), []).append(canary.text)
    return found
