"""RNN, LSTM and GRU language models as they are trained: torch's fused layers over whole sequences.

Shapes: T time, B batch, D embedding, H hidden units, V vocabulary. Time comes first, as the fused kernels want it.
The state is a tuple of layers, each a tuple of [1, B, H]: (h, c) for the LSTM, (h,) for the others.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tui_lm.architecture import Cell, Recurrent
from tui_lm.models.dropout import embed, lock
from tui_lm.models.model import Model, State
from tui_lm.models.rates import DropRates

MODULES = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
KERNELS = {"rnn": torch.rnn_tanh, "lstm": torch.lstm, "gru": torch.gru}


def recur(
    cell: Cell, x: Tensor, state: tuple[Tensor, ...] | None, parameters: list[Tensor], training: bool
) -> tuple[Tensor, tuple[Tensor, ...]]:
    """One layer over x [T, B, inputs] through the fused kernel, from `state` or from zero: h [T, B, H], and the state.

    `parameters` are weight_ih, weight_hh, bias_ih and bias_hh.
    """
    if state is None:
        # The kernels take input, state and weights of one type: under autocast all are cast alike.
        zero = x.new_zeros(1, x.shape[1], parameters[1].shape[1])
        state = (zero, zero) if cell == "lstm" else (zero,)
    start = state if cell == "lstm" else state[0]
    output, *after = KERNELS[cell](x, start, parameters, True, 1, 0.0, training, False, False)
    return output, tuple(after)


class RecurrentModel(Model):
    """embedding -> stacked cells -> RMSNorm (Zhang & Sennrich 2019) -> linear, regularised as AWD-LSTM is."""

    def __init__(self, architecture: Recurrent, rates: DropRates | None = None) -> None:
        super().__init__()
        self.architecture = architecture
        self.rates = rates or DropRates()
        size, hidden = architecture.vocab_size, architecture.hidden_size
        self.embedding = nn.Embedding(size, architecture.dim)
        self.rnn = MODULES[architecture.family](architecture.dim, hidden, architecture.num_layers)
        self.norm = nn.RMSNorm(hidden, eps=1e-6) if architecture.norm else nn.Identity()
        self.head = nn.Linear(hidden, size)
        if architecture.tie_embeddings:
            nn.init.normal_(self.embedding.weight, std=hidden**-0.5)
            self.head.weight = self.embedding.weight

    def forward(self, inputs: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        rates = self.rates
        x = embed(inputs, self.embedding.weight, rates.embedding, self.training)
        x = lock(x, rates.input, self.training, time=0)
        after = []
        for layer in range(self.architecture.num_layers):
            if layer:
                x = lock(x, rates.hidden, self.training, time=0)
            x, layer_state = self._recur(x, layer, None if state is None else state[layer])
            after.append(layer_state)
        x = lock(self.norm(x.float()), rates.output, self.training, time=0)
        logits: Tensor = self.head(x)
        return logits, tuple(after)

    def _recur(self, x: Tensor, layer: int, state: tuple[Tensor, ...] | None) -> tuple[Tensor, tuple[Tensor, ...]]:
        """One layer through the fused kernel, so that its recurrent weights can be dropped on the way in.

        (Dropping them inside `nn.LSTM` would leave its flattened copy of the weights behind.)
        """
        parameters = [
            getattr(self.rnn, f"{name}_l{layer}") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        ]
        if self.training and self.rates.recurrent:
            parameters[1] = F.dropout(parameters[1], self.rates.recurrent)
        return recur(self.architecture.family, x, state, parameters, self.training)
