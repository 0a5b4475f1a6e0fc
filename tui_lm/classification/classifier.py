"""A classifier ready to use: texts in, their labels and probabilities out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tui_lm import checkpoint
from tui_lm.architecture import Classifier
from tui_lm.checkpoint import Card, SavedModel
from tui_lm.classification.mixture import Mixture
from tui_lm.classification.tokens import text_ids
from tui_lm.linear.text_model import LinearTextModel
from tui_lm.runtime.classifier import ClassifierRuntime
from tui_lm.tokenizers import Tokenizer

Array = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Classified:
    """A text with its most probable label and the probability of every label."""

    text: str
    label: str
    probabilities: dict[str, float]


@dataclass(frozen=True, slots=True)
class TextClassifier:
    """`network` and `linear` give logits, `mixture` turns them into probabilities."""

    card: Card
    tokenizer: Tokenizer
    network: ClassifierRuntime
    linear: LinearTextModel
    mixture: Mixture

    @classmethod
    def open(cls, folder: Path) -> TextClassifier:
        """Raises TuiLmError for a folder that is damaged or holds no classifier."""
        model = checkpoint.load(folder)
        labels = len(model.card.labels)
        return cls.of(model, LinearTextModel.load(folder, labels), Mixture.load(folder, labels))

    @classmethod
    def of(cls, model: SavedModel, linear: LinearTextModel, mixture: Mixture) -> TextClassifier:
        assert isinstance(model.card.architecture, Classifier)
        network = ClassifierRuntime(model.card.architecture, model.weights)
        return cls(model.card, model.tokenizer, network, linear, mixture)

    @property
    def labels(self) -> tuple[str, ...]:
        return self.card.labels

    def classify(self, texts: Iterable[str], window: int = 1) -> Iterator[Classified]:
        """Each text with its label, in their order. `window` texts are read together, which is faster."""
        rest = iter(texts)
        while together := list(islice(rest, window)):
            for text, p in zip(together, self.probabilities(together), strict=True):
                by_label = {label: float(value) for label, value in zip(self.labels, p, strict=True)}
                yield Classified(text, self.labels[int(p.argmax())], by_label)

    def probabilities(self, texts: Sequence[str]) -> Array:
        """[N, L]. A network without weight is not asked."""
        if not self.mixture.network:
            linear = self._linear(texts)
            return self.mixture.probabilities(np.zeros_like(linear), linear)
        return self.mixture.probabilities(*self.parts(texts))

    def parts(self, texts: Sequence[str]) -> tuple[Array, Array]:
        """The logits [N, L] of the network and of the linear model."""
        return network_logits(self.network, self.tokenizer, texts), self._linear(texts)

    def _linear(self, texts: Sequence[str]) -> Array:
        return np.stack([self.linear.logits(text) for text in texts])


def network_logits(network: ClassifierRuntime, tokenizer: Tokenizer, texts: Sequence[str], together: int = 64) -> Array:
    """The logits [N, L] of texts, of which those of similar length are read together."""
    ids = [text_ids(tokenizer, text) for text in texts]
    order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
    logits = np.empty((len(ids), network.architecture.num_labels), np.float32)
    for at in range(0, len(order), together):
        chosen = order[at : at + together]
        logits[chosen] = network.logits([ids[i] for i in chosen])
    return logits
