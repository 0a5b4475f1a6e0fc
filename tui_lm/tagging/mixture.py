"""The mixture of a network and a linear model as one CRF, chosen on validation sentences.

The scores of words and of moves are w times the network's and 1 - w times the linear model's, and `outside` is taken
from the score of O: the most probable tags have too few entities where they are rare. Shapes: T words, K tags.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from tui_lm.errors import DAMAGE, TuiLmError
from tui_lm.runtime.cells import Array
from tui_lm.runtime.crf import Chain
from tui_lm.tagging.entities import OUTSIDE, are_bio, found, token_accuracy

FILE = "mixture.json"
WEIGHTS = (0.0, 0.2, 0.4, 0.5, 0.6, 0.8, 1.0)
OUTSIDES = (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0)


@dataclass(frozen=True, slots=True)
class Scored:
    """The scores of a sentence [T, K] by both parts."""

    network: Array
    linear: Array


@dataclass(frozen=True, slots=True)
class TagMixture:
    """`network` is the weight w. By part: `outside_alone` of each of them, and `measured` in per cent on validation."""

    network: float = 0.5
    outside: float = 0.0
    outside_alone: Mapping[str, float] = field(default_factory=dict)
    measured: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def alone(self, part: str) -> TagMixture:
        """The "network" or the "linear" model without the other."""
        return TagMixture(float(part == "network"), self.outside_alone.get(part, 0.0))

    def chain(self, network: Chain, linear: Chain) -> Chain:
        w = self.network
        return Chain(
            w * network.first + (1 - w) * linear.first,
            w * network.last + (1 - w) * linear.last,
            w * network.transitions + (1 - w) * linear.transitions,
        )

    def scores(self, scored: Scored, tags: Sequence[str]) -> Array:
        """[T, K] for the names of the K tags."""
        scores: Array = self.network * scored.network + (1 - self.network) * scored.linear
        if self.outside and OUTSIDE in tags:
            scores[:, tags.index(OUTSIDE)] -= self.outside
        return scores

    def save(self, folder: Path) -> None:
        (folder / FILE).write_text(json.dumps(asdict(self), indent=1), encoding="ascii")

    @classmethod
    def load(cls, folder: Path) -> TagMixture:
        """Raises TuiLmError for a file that is missing or damaged."""
        try:
            values = json.loads((folder / FILE).read_text("ascii"))
            alone = {str(part): float(value) for part, value in values["outside_alone"].items()}
            return cls(float(values["network"]), float(values["outside"]), alone, dict(values["measured"]))
        except (OSError, *DAMAGE) as error:
            raise TuiLmError(f"{FILE} of the model is missing or damaged", "train the model again") from error


@dataclass(frozen=True, slots=True)
class Validation:
    """Validation sentences: the right tags, the scores of both parts, and the parts' scores of moves."""

    labels: tuple[str, ...]
    right: Sequence[Sequence[str]]
    scored: Sequence[Scored]
    network: Chain
    linear: Chain

    def given(self, mixture: TagMixture) -> list[list[str]]:
        chain = mixture.chain(self.network, self.linear).allowing(self.labels)
        tags = (chain.viterbi(mixture.scores(scored, self.labels))[0] for scored in self.scored)
        return [[self.labels[tag] for tag in sentence] for sentence in tags]

    def figures(self, mixture: TagMixture) -> dict[str, float]:
        given = self.given(mixture)
        figures = {"accuracy": token_accuracy(self.right, given)}
        if are_bio(self.labels):
            figures["f1"] = found(self.right, given).f1
        return {name: round(100 * value, 2) for name, value in figures.items()}

    def choose(self) -> TagMixture:
        """The mixture of the highest entity F1, or of the highest accuracy where no tag marks entities."""
        bio = are_bio(self.labels)
        criterion = "f1" if bio else "accuracy"

        def best(mixtures: Sequence[TagMixture]) -> TagMixture:
            return max(mixtures, key=lambda mixture: self.figures(mixture)[criterion])

        def with_outside(mixture: TagMixture) -> TagMixture:
            return best([replace(mixture, outside=value) for value in OUTSIDES]) if bio else mixture

        weight = best([TagMixture(w, self._usual(w)) for w in WEIGHTS]).network
        chosen = with_outside(TagMixture(weight))
        alone = {"linear": with_outside(TagMixture(0.0)), "network": with_outside(TagMixture(1.0))}
        measured = {name: self.figures(part) for name, part in {**alone, "mixture": chosen}.items()}
        return replace(chosen, outside_alone={name: part.outside for name, part in alone.items()}, measured=measured)

    def _usual(self, weight: float) -> float:
        """An `outside` that suits most data: weights are compared with it."""
        return 1.0 if are_bio(self.labels) else 0.0
