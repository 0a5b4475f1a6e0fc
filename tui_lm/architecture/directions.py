"""What a classifier and a tagger share: recurrent cells that read a text in one direction, or in both."""

from __future__ import annotations

from tui_lm.cells import CELLS, CellSpec


class Directions:
    """A base of dataclasses with these fields."""

    __slots__ = ()
    cell: str
    hidden_size: int  # of each direction
    bidirectional: bool

    @property
    def spec(self) -> CellSpec:
        return CELLS[self.cell]

    @property
    def directions(self) -> tuple[str, ...]:
        """The endings of the weights' names, as PyTorch has them."""
        return ("", "_reverse") if self.bidirectional else ("",)

    @property
    def width(self) -> int:
        """The width of a state, both directions together."""
        return self.hidden_size * len(self.directions)
