"""Skip-gram and CBOW with negative sampling (Mikolov et al. 2013), for words and for fastText's n-grams, in batches.

The words of a batch are cut into blocks of `BLOCK`. All words of a block share K negatives, each with the weight
`negatives` / K: then every product is one of matrices (Ji et al. 2016), which makes this as fast as compiled code that
updates pair by pair. The expected gradient is the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import embedding_bag, logsigmoid, pad

from tui_lm.vectors.subwords import Subwords

BLOCK = 32  # words
SHARED = {"skipgram": 64, "cbow": 16}  # negatives of a block: CBOW, which predicts each word once, needs fewer
NOTHING = -1  # in place of a word, at the edges


class Drawn(NamedTuple):
    """Words [N] (a multiple of `BLOCK`, padded with `NOTHING`), the message and window of each, and noise [n, K]."""

    words: Tensor
    texts: Tensor
    reach: Tensor
    noise: Tensor


class Batch(NamedTuple):
    """n blocks of L words, each with the M = L + 2 x window words around it and K negatives.

    words [n, L], around [n, M] and noise [n, K] are ids; near [n, L, M] is 1 where a word lies in another's window.
    Words are padded with `NOTHING`.
    """

    words: Tensor
    around: Tensor
    near: Tensor
    noise: Tensor

    @classmethod
    def of(cls, drawn: Drawn, window: int) -> Batch:
        words, texts, reach, noise = drawn
        wide = BLOCK + 2 * window
        around = pad(words, (window, window), value=NOTHING).unfold(0, wide, BLOCK)
        texts_around = pad(texts, (window, window), value=NOTHING).unfold(0, wide, BLOCK)
        words = words.view(-1, BLOCK)
        distance = (torch.arange(wide) - window - torch.arange(BLOCK)[:, None]).abs()
        near = (distance <= reach.view(-1, BLOCK, 1)) & (distance > 0)
        near &= texts_around[:, None, :] == texts.view(-1, BLOCK, 1)
        near &= (around >= 0)[:, None, :] & (words >= 0)[:, :, None]
        return cls(words, around, near.float(), noise)


@dataclass(slots=True)
class Tables:
    """`inputs` [V + buckets, D]: vectors of words and n-grams; `outputs` [V, D]: vectors of predicted words."""

    inputs: Tensor
    outputs: Tensor
    grams: Subwords | None = None  # the n-grams of each word

    @classmethod
    def new(cls, words: int, buckets: int, dim: int, seed: int, grams: Subwords | None = None) -> Tables:
        generator = torch.Generator().manual_seed(seed)
        width = 1.0 if buckets else 0.5  # as fastText's and word2vec's programs begin
        inputs = (torch.rand(words + buckets, dim, generator=generator) * 2 - 1) * (width / dim)
        return cls(inputs, torch.zeros(words, dim), grams)


class Rows(NamedTuple):
    """The input rows of the distinct words of a batch: those of word i are `rows[offsets[i]:offsets[i + 1]]`."""

    offsets: Tensor
    rows: Tensor
    lengths: Tensor


def input_rows(grams: Subwords, words: NDArray[np.int64], vocabulary: int) -> Rows:
    """A word's own row and those of its n-grams."""
    lengths = grams.offsets[words + 1] - grams.offsets[words] + 1
    offsets = np.concatenate([[0], lengths.cumsum()])
    inside = np.arange(offsets[-1]) - np.repeat(offsets[:-1], lengths)
    source = np.repeat(grams.offsets[words], lengths) + inside - 1
    rows = np.where(inside == 0, np.repeat(words, lengths), grams.rows[np.maximum(source, 0)] + vocabulary)
    return Rows(torch.from_numpy(offsets), torch.from_numpy(rows), torch.from_numpy(lengths))


class _Inputs:
    """The input vectors of a batch, and the way back of their gradients. Row -1 of the batch is a zero vector."""

    def __init__(self, tables: Tables, ids: Tensor) -> None:
        self.tables, self.ids = tables, ids
        self.rows: Rows | None = None
        safe = ids.clamp(min=0)
        if tables.grams is None:
            self.vectors = tables.inputs.index_select(0, safe)
            return
        distinct, self.inverse = np.unique(safe.numpy(force=True), return_inverse=True)
        self.rows = input_rows(tables.grams, distinct, len(tables.outputs))
        mean = embedding_bag(self.rows.rows, tables.inputs, self.rows.offsets[:-1], mode="mean")
        self.vectors = mean.index_select(0, torch.from_numpy(self.inverse))

    def add(self, steps: Tensor) -> None:
        """Add steps [N, D] to the rows. Each row of a mean gets the whole step, as in fastText."""
        if self.rows is None:
            add_rows(self.tables.inputs, self.ids.clamp(min=0), steps)
            return
        distinct = torch.zeros(len(self.rows.lengths), steps.shape[1])
        add_rows(distinct, torch.from_numpy(self.inverse), steps)
        spread = distinct.repeat_interleave(self.rows.lengths, dim=0)
        add_rows(self.tables.inputs, self.rows.rows, spread)


def add_rows(table: Tensor, rows: Tensor, values: Tensor) -> None:
    """Add `values` [N, D] to rows of a table; a row that occurs twice gets both."""
    table.scatter_add_(0, rows.reshape(-1, 1).expand(-1, table.shape[1]), values.reshape(-1, table.shape[1]))


def skipgram(tables: Tables, batch: Batch, negatives: int, rate: float, *, measure: bool) -> float:
    """One step up the gradient of sum log s(u_c v_w) + negatives x E log s(-u_n v_w), over words w and contexts c.

    v are inputs, u outputs, s the logistic function. A negative that is the context word itself does not count. Returns
    the mean loss of a pair in nats if `measure`, else 0.
    """
    inputs = _Inputs(tables, batch.words.reshape(-1))
    centre = inputs.vectors.view(*batch.words.shape, -1)
    context = tables.outputs.index_select(0, batch.around.clamp(min=0).reshape(-1)).view(*batch.around.shape, -1)
    noise = tables.outputs.index_select(0, batch.noise.reshape(-1)).view(*batch.noise.shape, -1)
    counted = (batch.around[:, :, None] != batch.noise[:, None, :]).float()
    weight = torch.bmm(batch.near, counted) * (negatives / batch.noise.shape[1])
    seen, drawn = torch.bmm(centre, context.mT), torch.bmm(centre, noise.mT)
    loss = _loss(seen, batch.near, drawn, weight, batch.near.sum()) if measure else 0.0
    up, down = rate * batch.near * torch.sigmoid(-seen), -rate * weight * torch.sigmoid(drawn)
    inputs.add(torch.baddbmm(torch.bmm(up, context), down, noise).flatten(0, 1))
    add_rows(tables.outputs, batch.around.clamp(min=0), torch.bmm(up.mT, centre))
    add_rows(tables.outputs, batch.noise, torch.bmm(down.mT, centre))
    return loss


def cbow(tables: Tables, batch: Batch, negatives: int, rate: float, *, measure: bool) -> float:
    """The same for the mean of the context's inputs and the word's own output.

    As in word2vec's program each context word gets the whole gradient of the mean; the rate makes up for it.
    """
    inputs = _Inputs(tables, batch.around.reshape(-1))
    context = inputs.vectors.view(*batch.around.shape, -1)
    mean = torch.bmm(batch.near / batch.near.sum(2, keepdim=True).clamp(min=1), context)
    output = tables.outputs.index_select(0, batch.words.clamp(min=0).reshape(-1)).view_as(mean)
    noise = tables.outputs.index_select(0, batch.noise.reshape(-1)).view(*batch.noise.shape, -1)
    used = (batch.near.sum(2) > 0).float()
    counted = (batch.words[:, :, None] != batch.noise[:, None, :]).float()
    weight = counted * used[:, :, None] * (negatives / batch.noise.shape[1])
    seen, drawn = (mean * output).sum(2), torch.bmm(mean, noise.mT)
    loss = _loss(seen, used, drawn, weight, used.sum()) if measure else 0.0
    up, down = (rate * used * torch.sigmoid(-seen))[:, :, None], -rate * weight * torch.sigmoid(drawn)
    inputs.add(torch.bmm(batch.near.mT, torch.baddbmm(up * output, down, noise)).flatten(0, 1))
    add_rows(tables.outputs, batch.words.clamp(min=0), up * mean)
    add_rows(tables.outputs, batch.noise, torch.bmm(down.mT, mean))
    return loss


def _loss(seen: Tensor, near: Tensor, drawn: Tensor, weight: Tensor, pairs: Tensor) -> float:
    total = (near * logsigmoid(seen)).sum() + (weight * logsigmoid(-drawn)).sum()
    return float(-total / pairs.clamp(min=1))
