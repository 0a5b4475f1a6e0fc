"""Recurrent language models as they are trained: layers of cells over whole sequences.

Shapes: T time, B batch, D embedding, H hidden units, V vocabulary. Time comes first, as the fused kernels want it.
The state is a tuple of layers, each a tuple of [1, B, H], one for each of `CellSpec.states`. With author vectors a last
entry follows them: the author [1, B] of each stream.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tui_lm.architecture import Recurrent
from tui_lm.models.authors import NOBODY, AuthorVectors
from tui_lm.models.cells import MODULES, run_layer
from tui_lm.models.dropout import embed, locked_dropout
from tui_lm.models.model import Model, State
from tui_lm.models.rates import DropoutRates


class RecurrentModel(Model):
    """embedding -> stacked cells -> RMSNorm (Zhang & Sennrich 2019) -> linear, with the dropout of AWD-LSTM."""

    def __init__(self, architecture: Recurrent, rates: DropoutRates | None = None) -> None:
        super().__init__()
        self.architecture = architecture
        self.rates = rates or DropoutRates()
        size, hidden = architecture.vocab_size, architecture.hidden_size
        self.embedding = nn.Embedding(size, architecture.dim)
        authors = architecture.authors
        self.author = None if authors is None else AuthorVectors(size, authors, architecture.dim)
        self.rnn = MODULES[architecture.family](architecture.dim, hidden, architecture.num_layers)
        self.norm = nn.RMSNorm(hidden, eps=1e-6) if architecture.norm else nn.Identity()
        self.head = nn.Linear(hidden, size)
        if architecture.tie_embeddings:
            nn.init.normal_(self.embedding.weight, std=hidden**-0.5)
            self.head.weight = self.embedding.weight

    def forward(self, inputs: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        rates = self.rates
        x = embed(inputs, self.embedding.weight, rates.embedding, self.training)
        who = None
        if self.author is not None:
            who = self.author.who(inputs, None if state is None else state[-1][0])
            x = x + self.author(who)
        x = locked_dropout(x, rates.input, self.training, time=0)
        after = []
        for layer in range(self.architecture.num_layers):
            if layer:
                x = locked_dropout(x, rates.hidden, self.training, time=0)
            x, layer_state = self._recur(x, layer, None if state is None else state[layer])
            after.append(layer_state)
        x = locked_dropout(self.norm(x.float()), rates.output, self.training, time=0)
        logits: Tensor = self.head(x)
        return logits, tuple(after) if who is None else (*after, (who[-1:],))

    def carry(self, state: State, fresh: Tensor) -> State:
        kept = ~fresh[None, :, None]
        layers = state[: self.architecture.num_layers]
        carried = tuple(tuple(part.detach() * kept for part in layer) for layer in layers)
        return carried if self.author is None else (*carried, (torch.where(fresh, NOBODY, state[-1][0]),))

    def _recur(self, x: Tensor, layer: int, state: tuple[Tensor, ...] | None) -> tuple[Tensor, tuple[Tensor, ...]]:
        """One layer by its kernel, not by the module, so that dropout can act on its recurrent weights.

        (Changing them inside `nn.LSTM` would leave its flattened copy of the weights behind.)
        """
        spec = self.architecture.spec
        weights = {name: getattr(self.rnn, f"{name}_l{layer}") for name in spec.parameters}
        if self.training and self.rates.recurrent and spec.reads_state:
            weights["weight_hh"] = F.dropout(weights["weight_hh"], self.rates.recurrent)
        return run_layer(spec, x, state, list(weights.values()), self.training)
