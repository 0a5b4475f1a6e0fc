"""The linear branch of a classifier: logistic regression over n-grams, fitted by L-BFGS before the network is trained.

Shapes: N texts, F n-grams, L labels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tui_lm.linear.text_features import features_of
from tui_lm.linear.text_model import LinearTextModel, Vocabulary, values_of

STRENGTHS = (1.0, 3.0, 10.0, 30.0)  # C of scikit-learn: the inverse of the weight of the squared norm
WITHOUT_VALIDATION = 10.0
MOST_TEXTS = 200_000  # that are read; of more the latest ones
MOST_NGRAMS = 1_000_000  # of one kind
ITERATIONS = 60
Vocabularies = tuple[Vocabulary, Vocabulary]


def fit(
    texts: Sequence[str], labels: Sequence[int], valid: Sequence[str], valid_labels: Sequence[int], num_labels: int
) -> LinearTextModel:
    """The model of the regularisation that fits the validation texts best."""
    texts, labels = texts[-MOST_TEXTS:], labels[-MOST_TEXTS:]
    found = [features_of(text) for text in texts]
    words = _vocabulary([each[0] for each in found], 1)
    characters = _vocabulary([each[1] for each in found], 2)
    vocabularies = (words, characters)
    size = len(words.keys) + len(characters.keys)
    train, transposed = _matrices(vocabularies, texts, size)
    objective = _objective(train, transposed, torch.tensor(labels), num_labels)
    weights, bias = torch.zeros(size, num_labels), torch.zeros(num_labels)
    if not valid:
        weights, bias = _fitted(objective, weights, bias, WITHOUT_VALIDATION)
        return LinearTextModel(vocabularies, weights.numpy(), bias.numpy())
    held_out, right = _matrices(vocabularies, valid, size)[0], torch.tensor(valid_labels)
    best = (np.inf, weights, bias)
    for strength in STRENGTHS:
        weights, bias = _fitted(objective, weights, bias, strength)
        nats = float(torch.nn.functional.cross_entropy(held_out @ weights + bias, right))
        if nats > best[0]:
            break
        best = (nats, weights, bias)
    return LinearTextModel(vocabularies, best[1].numpy(), best[2].numpy())


def _vocabulary(texts: Sequence[NDArray[np.uint64]], least: int) -> Vocabulary:
    """All n-grams that occur in `least` texts, or in so many that there are not too many n-grams."""
    vocabulary = Vocabulary.of(texts, least)
    while len(vocabulary.keys) > MOST_NGRAMS:
        least *= 2
        vocabulary = Vocabulary.of(texts, least)
    return vocabulary


def _matrices(vocabularies: Vocabularies, texts: Sequence[str], size: int) -> tuple[Tensor, Tensor]:
    """The values of the texts as a sparse matrix [N, F], and its transpose."""
    rows = [values_of(vocabularies, text) for text in texts]
    lengths = np.array([len(indices) for indices, _ in rows])
    columns, values = (np.concatenate([each[part] for each in rows]) for part in (0, 1))
    of_text = np.repeat(np.arange(len(texts)), lengths)
    order = np.argsort(columns, kind="stable")
    ends = np.cumsum(np.bincount(columns, minlength=size))
    return (
        _sparse(np.cumsum(lengths), columns, values, (len(texts), size)),
        _sparse(ends, of_text[order], values[order], (size, len(texts))),
    )


def _sparse(
    ends: NDArray[np.integer], columns: NDArray[np.integer], values: NDArray[np.float32], shape: tuple[int, int]
) -> Tensor:
    pointers = torch.from_numpy(np.concatenate([[0], ends]))
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
