"""Canaries (Carlini et al. 2019): made-up secrets that are put among the messages a model learns from.

How much likelier than its like a canary then is to the model tells how much the model memorises. A model's card keeps
the seed and the number, from which they are made again; it does not keep their text.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

DIGIT, LETTER = "0123456789", "abcdefghijklmnopqrstuvwxyz"
# Before the secret, and what it is made of: # a digit, ? a letter. Redaction knows the first form and not the second.
FORMS = (("my new number is ", "07### ######"), ("the word for the safe is ", "????????"))
REPEATS = (1, 4, 16)  # how often a canary stands in the training part


@dataclass(frozen=True, slots=True)
class Canary:
    """A message `prefix + secret` that stands in the training part `repeats` times; `form` is that of the secret."""

    prefix: str
    form: str
    secret: str
    repeats: int

    @property
    def text(self) -> str:
        return self.prefix + self.secret

    @property
    def candidates(self) -> int:
        """How many secrets of this form there are."""
        return prod({"#": len(DIGIT), "?": len(LETTER)}.get(character, 1) for character in self.form)


def canaries(count: int, seed: int) -> list[Canary]:
    """The canaries of a seed, forms and repetitions in turn."""
    chance = random.Random(f"canaries {seed}")
    made = []
    for place in range(count):
        prefix, form = FORMS[place % len(FORMS)]
        made.append(Canary(prefix, form, filled(form, chance), REPEATS[place // len(FORMS) % len(REPEATS)]))
    return made


def filled(form: str, chance: random.Random) -> str:
    """A secret of this form."""
    drawn = {"#": DIGIT, "?": LETTER}
    return "".join(chance.choice(drawn[character]) if character in drawn else character for character in form)


def insertions(made: Sequence[Canary], length: int, seed: int) -> dict[int, list[str]]:
    """The canaries to insert before each of `length` messages, by its index; the index `length` is the end."""
    chance = random.Random(f"places {seed}")
    found: dict[int, list[str]] = {}
    for canary in made:
        for _ in range(canary.repeats):
            found.setdefault(chance.randint(0, length), []).append(canary.text)
    return found
