"""Vectors from a singular value decomposition of positive pointwise mutual information (Levy, Goldberg & Dagan 2015).

On small texts it is as good as word2vec or better. The decomposition is the randomized one of Halko, Martinsson & Tropp
(2011): a step is one multiplication by the matrix and its transpose, and a few of them suffice.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from trainers.vectors.cooccurrence import Counts, cooccurrences, linear
from trainers.vectors.settings import PpmiSettings
from trainers.vectors.text import WordStream


def ppmi(counts: Counts, size: int, noise_exponent: float, shift: float) -> Counts:
    """max(0, log(#(w, c) #() / #(w) #(c)^a) - log shift), where it is above 0."""
    of_word = np.bincount(counts.rows, counts.values, size)
    of_context = np.bincount(counts.columns, counts.values, size) ** noise_exponent
    share = of_context / of_context.sum()
    values = np.log(counts.values / (of_word[counts.rows] * share[counts.columns])) - np.log(shift)
    kept = values > 0
    return Counts(counts.rows[kept], counts.columns[kept], values[kept])


def ppmi_matrix(stream: WordStream, settings: PpmiSettings) -> Tensor:
    """The sparse matrix [V, V] of a text. Frequent words count less, by the share of them that word2vec would keep."""
    kept = stream.kept_share(settings.subsampling)
    found = cooccurrences(stream, settings.window, linear(settings.window))
    found = found._replace(values=found.values * kept[found.rows] * kept[found.columns])
    size = len(stream.counts)
    found = ppmi(found, size, settings.noise_exponent, settings.shift)
    places = torch.from_numpy(np.stack([found.rows, found.columns]))
    values = torch.from_numpy(found.values).float()
    return torch.sparse_coo_tensor(places, values, (size, size), check_invariants=False).coalesce()


def transposed(matrix: Tensor) -> Tensor:
    return matrix.t().coalesce()


def first_basis(matrix: Tensor, rank: int, seed: int) -> Tensor:
    """An orthonormal basis [V, rank] of the image of random directions."""
    random = torch.randn(matrix.shape[1], rank, generator=torch.Generator().manual_seed(seed))
    return torch.linalg.qr(matrix @ random).Q


def better_basis(matrix: Tensor, turned: Tensor, basis: Tensor) -> Tensor:
    """The basis after one power iteration, which favours the directions of large singular values."""
    other = torch.linalg.qr(turned @ basis).Q
    return torch.linalg.qr(matrix @ other).Q


def decomposed(turned: Tensor, basis: Tensor, dim: int) -> tuple[Tensor, Tensor]:
    """The `dim` largest singular values, and their left singular vectors [V, dim]."""
    left, values, _ = torch.linalg.svd((turned @ basis).T, full_matrices=False)
    return basis @ left[:, :dim], values[:dim]
