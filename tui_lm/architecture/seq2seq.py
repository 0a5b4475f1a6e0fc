"""An encoder and a decoder of recurrent cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from tui_lm.architecture.sizes import require_sizes
from tui_lm.cells import CELLS, CellSpec

Attention = Literal["none", "bahdanau", "dot", "general"]


@dataclass(frozen=True, slots=True)
class Seq2Seq:
    """An encoder and a decoder (Sutskever et al. 2014), and attention between them (Bahdanau 2015, Luong 2015).

    source embedding [Vs, D] -> encoder of num_layers layers, H wide -> S states of the source;
    embedding [V, D] -> decoder of num_layers layers of hidden_size H, with attention over those states
    -> readout of width R -> linear to V logits. A direction of a bidirectional encoder has H / 2 units, so that both
    together are H wide. With `tie_embeddings` the head's weight is the target's embedding, and R = D, else R = H.
    """

    vocab_size: int  # of the target
    source_vocab_size: int
    dim: int  # of both embeddings
    hidden_size: int
    num_layers: int = 1  # of the encoder and of the decoder each
    cell: str = "lstm"  # a name in `tui_lm.cells.CELLS` whose spec `translates`
    attention: Attention = "dot"
    bidirectional: bool = True
    reverse_source: bool = False  # Sutskever 2014: the encoder starts at the end of the source
    input_feeding: bool = False  # Luong 2015, section 3.3: the readout is part of the next step's input
    share_embeddings: bool = False  # one table for source and target
    tie_embeddings: bool = False
    family: Literal["seq2seq"] = "seq2seq"

    def __post_init__(self) -> None:
        require_sizes(self)
        translates = self.cell in CELLS and CELLS[self.cell].translates
        if self.family != "seq2seq" or not translates or self.attention not in get_args(Attention):
            raise ValueError(f"no such network: {self.family!r} of {self.cell!r} with attention {self.attention!r}")
        if self.bidirectional and self.hidden_size % 2:
            raise ValueError("hidden_size must be even where both directions share it")
        if self.input_feeding and self.attention not in ("dot", "general"):
            raise ValueError("input feeding needs attention dot or general")
        if self.share_embeddings and self.vocab_size != self.source_vocab_size:
            raise ValueError("shared embeddings need vocab_size = source_vocab_size")

    @property
    def spec(self) -> CellSpec:
        return CELLS[self.cell]

    @property
    def direction_size(self) -> int:
        """Units of one direction of the encoder."""
        return self.hidden_size // 2 if self.bidirectional else self.hidden_size

    @property
    def readout_size(self) -> int:
        """The width R of the head's input."""
        return self.dim if self.tie_embeddings else self.hidden_size

    @property
    def embedding_scale(self) -> float:
        """The factor of the target's embedding at the input (Vaswani et al. 2017, section 3.4).

        Rows that are also the head's weight are short; unscaled, they would hardly move the gates for thousands of
        steps.
        """
        return float(self.dim) ** 0.5 if self.tie_embeddings else 1.0

    @property
    def source_scale(self) -> float:
        """The factor of the source's embedding."""
        return self.embedding_scale if self.share_embeddings else 1.0

    @property
    def fed_size(self) -> int:
        """The width of the decoder's input beside the token: Bahdanau's context, or Luong's readout."""
        return self.hidden_size if self.attention == "bahdanau" else self.readout_size if self.input_feeding else 0

    @property
    def readout_inputs(self) -> int:
        """The width of the readout's input: the state, with attention the context, with Bahdanau's the token too."""
        return {"none": self.hidden_size, "bahdanau": 2 * self.hidden_size + self.dim}.get(
            self.attention, 2 * self.hidden_size
        )

    @property
    def has_readout(self) -> bool:
        """Whether there is a readout: without attention, a state of the right width goes to the head itself."""
        return self.attention != "none" or self.readout_size != self.hidden_size

    def weights(self) -> dict[str, tuple[int, ...]]:
        """Name and shape of every weight; those of cells are named as PyTorch names them."""
        hidden, width = self.hidden_size, self.direction_size
        shapes: dict[str, tuple[int, ...]] = {"embedding.weight": (self.vocab_size, self.dim)}
        if not self.share_embeddings:
            shapes["source_embedding.weight"] = (self.source_vocab_size, self.dim)
        for layer in range(self.num_layers):
            for way in ("", "_reverse") if self.bidirectional else ("",):
                shapes |= self.spec.weights("encoder", f"{layer}{way}", hidden if layer else self.dim, width)
            shapes |= self.spec.weights("decoder", f"{layer}", hidden if layer else self.dim + self.fed_size, hidden)
            if self.bidirectional:
                shapes |= {f"bridge.{layer}.weight": (hidden, hidden), f"bridge.{layer}.bias": (hidden,)}
        if self.attention in ("bahdanau", "general"):
            shapes["attention.key.weight"] = (hidden, hidden)
        if self.attention == "bahdanau":
            shapes |= {"attention.query.weight": (hidden, hidden), "attention.energy.weight": (1, hidden)}
        if self.has_readout:
            shapes["readout.weight"] = (self.readout_size, self.readout_inputs)
        if not self.tie_embeddings:
            shapes["head.weight"] = (self.vocab_size, self.readout_size)
        shapes["head.bias"] = (self.vocab_size,)
        return shapes

    @property
    def label(self) -> str:
        """For people: "seq2seq LSTM 2 x 512, dot attention"."""
        attention = {"none": "no", "bahdanau": "Bahdanau"}.get(self.attention, self.attention)
        return f"seq2seq {self.spec.label} {self.num_layers} x {self.hidden_size}, {attention} attention"
