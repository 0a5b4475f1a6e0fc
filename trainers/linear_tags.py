"""The linear branch of a tagger: a CRF over features of words, fitted by L-BFGS before the network is trained.

Shapes: N words of all sentences, F features, K tags, T words and B sentences of a group of similar length.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from trainers.length_batches import in_order
from tui_lm.linear.hashing import Hashes
from tui_lm.linear.tag_model import LinearTagModel
from tui_lm.linear.word_features import features_of
from tui_lm.models.crf import Crf

STRENGTHS = (1.0, 4.0)  # the inverse of the weight of the squared norm, per sentence
FEWEST = 1  # occurrences of a feature: rare ones help, most entities are new
MOST_FEATURES = 1_000_000
GROUP = 512  # sentences that are padded to one length
ITERATIONS = 60
Sentence = Sequence[str]


@dataclass(frozen=True, slots=True)
class Part:
    """Sentences as a matrix of features [N, F] with its transpose, and groups of their words' numbers."""

    features: Tensor
    transposed: Tensor
    groups: Sequence[tuple[Tensor, Tensor, Tensor]]  # rows [T, B], tags [T, B], lengths [B]

    @classmethod
    def of(cls, sentences: Sequence[Sentence], tags: Sequence[Sequence[int]], keys: Hashes) -> Part:
        rows, columns = [], []
        word = 0
        for words in sentences:
            hashes, begins = features_of(words)
            at = np.minimum(np.searchsorted(keys, hashes), len(keys) - 1)
            known = keys[at] == hashes
            sizes = np.diff([*begins, len(hashes)])
            rows.append((word + np.repeat(np.arange(len(words)), sizes))[known])
            columns.append(at[known])
            word += len(words)
        matrix = _sparse(np.concatenate(rows), np.concatenate(columns), (word, len(keys)))
        transposed = _sparse(np.concatenate(columns), np.concatenate(rows), (len(keys), word))
        return cls(matrix, transposed, _groups(tags))

    def loss(self, scores: Tensor, crf: Crf) -> Tensor:
        """-log p of all sentences, from the scores [N, K] of their words."""
        losses = [crf.loss(scores[rows], tags, lengths).sum() for rows, tags, lengths in self.groups]
        return torch.stack(losses).sum()


def fit(
    sentences: Sequence[Sentence],
    tags: Sequence[Sequence[int]],
    valid: Sequence[Sentence],
    valid_tags: Sequence[Sequence[int]],
    num_tags: int,
) -> LinearTagModel:
    """The model of the regularisation that fits the validation sentences best."""
    keys = _known(sentences)
    train = Part.of(sentences, tags, keys)
    held_out = Part.of(valid, valid_tags, keys) if valid else None
    weights, crf = torch.zeros(len(keys), num_tags), Crf(num_tags)
    best: tuple[float, LinearTagModel] | None = None
    for strength in STRENGTHS:
        weights = _fitted(train, weights, crf, 1 / strength)
        moves = (move.detach().numpy().copy() for move in (crf.first, crf.last, crf.transitions))
        model = LinearTagModel(keys, weights.numpy(), next(moves), next(moves), next(moves))
        if held_out is None:
            return model
        with torch.no_grad():
            nats = float(held_out.loss(held_out.features @ weights, crf))
        if best is not None and nats > best[0]:
            break
        best = (nats, model)
    assert best is not None
    return best[1]


def _known(sentences: Sequence[Sentence]) -> Hashes:
    keys, counts = np.unique(np.concatenate([features_of(words)[0] for words in sentences]), return_counts=True)
    least = FEWEST
    while (counts >= least).sum() > MOST_FEATURES:
        least *= 2
    known: Hashes = keys[counts >= least]
    return known


def _groups(tags: Sequence[Sequence[int]]) -> list[tuple[Tensor, Tensor, Tensor]]:
    begins = np.cumsum([0, *(len(row) for row in tags)])
    groups = []
    for chosen in in_order([*map(len, tags)], GROUP):
        rows = [torch.arange(int(begins[i]), int(begins[i + 1])) for i in chosen]
        lengths = torch.tensor([len(row) for row in rows])
        groups.append((pad_sequence(rows), pad_sequence([torch.tensor(tags[i]) for i in chosen]), lengths))
    return groups


def _sparse(rows: NDArray[np.integer], columns: NDArray[np.integer], shape: tuple[int, int]) -> Tensor:
    order = np.lexsort((columns, rows))
    ends = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=shape[0]))])
    ones = torch.ones(len(rows))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "beta state"
        return torch.sparse_csr_tensor(
            torch.from_numpy(ends), torch.from_numpy(columns[order]), ones, shape, check_invariants=False
        )


def _fitted(train: Part, weights: Tensor, crf: Crf, decay: float) -> Tensor:
    """The minimum of the loss and half of `decay` times the squared norm from these weights on. Changes `crf`."""
    weights = weights.clone().requires_grad_()
    moves = list(crf.parameters())
    optimizer = torch.optim.LBFGS(
        [weights, *moves], max_iter=ITERATIONS, history_size=8, line_search_fn="strong_wolfe", tolerance_change=1e-8
    )
    sentences = sum(group[2].shape[0] for group in train.groups)

    def closure() -> Tensor:
        optimizer.zero_grad()
        scores = (train.features @ weights.detach()).requires_grad_()
        loss = train.loss(scores, crf) / sentences
        loss.backward()
        assert scores.grad is not None
        with torch.no_grad():
            weights.grad = train.transposed @ scores.grad + decay / sentences * weights
            loss = loss + decay / (2 * sentences) * weights.square().sum()
            for move in moves:
                assert move.grad is not None
                move.grad += decay / sentences * move
                loss = loss + decay / (2 * sentences) * move.square().sum()
        return loss.detach()

    optimizer.step(closure)
    return weights.detach()
