"""What a decoder reads of its source while it runs: the attention of Bahdanau 2015 and of Luong 2015.

Shapes: N sources, S their tokens, B hypotheses, K places for the hypotheses of a source, H hidden units. h_j are the
encoder's states, s_i the decoder's. All three mechanisms read a context that is a mean of the encoder's states,

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
FEW = 0.5  # of the sources still read: below this share the others are let go


@dataclass(frozen=True, slots=True)
class Source:
    """What an encoder has read: N texts side by side."""

    values: Array  # [N, S, H]: h_j
    keys: Array  # [N, S, H]
    padding: NDArray[np.bool_] | None  # [N, 1, S], true where there is no token; None where all are equally long

    def __len__(self) -> int:
        return len(self.values)

    def kept(self, texts: NDArray[np.bool_]) -> Source:
        padding = None if self.padding is None else self.padding[texts]
        return Source(self.values[texts], self.keys[texts], padding)


@dataclass(frozen=True, slots=True)
class Places:
    """Which source each of B hypotheses reads, and its place in a table [N, K] of the hypotheses of every source."""

    texts: Ids  # [B]
    columns: Ids  # [B]
    shape: tuple[int, int]
    filled: bool  # no place is empty and all are in order, as in a beam search: then the table is a reshape

    @classmethod
    def of(cls, texts: Ids, size: int) -> Places:
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
        """The other way round."""
        if self.filled:
            return table.reshape(len(self.texts), -1)
        rows: Array = table[self.texts, self.columns]
        return rows


def select(source: Source, places: Places, rows: Sequence[int]) -> tuple[Source, Places]:
    """What `rows` of the hypotheses read; sources that none of them reads are let go when they have become many."""
    texts = places.texts[np.asarray(rows)]
    if len(source) > 1:
        read = np.bincount(texts, minlength=len(source)) > 0
        if read.sum() <= FEW * len(source):
            source, texts = source.kept(read), (np.cumsum(read) - 1)[texts]
    return source, Places.of(texts, len(source))


class Alignment:
    """The energies of one mechanism."""

    def __init__(self, kind: Attention, weights: Mapping[str, NDArray[Any]]) -> None:
        self.kind = kind
        transposed = {
            name: np.ascontiguousarray(weights[f"attention.{name}.weight"].T)
            for name in ("key", "query", "energy")
            if f"attention.{name}.weight" in weights
        }
        self._key, self._query, self._energy = (transposed.get(name) for name in ("key", "query", "energy"))

    def source(self, values: Array, padding: NDArray[np.bool_]) -> Source:
        """The encoder's states [N, S, H] and where they are padding [N, S], made ready to be read."""
        keys = values if self._key is None else values @ self._key
        return Source(values, keys, padding[:, None] if padding.any() else None)

    def attend(
        self, states: Array, source: Source, places: Places, edit: Callable[[Array], Array] | None = None
    ) -> tuple[Array, Array]:
        """Contexts [B, H] of the decoder's states [B, H], and the weights a_ij [B, S].

        dot: e_ij = s_i^T h_j; general: e_ij = s_i^T W h_j (Luong et al. 2015, equations 7 and 8, with the step's own
        state); bahdanau: e_ij = v^T tanh(W s_(i-1) + U h_j) (Bahdanau et al. 2015, section A.1.2, with the state
        before the step, which is what `states` then holds). `edit` may put other weights in the place of these.
        """
        if self._query is None or self._energy is None:
            energies = places.table(states) @ source.keys.swapaxes(1, 2)
        else:
            sums = places.table(states @ self._query)[:, :, None] + source.keys[:, None]
            energies = (np.tanh(sums, out=sums) @ self._energy)[..., 0]
        if source.padding is not None:
            np.copyto(energies, -np.inf, where=source.padding)
        energies -= energies.max(axis=2, keepdims=True)
        weights = np.exp(energies, out=energies)
        weights /= weights.sum(axis=2, keepdims=True)
        if edit is not None:
            weights = places.table(edit(places.rows(weights)))
        return places.rows(weights @ source.values), places.rows(weights)
