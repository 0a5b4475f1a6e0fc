"""The classifier as it is trained. Shapes: T time, B texts, W width of a state, L labels."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from tui_lm.architecture import Classifier
from tui_lm.models.dropout import embed, locked_dropout
from tui_lm.models.model import Model, State
from tui_lm.models.rates import DropoutRates
from tui_lm.models.reader import cells, padding, read


class Lengths(NamedTuple):
    """Stands in place of a state: `lengths` [B] says how many tokens of each text count, at least one."""

    lengths: Tensor


class Attention(nn.Module):
    """Yang et al. 2016: u_t = tanh(W h_t + b), and the weight of h_t is the softmax over t of u_t . c."""

    def __init__(self, width: int) -> None:
        super().__init__()
        linear = nn.Linear(width, width)
        self.weight, self.bias = linear.weight, linear.bias
        self.context = nn.Parameter(torch.randn(width) * width**-0.5)

    def forward(self, states: Tensor, padded: Tensor) -> Tensor:
        """The weights [T, B] of states [T, B, W]; 0 where `padded` [T, B]."""
        energies = torch.tanh(nn.functional.linear(states, self.weight, self.bias)) @ self.context
        return energies.float().masked_fill(padded, -torch.inf).softmax(dim=0)


class ClassifierModel(Model):
    """embedding -> cells -> pooling -> linear. There is one prediction a text, so T of the logits is 1."""

    def __init__(self, architecture: Classifier, rates: DropoutRates | None = None) -> None:
        super().__init__()
        self.architecture, self.rates = architecture, rates or DropoutRates()
        shape = architecture
        self.embedding = nn.Embedding(shape.vocab_size, shape.dim)
        self.rnn = cells(shape.spec, shape.dim, shape.hidden_size, shape.num_layers, shape.bidirectional)
        self.attention = Attention(shape.width) if shape.pooling == "attention" else None
        self.head = nn.Linear(shape.width, shape.num_labels)

    def forward(self, inputs: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Token ids [T, B] with their `Lengths` -> logits [1, B, L]."""
        if not isinstance(state, Lengths):
            raise ValueError("a classifier needs the lengths of its texts")
        x = embed(inputs, self.embedding.weight, self.rates.embedding, self.training)
        return self.of_embedded(x, state.lengths)[None], ()

    def of_embedded(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Logits [B, L] of embedded tokens [T, B, D]."""
        rates = self.rates
        x = locked_dropout(x, rates.input, self.training, time=0)
        states, last = read(self.architecture.spec, self.rnn, x, lengths, rates.hidden, self.training)
        pooled = self._pooled(states, last, lengths)
        logits: Tensor = self.head(nn.functional.dropout(pooled, rates.output, self.training))
        return logits

    def _pooled(self, states: Tensor, last: Tensor, lengths: Tensor) -> Tensor:
        padded = padding(lengths, len(states))
        if self.attention is not None:
            return (self.attention(states, padded)[:, :, None] * states).sum(dim=0)
        if self.architecture.pooling == "mean":
            return states.masked_fill(padded[:, :, None], 0).sum(dim=0) / lengths[:, None]
        if self.architecture.pooling == "max":
            return states.masked_fill(padded[:, :, None], -torch.inf).amax(dim=0)
        return last

    def carry(self, state: State, fresh: Tensor) -> State:
        return ()
