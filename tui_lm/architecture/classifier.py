"""A classifier: cells in one direction or both, pooled into one vector a text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from tui_lm.architecture.directions import Directions
from tui_lm.architecture.sizes import require_sizes
from tui_lm.cells import CELLS

Pooling = Literal["last", "mean", "max", "attention"]


@dataclass(frozen=True, slots=True)
class Classifier(Directions):
    """Many to one: a text is read by recurrent cells, and its states are pooled.

    embedding [V, D] -> num_layers layers of `hidden_size` H cells a direction, W = H or 2 H wide -> pooling [W] ->
    linear to `num_labels` L logits. `pooling` is the last state of each direction, the mean, the maximum, or a mean
    weighted by attention (Yang et al. 2016: u_t = tanh(W h_t + b), weights = softmax of u_t . c).
    """

    vocab_size: int
    num_labels: int
    dim: int
    hidden_size: int  # of each direction
    num_layers: int = 1
    cell: str = "lstm"
    bidirectional: bool = True
    pooling: Pooling = "attention"
    family: Literal["classifier"] = "classifier"

    def __post_init__(self) -> None:
        require_sizes(self)
        if self.family != "classifier" or self.cell not in CELLS or self.pooling not in get_args(Pooling):
            raise ValueError(f"no such network: {self.family!r} of {self.cell!r} with {self.pooling!r} pooling")

    def weights(self) -> dict[str, tuple[int, ...]]:
        """Name and shape of every weight. Those below the pooling are named as in a language model (`Recurrent`)."""
        shapes: dict[str, tuple[int, ...]] = {"embedding.weight": (self.vocab_size, self.dim)}
        for layer in range(self.num_layers):
            for way in self.directions:
                inputs = self.width if layer else self.dim
                shapes |= self.spec.weights("rnn", f"{layer}{way}", inputs, self.hidden_size)
        if self.pooling == "attention":
            shapes |= {
                "attention.weight": (self.width, self.width),
                "attention.bias": (self.width,),
                "attention.context": (self.width,),
            }
        return shapes | {"head.weight": (self.num_labels, self.width), "head.bias": (self.num_labels,)}

    @property
    def label(self) -> str:
        """For people: "classifier, both directions LSTM 1 x 128, attention pooling"."""
        ways = "both directions" if self.bidirectional else "one direction"
        return f"classifier, {self.spec.label} {self.num_layers} x {self.hidden_size}, {ways}, {self.pooling} pooling"
