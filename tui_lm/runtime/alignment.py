"""Attention of a decoder over its source at inference: Bahdanau et al. 2015 and Luong et al. 2015.

Shapes: N sources, S their tokens, B hypotheses, K the most hypotheses that a source has, H hidden units. h_j are the
encoder's states, s_i the decoder's. All three mechanisms give a weighted mean of the encoder's states as context,

    c_i = sum_j a_ij h_j   with   a_ij = exp(e_ij) / sum_k exp(e_ik),

and differ in the energies e_ij. Keys and states of a source are stored once, however many hypotheses read it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_lm.architecture import Attention

Array = NDArray[np.floating]
Ids = NDArray[np.intp]
FEW = 0.5  # share of the sources that still have hypotheses, at or below which the others are removed


@dataclass(frozen=True, slots=True)
class Source:
    """N encoded source texts, padded to one length."""

    values: Array  # [N, S, H]: h_j
    keys: Array  # [N, S, H]
    padding: NDArray[np.bool_] | None  # [N, 1, S], true where there is no token; None where all are equally long

    def __len__(self) -> int:
        return len(self.values)

    def kept(self, texts: NDArray[np.bool_]) -> Source:
        """Those of the N texts where `texts` [N] is true."""
        padding = None if self.padding is None else self.padding[texts]
        return Source(self.values[texts], self.keys[texts], padding)


@dataclass(frozen=True, slots=True)
class BeamLayout:
    """How B hypotheses are arranged in a table [N, K] with a row for each source.

    With it, a source's keys are multiplied with all its hypotheses at once.
    """

    texts: Ids  # [B]: the source of each hypothesis, a row of the table
    columns: Ids  # [B]
    shape: tuple[int, int]  # N, K
    filled: bool  # every cell holds a hypothesis, in order, as in a beam search: then the table is a reshape

    @classmethod
    def of(cls, texts: Ids, size: int) -> BeamLayout:
        """The layout of hypotheses of the sources `texts` [B], where there are `size` sources."""
        counts = np.bincount(texts, minlength=size)
        widest = int(counts.max())
        order = np.argsort(texts, kind="stable")
        columns = np.empty_like(texts)
        columns[order] = np.arange(len(texts)) - np.repeat(np.cumsum(counts) - counts, counts)
        filled = len(texts) == size * widest and bool((order == np.arange(len(texts))).all())
        return cls(texts, columns, (size, widest), filled)

    def table(self, rows: Array) -> Array:
        """Rows [B, width] of hypotheses as [N, K, width]."""
        if self.filled:
            return rows.reshape(*self.shape, -1)
        table = np.zeros((*self.shape, rows.shape[1]), rows.dtype)
        table[self.texts, self.columns] = rows
        return table

    def rows(self, table: Array) -> Array:
        """Rows [B, width] of hypotheses from a table [N, K, width]."""
        if self.filled:
            return table.reshape(len(self.texts), -1)
        rows: Array = table[self.texts, self.columns]
        return rows


def select(source: Source, layout: BeamLayout, rows: Sequence[int]) -> tuple[Source, BeamLayout]:
    """The sources and the layout of the hypotheses `rows`; unused sources are removed once they are the larger part."""
    texts = layout.texts[np.asarray(rows)]
    if len(source) > 1:
        used = np.bincount(texts, minlength=len(source)) > 0
        if used.sum() <= FEW * len(source):
            source, texts = source.kept(used), (np.cumsum(used) - 1)[texts]
    return source, BeamLayout.of(texts, len(source))


class SourceAttention:
    """One of the three mechanisms, with its weights."""

    def __init__(self, kind: Attention, weights: Mapping[str, NDArray[Any]]) -> None:
        self.kind = kind
        transposed = {
            name: np.ascontiguousarray(weights[f"attention.{name}.weight"].T)
            for name in ("key", "query", "energy")
            if f"attention.{name}.weight" in weights
        }
        self._key, self._query, self._energy = (transposed.get(name) for name in ("key", "query", "energy"))

    def source(self, values: Array, padding: NDArray[np.bool_]) -> Source:
        """The encoder's states [N, S, H], with keys computed; `padding` [N, S] is true where there is no token."""
        keys = values if self._key is None else values @ self._key
        return Source(values, keys, padding[:, None] if padding.any() else None)

    def attend(
        self,
        states: Array,  # [B, H]: s_i for dot and general, s_(i-1) for bahdanau
        source: Source,
        layout: BeamLayout,
        edit: Callable[[Array], Array] | None = None,  # returns the weights [B, S] to use
    ) -> tuple[Array, Array]:
        """Contexts [B, H] and the weights a_ij [B, S].

        dot: e_ij = s_i^T h_j; general: e_ij = s_i^T W h_j (Luong et al. 2015, equations 7 and 8);
        bahdanau: e_ij = v^T tanh(W s_(i-1) + U h_j) (Bahdanau et al. 2015, section A.1.2).
        """
        if self._query is None or self._energy is None:
            energies = layout.table(states) @ source.keys.swapaxes(1, 2)
        else:
            sums = layout.table(states @ self._query)[:, :, None] + source.keys[:, None]
            energies = (np.tanh(sums, out=sums) @ self._energy)[..., 0]
        if source.padding is not None:
            np.copyto(energies, -np.inf, where=source.padding)
        energies -= energies.max(axis=2, keepdims=True)
        weights = np.exp(energies, out=energies)
        weights /= weights.sum(axis=2, keepdims=True)
        if edit is not None:
            weights = layout.table(edit(layout.rows(weights)))
        return layout.rows(weights @ source.values), layout.rows(weights)
