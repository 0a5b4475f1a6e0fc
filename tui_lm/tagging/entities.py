"""Entities in a sequence of tags, and their F1 as seqeval and conlleval count it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

OUTSIDE = "O"
Entity = tuple[int, int, str]
"""First word, word after the last one, type."""


def are_bio(tags: Sequence[str]) -> bool:
    """Whether a set of tags marks entities."""
    return any(tag[:2] in ("B-", "I-") for tag in tags)


def entities(tags: Sequence[str]) -> Iterator[Entity]:
    """The entities of a sentence. An I-X that continues nothing begins an entity."""
    begin, kind = 0, ""
    for at, tag in enumerate([*tags, OUTSIDE]):
        prefix, _, own = tag.partition("-")
        continues = bool(kind) and prefix == "I" and own == kind
        if kind and not continues:
            yield begin, at, kind
            kind = ""
        if not continues and prefix in ("B", "I") and own:
            begin, kind = at, own


@dataclass(slots=True)
class Found:
    """Entities that were right, that were given, and that should have been."""

    right: int = 0
    given: int = 0
    wanted: int = 0

    @property
    def precision(self) -> float:
        return self.right / self.given if self.given else 0.0

    @property
    def recall(self) -> float:
        return self.right / self.wanted if self.wanted else 0.0

    @property
    def f1(self) -> float:
        total = self.given + self.wanted
        return 2 * self.right / total if total else 0.0


def found(wanted: Sequence[Sequence[str]], given: Sequence[Sequence[str]]) -> Found:
    """The entities of all sentences, of all types together (micro-averaged)."""
    total = Found()
    for one, other in zip(wanted, given, strict=True):
        right, ours = set(entities(one)), set(entities(other))
        total.right += len(right & ours)
        total.given += len(ours)
        total.wanted += len(right)
    return total


def by_type(wanted: Sequence[Sequence[str]], given: Sequence[Sequence[str]]) -> dict[str, Found]:
    """The same for each type, most frequent first."""
    counts: Counter[str] = Counter(kind for tags in wanted for _, _, kind in entities(tags))
    by_kind = {kind: Found() for kind, _ in counts.most_common()}
    for one, other in zip(wanted, given, strict=True):
        right, ours = set(entities(one)), set(entities(other))
        for name, which in (("right", right & ours), ("given", ours), ("wanted", right)):
            for _, _, kind in which:
                each = by_kind.setdefault(kind, Found())
                setattr(each, name, getattr(each, name) + 1)
    return by_kind


def token_accuracy(wanted: Sequence[Sequence[str]], given: Sequence[Sequence[str]]) -> float:
    """The share of words with the right tag."""
    pairs = [pair for one, other in zip(wanted, given, strict=True) for pair in zip(one, other, strict=True)]
    return sum(one == other for one, other in pairs) / max(1, len(pairs))
