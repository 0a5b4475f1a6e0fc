"""The lexicon: verbs with their objects, nouns with their forms, adjectives with the nouns that they fit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Noun:
    en: str
    en_plural: str
    hi: str
    oblique: str
    plural: str
    oblique_plural: str
    gender: str
    kinds: frozenset[str]


@dataclass(frozen=True)
class Adjective:
    en: str
    comparative: str
    superlative: str
    hi: str
    kind: str


@dataclass(frozen=True)
class Action:
    """A verb with its object: "drink tea", चाय पी. An empty object is an intransitive verb."""

    base: str
    third: str
    past: str
    ing: str
    participle: str
    en_object: str
    hi_object: str
    gender: str
    plural: bool
    stem: str
    perfective: str
    ergative: bool

    def en(self, form: str) -> str:
        """The English verb in the given form, with its object."""
        return f"{getattr(self, form)} {self.en_object}".strip()

    def hi(self, verb: str) -> str:
        """The Hindi object before a finished verb form."""
        return f"{self.hi_object} {verb}".strip()


def _rows(name: str) -> Iterator[list[str]]:
    for line in (HERE / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield [field.strip() for field in line.split("\t")]


def read_nouns() -> list[Noun]:
    return [Noun(*row[:7], frozenset(row[7].split())) for row in _rows("nouns.tsv")]


def read_adjectives() -> list[Adjective]:
    return [Adjective(*row) for row in _rows("adjectives.tsv")]


def read_actions() -> list[Action]:
    actions = []
    for forms, stem, perfective, ne, *rest in _rows("verbs.tsv"):
        base, third, past, ing, participle = forms.split("/")
        for entry in (rest[0] if rest else "").split(";"):
            en, _, hi = entry.strip().partition("=")
            hi, _, agreement = hi.partition(":")
            actions.append(
                Action(
                    base,
                    third,
                    past,
                    ing,
                    participle,
                    en,
                    hi,
                    (agreement or "m")[0],
                    agreement.endswith("p"),
                    stem,
                    perfective,
                    ne == "ne",
                )
            )
    return actions


def read_phrases() -> list[tuple[str, str]]:
    """The hand-written everyday phrases."""
    return [(row[0], row[1]) for row in _rows("phrases.tsv")]
