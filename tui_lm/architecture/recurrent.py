"""A stack of recurrent cells."""

from __future__ import annotations

from dataclasses import dataclass

from tui_lm.architecture.sizes import require_sizes
from tui_lm.cells import CELLS, CellSpec


@dataclass(frozen=True, slots=True)
class Recurrent:
    """A language model of recurrent cells; `family` is a name in `tui_lm.cells.CELLS`.

    embedding [V, D] -> num_layers layers of hidden_size H cells -> RMSNorm where `norm` -> linear to V logits.
    With `tie_embeddings` the last layer's weight is the embedding; then dim = hidden_size. `authors` is the number of
    tokens that name an author, from `[other]` on: the vector [D] of the author is added to the embedding of every token
    of their message. None where messages have no author, or the author is told by the token alone.
    """

    family: str
    vocab_size: int
    dim: int
    hidden_size: int
    num_layers: int = 1
    norm: bool = True
    tie_embeddings: bool = False
    authors: int | None = None

    def __post_init__(self) -> None:
        if self.family not in CELLS:
            raise ValueError(f"no such family: {self.family!r}")
        require_sizes(self)
        if self.authors is not None and not (type(self.authors) is int and 1 <= self.authors <= self.vocab_size):
            raise ValueError(f"authors must be between 1 and {self.vocab_size}, not {self.authors!r}")
        if self.tie_embeddings and self.dim != self.hidden_size:
            raise ValueError("tied embeddings need dim = hidden_size")

    def weights(self) -> dict[str, tuple[int, ...]]:
        """Name and shape of every weight; a cell's weights are named as PyTorch names them."""
        shapes: dict[str, tuple[int, ...]] = {"embedding.weight": (self.vocab_size, self.dim)}
        if self.authors is not None:
            shapes["author.weight"] = (self.authors, self.dim)
        for layer in range(self.num_layers):
            inputs = self.dim if layer == 0 else self.hidden_size
            shapes |= self.spec.weights("rnn", f"{layer}", inputs, self.hidden_size)
        if self.norm:
            shapes["norm.weight"] = (self.hidden_size,)
        if not self.tie_embeddings:
            shapes["head.weight"] = (self.vocab_size, self.hidden_size)
        shapes["head.bias"] = (self.vocab_size,)
        return shapes

    @property
    def spec(self) -> CellSpec:
        return CELLS[self.family]

    @property
    def label(self) -> str:
        """For people: "LSTM 1 x 512"."""
        return f"{self.spec.label} {self.num_layers} x {self.hidden_size}"
