"""A tagger: words and their characters into cells of both directions, and a linear-chain CRF (Lample et al. 2016)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tui_lm.architecture.directions import Directions
from tui_lm.architecture.sizes import require_sizes
from tui_lm.cells import CELLS

CHARACTERS = 2048  # rows of the table of characters: U+0000 to U+07FF have a row each, all others share rows


@dataclass(frozen=True, slots=True)
class Tagger(Directions):
    """Many to many in step: a tag for each word.

    A word is its embedding [V, D] beside the last states of its characters [2 Hc]; characters are embedded [2048, Dc]
    and read in both directions. Words -> one layer of `hidden_size` H cells a direction, W = H or 2 H wide -> linear to
    `num_tags` K scores -> CRF: scores of the first tag, of the last one, and from tag to tag [K, K].
    """

    vocab_size: int
    num_tags: int
    dim: int
    hidden_size: int  # of each direction
    character_dim: int
    character_size: int  # Hc, of each direction
    cell: str = "lstm"
    bidirectional: bool = True
    family: Literal["tagger"] = "tagger"

    def __post_init__(self) -> None:
        require_sizes(self)
        if self.family != "tagger" or self.cell not in CELLS:
            raise ValueError(f"no such network: {self.family!r} of {self.cell!r}")

    @property
    def word_width(self) -> int:
        """The width of a word's input: its embedding and its spelling."""
        return self.dim + 2 * self.character_size

    def weights(self) -> dict[str, tuple[int, ...]]:
        """Name and shape of every weight; those of cells are named as PyTorch names them."""
        tags = self.num_tags
        shapes: dict[str, tuple[int, ...]] = {
            "embedding.weight": (self.vocab_size, self.dim),
            "characters.weight": (CHARACTERS, self.character_dim),
        }
        for way in ("", "_reverse"):
            shapes |= self.spec.weights("spelling", f"0{way}", self.character_dim, self.character_size)
        for way in self.directions:
            shapes |= self.spec.weights("rnn", f"0{way}", self.word_width, self.hidden_size)
        return shapes | {
            "head.weight": (tags, self.width),
            "head.bias": (tags,),
            "crf.first": (tags,),
            "crf.last": (tags,),
            "crf.transitions": (tags, tags),
        }

    @property
    def label(self) -> str:
        """For people: "tagger, LSTM 1 x 128, both directions, CRF"."""
        ways = "both directions" if self.bidirectional else "one direction"
        return f"tagger, {self.spec.label} 1 x {self.hidden_size}, {ways}, CRF"


def character_row(character: str) -> int:
    """The row of a character in the table of characters."""
    return ord(character) % CHARACTERS
