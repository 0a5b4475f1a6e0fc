"""The linear branch of a classifier: logistic regression over n-grams, fitted by L-BFGS before the network is trained.

Shapes: N texts, F n-grams, L labels.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tui_lm.classification.figures import macro_f1
from tui_lm.linear.text_features import features_of
from tui_lm.linear.text_model import LinearTextModel, Vocabulary, values_of

STRENGTHS = (2.0, 7.0, 20.0)  # C of scikit-learn: the inverse of the weight of the squared norm
FEW, FOLDS = 6000, 4  # texts up to which the training part is cut into folds
MOST_TEXTS = 200_000  # that are read; of more the latest ones
MOST_NGRAMS = 1_000_000  # of one kind
ITERATIONS = 60
Vocabularies = tuple[Vocabulary, Vocabulary]
Row = tuple[NDArray[np.intp], NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Fitted:
    """A model, and the logits [M, L] of `right` [M] by models that were not fitted on those texts."""

    model: LinearTextModel
    logits: NDArray[np.float32]
    right: NDArray[np.intp]


def fit(
    texts: Sequence[str], labels: Sequence[int], valid: Sequence[str], valid_labels: Sequence[int], num_labels: int
) -> Fitted:
    """The model of the regularisation that gives unseen texts the best labels.

    Unseen are the validation texts, and where the texts are few, each training text for a model of the other folds: a
    few hundred texts decide by chance.
    """
    texts, labels = texts[-MOST_TEXTS:], labels[-MOST_TEXTS:]
    found = [features_of(text) for text in texts]
    vocabularies = _vocabulary([each[0] for each in found], 1), _vocabulary([each[1] for each in found], 2)
    size = sum(len(vocabulary.keys) for vocabulary in vocabularies)
    train = Texts(_rows(vocabularies, texts), np.array(labels), size)
    held_out = Texts(_rows(vocabularies, valid), np.array(valid_labels, dtype=int), size)
    folds = [] if len(texts) > FEW and valid else [*train.folds()]
    logits: list[NDArray[np.float32]] = []
    for part, unseen in [*folds, (train, held_out)]:
        path = _path(part, num_labels)
        logits.append(np.stack([unseen.logits(weights, bias) for weights, bias in path]))
    right = np.concatenate([*(unseen.labels for _, unseen in folds), held_out.labels])
    unseen_logits = np.concatenate(logits, axis=1)  # of each strength
    best = max(range(len(STRENGTHS)), key=lambda i: macro_f1(right, unseen_logits[i].argmax(axis=1), num_labels))
    weights, bias = path[best]
    return Fitted(LinearTextModel(vocabularies, weights.numpy(), bias.numpy()), unseen_logits[best], right)


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts as rows of `size` n-grams (indices and values), with their labels [N]."""

    rows: Sequence[Row]
    labels: NDArray[np.intp]
    size: int

    def folds(self) -> Iterator[tuple[Texts, Texts]]:
        """Each of `FOLDS` parts of the texts, after the texts of all other parts."""
        fold = np.random.default_rng(0).integers(0, FOLDS, len(self.rows))
        for number in range(FOLDS):
            yield self._of(np.flatnonzero(fold != number)), self._of(np.flatnonzero(fold == number))

    def _of(self, chosen: NDArray[np.intp]) -> Texts:
        return Texts([self.rows[i] for i in chosen], self.labels[chosen], self.size)

    def logits(self, weights: Tensor, bias: Tensor) -> NDArray[np.float32]:
        """[N, L]"""
        if not self.rows:
            return np.zeros((0, len(bias)), np.float32)
        result: NDArray[np.float32] = (self.matrices()[0] @ weights + bias).numpy()
        return result

    def matrices(self) -> tuple[Tensor, Tensor]:
        """The values as a sparse matrix [N, F], and its transpose."""
        lengths = np.array([len(indices) for indices, _ in self.rows])
        columns, values = (np.concatenate([each[part] for each in self.rows]) for part in (0, 1))
        of_text = np.repeat(np.arange(len(self.rows)), lengths)
        order = np.argsort(columns, kind="stable")
        ends = np.cumsum(np.bincount(columns, minlength=self.size))
        return (
            _sparse(np.cumsum(lengths), columns, values, (len(self.rows), self.size)),
            _sparse(ends, of_text[order], values[order], (self.size, len(self.rows))),
        )


def _path(texts: Texts, num_labels: int) -> list[tuple[Tensor, Tensor]]:
    """Weights [F, L] and bias [L] for each of `STRENGTHS`, each from the one before."""
    objective = _objective(*texts.matrices(), torch.from_numpy(texts.labels), num_labels)
    weights, bias = torch.zeros(texts.size, num_labels), torch.zeros(num_labels)
    path = []
    for strength in STRENGTHS:
        weights, bias = _fitted(objective, weights, bias, strength)
        path.append((weights, bias))
    return path


def _vocabulary(texts: Sequence[NDArray[np.uint64]], least: int) -> Vocabulary:
    """All n-grams that occur in `least` texts, or in so many that there are not too many n-grams."""
    vocabulary = Vocabulary.of(texts, least)
    while len(vocabulary.keys) > MOST_NGRAMS:
        least *= 2
        vocabulary = Vocabulary.of(texts, least)
    return vocabulary


def _rows(vocabularies: Vocabularies, texts: Sequence[str]) -> list[Row]:
    return [values_of(vocabularies, text) for text in texts]


def _sparse(
    ends: NDArray[np.integer], columns: NDArray[np.integer], values: NDArray[np.float32], shape: tuple[int, int]
) -> Tensor:
    pointers = torch.from_numpy(np.concatenate([[0], ends]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "beta state"
        return torch.sparse_csr_tensor(
            pointers, torch.from_numpy(columns), torch.from_numpy(values), shape, check_invariants=True
        )


Objective = Callable[[Tensor, Tensor, float], tuple[Tensor, Tensor, Tensor]]
"""Loss, and its gradients by the weights and by the bias, for weights, bias and strength."""


def _objective(train: Tensor, transposed: Tensor, labels: Tensor, num_labels: int) -> Objective:
    wanted = torch.nn.functional.one_hot(labels, num_labels).float()
    count = len(labels)

    def objective(weights: Tensor, bias: Tensor, strength: float) -> tuple[Tensor, Tensor, Tensor]:
        logs = (train @ weights + bias).log_softmax(dim=1)
        decay = 1 / (strength * count)
        loss = -(wanted * logs).sum() / count + decay / 2 * weights.square().sum()
        slope = (logs.exp() - wanted) / count
        return loss, transposed @ slope + decay * weights, slope.sum(dim=0)

    return objective


def _fitted(objective: Objective, weights: Tensor, bias: Tensor, strength: float) -> tuple[Tensor, Tensor]:
    """The minimum from these weights on, by L-BFGS."""
    weights, bias = weights.clone().requires_grad_(), bias.clone().requires_grad_()
    optimizer = torch.optim.LBFGS(
        [weights, bias], max_iter=ITERATIONS, history_size=8, line_search_fn="strong_wolfe", tolerance_change=1e-8
    )

    def closure() -> Tensor:
        with torch.no_grad():
            loss, weights.grad, bias.grad = objective(weights, bias, strength)
        return loss

    optimizer.step(closure)
    return weights.detach(), bias.detach()
