"""The mixture of a network and a linear model, chosen on validation texts.

p = softmax(a z_network + b z_linear), then times a factor for each label. The factors are the labels' shares of the
training part to a power from -1 to 0 (logit adjustment, Menon et al. 2021), which gives rare labels their due; or they
favour the one label whose F1 counts.

Shapes: N texts, L labels.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tui_lm.classification.figures import accuracy, f1_of, macro_f1
from tui_lm.errors import DAMAGE, TuiLmError

FILE = "mixture.json"
WEIGHTS = (0.0, *np.geomspace(0.1, 3, 18).tolist())  # of the logits of a part
BALANCES = (0.0, 0.25, 0.5, 0.75, 1.0)
FAVOURS = np.geomspace(0.5, 4, 16)
EVIDENCE = 5.0  # nats of all validation texts together by which a mixture must be better
WORTH = 0.002  # the gain on validation from which rare labels are favoured
Probabilities = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Mixture:
    """`network` and `linear` are the weights a and b; `alone` are those of each part without the other.

    `factors` [L] are those of the labels, `shares` [L] their shares of the training part.

    `measured` are accuracy and macro-F1 on validation, in per cent, of "majority", "linear", "network" and "mixture".
    """

    network: float
    linear: float
    alone: Mapping[str, float]
    factors: tuple[float, ...]
    shares: tuple[float, ...]
    measured: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def probabilities(self, network: Probabilities, linear: Probabilities) -> Probabilities:
        """Probabilities [N, L] from the logits of both parts."""
        return self._weighed(softmax(self.network * network + self.linear * linear))

    def of_network(self, logits: Probabilities) -> Probabilities:
        """The probabilities of the network alone."""
        return self._weighed(softmax(self.alone["network"] * logits))

    def of_linear(self, logits: Probabilities) -> Probabilities:
        """The probabilities of the linear model alone."""
        return self._weighed(softmax(self.alone["linear"] * logits))

    def _weighed(self, p: Probabilities) -> Probabilities:
        p = p * np.asarray(self.factors)
        result: Probabilities = p / p.sum(axis=1, keepdims=True)
        return result

    @property
    def best(self) -> str:
        """Which part had the highest macro-F1 on validation."""
        return max(("mixture", "linear", "network"), key=lambda part: self.measured.get(part, {}).get("macro_f1", 0.0))

    def save(self, folder: Path) -> None:
        (folder / FILE).write_text(json.dumps(asdict(self), indent=1), encoding="ascii")

    @classmethod
    def load(cls, folder: Path, labels: int) -> Mixture:
        """Raises TuiLmError for a file that is missing, damaged or of another number of labels."""
        try:
            values = json.loads((folder / FILE).read_text("ascii"))
            network, linear = float(values["network"]), float(values["linear"])
            alone = {part: float(values["alone"][part]) for part in ("network", "linear")}
            factors, shares = (tuple(map(float, values[name])) for name in ("factors", "shares"))
            mixture = cls(network, linear, alone, factors, shares, dict(values["measured"]))
            if (len(shares), len(factors)) != (labels, labels):
                raise ValueError
        except (OSError, *DAMAGE) as error:
            raise TuiLmError(f"{FILE} of the model is missing or damaged", "train the model again") from error
        return mixture


def choose(
    right: NDArray[np.integer],
    network: Probabilities,
    linear: Probabilities,
    shares: Sequence[float],
    factors: Sequence[float],
    scale: float,
) -> Mixture:
    """The mixture that gives the validation texts `right` [N] the highest likelihood, from logits [N, L] of both parts.

    The likelihood moves less by chance than the share of right answers does, and makes the probabilities honest. Where
    it is hardly higher than that of the linear model alone, with `scale` as its weight, the network gets no weight.
    """

    def nats(weights: tuple[float, float]) -> float:
        return _nats(right, softmax(weights[0] * network + weights[1] * linear))

    weights = min(product(WEIGHTS, WEIGHTS[1:]), key=nats)
    if len(right) * (nats((0.0, scale)) - nats(weights)) < EVIDENCE:
        weights = (0.0, scale)
    alone = {"network": scale_of(right, network), "linear": scale}
    labels = len(shares)

    def figures(p: Probabilities) -> dict[str, float]:
        given = p.argmax(axis=1)
        found = {"accuracy": accuracy(right, given), "macro_f1": macro_f1(right, given, labels)}
        return {name: round(100 * value, 2) for name, value in found.items()}

    chosen = Mixture(*weights, alone, tuple(factors), tuple(shares))
    majority = np.zeros((len(right), labels))
    majority[:, int(np.argmax(shares))] = 1
    measured = {
        "majority": figures(majority),
        "linear": figures(chosen.of_linear(linear)),
        "network": figures(chosen.of_network(network)),
        "mixture": figures(chosen.probabilities(network, linear)),
    }
    return replace(chosen, measured=measured)


def balancing(right: NDArray[np.integer], linear: Probabilities, shares: Sequence[float]) -> tuple[float, ...]:
    """The factors of the highest macro-F1 for the linear model's logits [M, L] of texts that it was not fitted on."""
    powers = {balance: tuple((np.asarray(shares) ** -balance).tolist()) for balance in BALANCES}
    p = softmax(scale_of(right, linear) * linear)

    def gain(balance: float) -> float:
        given = (p * np.asarray(powers[balance])).argmax(axis=1)
        return macro_f1(right, given, len(shares)) - (WORTH if balance else 0)

    return powers[max(BALANCES, key=gain)]


def favouring(right: NDArray[np.integer], linear: Probabilities, label: int) -> tuple[float, ...]:
    """The factors of the highest F1 of one label, likewise."""
    p = softmax(scale_of(right, linear) * linear)
    factors = [np.where(np.arange(p.shape[1]) == label, favour, 1.0) for favour in FAVOURS]
    best = max(factors, key=lambda each: f1_of(right, (p * each).argmax(axis=1), label) or 0.0)
    return tuple(best.tolist())


def softmax(logits: Probabilities) -> Probabilities:
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    result: Probabilities = p / p.sum(axis=1, keepdims=True)
    return result


def _nats(right: NDArray[np.integer], p: Probabilities) -> float:
    return -float(np.log(np.maximum(p[np.arange(len(right)), right], 1e-9)).mean())


def scale_of(right: NDArray[np.integer], logits: Probabilities) -> float:
    """The factor of the highest likelihood, one over the temperature of Guo et al. 2017."""
    return float(min(WEIGHTS[1:], key=lambda weight: _nats(right, softmax(weight * logits))))
