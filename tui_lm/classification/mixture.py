"""The mixture of a network and a linear model, chosen on validation texts.

p = w softmax(z_network / T_network) + (1 - w) softmax(z_linear / T_linear), then divided by the labels' shares of the
training part to the power of `balance` (logit adjustment, Menon et al. 2021), which gives rare labels their due.
Shapes: N texts, L labels.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tui_lm.classification.figures import accuracy, macro_f1
from tui_lm.errors import DAMAGE, TuiLmError

FILE = "mixture.json"
NUMBERS = ("network", "network_temperature", "linear_temperature", "balance")
WEIGHTS = np.linspace(0, 1, 11)
TEMPERATURES = np.geomspace(0.2, 5, 25)
BALANCES = (0.0, 0.25, 0.5, 0.75, 1.0)
WORTH = 0.002  # the gain on validation from which rare labels are favoured
Probabilities = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Mixture:
    """`network` is the weight w. `shares` [L] are those of the labels in the training part.

    `measured` are accuracy and macro-F1 on validation, in per cent, of "majority", "linear", "network" and "mixture".
    """

    network: float
    network_temperature: float
    linear_temperature: float
    balance: float
    shares: tuple[float, ...]
    measured: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def probabilities(self, network: Probabilities, linear: Probabilities) -> Probabilities:
        """Probabilities [N, L] from the logits of both parts."""
        p = self.network * softmax(network / self.network_temperature)
        p = p + (1 - self.network) * softmax(linear / self.linear_temperature)
        return self._balanced(p)

    def of_network(self, logits: Probabilities) -> Probabilities:
        """The probabilities of the network alone."""
        return self._balanced(softmax(logits / self.network_temperature))

    def of_linear(self, logits: Probabilities) -> Probabilities:
        """The probabilities of the linear model alone."""
        return self._balanced(softmax(logits / self.linear_temperature))

    def _balanced(self, p: Probabilities) -> Probabilities:
        p = p / np.asarray(self.shares) ** self.balance
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
            weight, *temperatures, balance = (float(values[name]) for name in NUMBERS)
            shares = tuple(map(float, values["shares"]))
            mixture = cls(weight, temperatures[0], temperatures[1], balance, shares, dict(values["measured"]))
            if len(mixture.shares) != labels:
                raise ValueError
        except (OSError, *DAMAGE) as error:
            raise TuiLmError(f"{FILE} of the model is missing or damaged", "train the model again") from error
        return mixture


def choose(
    right: NDArray[np.integer],
    network: Probabilities,
    linear: Probabilities,
    shares: Sequence[float],
    balance: float = 0.0,
) -> Mixture:
    """The mixture that fits the validation texts `right` [N] best, from the logits [N, L] of both parts.

    Temperatures and weight are those of the highest likelihood, which moves less by chance than a share of right
    answers does.
    """
    network_temperature, linear_temperature = (_temperature(right, logits) for logits in (network, linear))
    parts = softmax(network / network_temperature), softmax(linear / linear_temperature)
    weight = min(WEIGHTS, key=lambda w: _nats(right, w * parts[0] + (1 - w) * parts[1]))
    labels = len(shares)

    def figures(p: Probabilities) -> dict[str, float]:
        given = p.argmax(axis=1)
        found = {"accuracy": accuracy(right, given), "macro_f1": macro_f1(right, given, labels)}
        return {name: round(100 * value, 2) for name, value in found.items()}

    chosen = Mixture(float(weight), network_temperature, linear_temperature, balance, tuple(shares))
    majority = np.zeros((len(right), labels))
    majority[:, int(np.argmax(shares))] = 1
    measured = {
        "majority": figures(majority),
        "linear": figures(chosen.of_linear(linear)),
        "network": figures(chosen.of_network(network)),
        "mixture": figures(chosen.probabilities(network, linear)),
    }
    return replace(chosen, measured=measured)


def choose_balance(right: NDArray[np.integer], linear: Probabilities, shares: Sequence[float]) -> float:
    """The balance of the highest macro-F1 for the linear model's logits [M, L] of texts that it was not fitted on."""
    p = softmax(linear / _temperature(right, linear))

    def gain(balance: float) -> float:
        given = (p / np.asarray(shares) ** balance).argmax(axis=1)
        return macro_f1(right, given, len(shares)) - (WORTH if balance else 0)

    return max(BALANCES, key=gain)


def softmax(logits: Probabilities) -> Probabilities:
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    result: Probabilities = p / p.sum(axis=1, keepdims=True)
    return result


def _nats(right: NDArray[np.integer], p: Probabilities) -> float:
    return -float(np.log(np.maximum(p[np.arange(len(right)), right], 1e-9)).mean())


def _temperature(right: NDArray[np.integer], logits: Probabilities) -> float:
    return float(min(TEMPERATURES, key=lambda t: _nats(right, softmax(logits / t))))
