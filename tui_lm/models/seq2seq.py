"""The encoder and decoder, as they are trained (Sutskever 2014), with the attention of Bahdanau 2015 or Luong 2015.

Shapes: S source tokens, T target tokens, B batch, D embedding, H hidden units, R readout, V vocabulary. Time comes
first. Texts of a batch differ in length; padding follows them, and no result depends on how much there is.

Where a step depends on the step before through the cells' state alone, whole sequences run through the fused kernels
and attention is one product. Bahdanau's context and Luong's input feeding enter the cell, and need single steps.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tui_lm.architecture import Seq2Seq
from tui_lm.models.alignment import Source, SourceAttention, reversal, reversed_texts
from tui_lm.models.cells import MODULES, run_layer, step
from tui_lm.models.dropout import embed, locked_dropout
from tui_lm.models.model import Model, State
from tui_lm.models.rates import DropoutRates
from tui_lm.models.steps import RepeatedLinear, exact

SATURATING = 1e4  # the size of an input that opens a gate fully, or closes it where negative


class Seq2SeqState(NamedTuple):
    """The state of a decoder."""

    source: Source
    layers: tuple[tuple[Tensor, ...], ...]  # of each layer, [1, B, H] for each of `CellSpec.states`
    fed: Tensor | None  # [B, R], with input feeding: what the readout gave at the step before


class Seq2SeqModel(Model):
    """`sampling_rate` is the probability with which a step's input is the model's own word (Bengio et al. 2015).

    The state of a batch comes from `encode`.
    """

    def __init__(self, architecture: Seq2Seq, rates: DropoutRates | None = None, sampling_rate: float = 0.0) -> None:
        super().__init__()
        self.architecture = architecture
        self.rates = rates or DropoutRates()
        self.sampling_rate = sampling_rate
        dim, hidden, layers = architecture.dim, architecture.hidden_size, architecture.num_layers
        both = architecture.bidirectional
        self.embedding = nn.Embedding(architecture.vocab_size, dim)
        self.source_embedding = None
        if not architecture.share_embeddings:
            self.source_embedding = nn.Embedding(architecture.source_vocab_size, dim)
        cells = MODULES[architecture.cell]
        self.encoder = cells(dim, architecture.direction_size, layers, bidirectional=both)
        self.decoder = cells(dim + architecture.fed_size, hidden, layers)
        self.bridge = nn.ModuleList(nn.Linear(hidden, hidden) for _ in range(layers if both else 0))
        self.attention = SourceAttention(architecture.attention, hidden)
        self.readout = None
        if architecture.has_readout:
            self.readout = nn.Linear(architecture.readout_inputs, architecture.readout_size, bias=False)
        self.head = nn.Linear(architecture.readout_size, architecture.vocab_size)
        if architecture.tie_embeddings:
            nn.init.normal_(self.embedding.weight, std=dim**-0.5)
            self.head.weight = self.embedding.weight

    def encode(self, source: Tensor, lengths: Tensor) -> Seq2SeqState:
        """Source tokens [S, B], of which the first `lengths` [B] (at least one each) count -> the decoder's start."""
        shape, rates = self.architecture, self.rates
        table = self.embedding if self.source_embedding is None else self.source_embedding
        x = embed(source, table.weight, rates.embedding, self.training) * shape.source_scale
        x = locked_dropout(x, rates.input, self.training, time=0)
        rows = reversal(lengths, len(source))
        padding = torch.arange(len(source), device=source.device)[:, None] >= lengths
        if shape.reverse_source:
            x = reversed_texts(x, rows)
        start = []
        for layer in range(shape.num_layers):
            if layer:
                x = locked_dropout(x, rates.hidden, self.training, time=0)
            if shape.bidirectional:
                onward, _ = run_layer(shape.spec, x, None, self._cell(self.encoder, f"{layer}"), self.training)
                weights = self._cell(self.encoder, f"{layer}_reverse")
                back, _ = run_layer(shape.spec, reversed_texts(x, rows), None, weights, self.training)
                ends = self.bridge[layer](torch.cat([_last(onward, lengths), _last(back, lengths)], dim=-1))[None]
                start.append((torch.tanh(ends), ends)[: len(shape.spec.states)])
                x = torch.cat([onward, reversed_texts(back, rows)], dim=-1)
            else:
                x, after = self._onward(x, layer, padding)
                start.append((_last(x, lengths)[None], *after[1:]))
        if shape.reverse_source and shape.attention != "none":
            x = reversed_texts(x, rows)
        x = locked_dropout(x, rates.hidden, self.training, time=0)
        fed = x.new_zeros(x.shape[1], shape.fed_size) if shape.input_feeding else None
        return Seq2SeqState(self.attention.source(x, padding), tuple(start), fed)

    def forward(self, inputs: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Target tokens [T, B], which begin with BEGIN, after `state` -> logits [T, B, V] and the state after them."""
        if not isinstance(state, Seq2SeqState):
            raise ValueError("a decoder needs the state that `encode` gives")
        if self.training and self.sampling_rate:
            inputs = self.mixed_inputs(inputs, state)
        x = embed(inputs, self.embedding.weight, self.rates.embedding, self.training)
        x = x * self.architecture.embedding_scale
        x = locked_dropout(x, self.rates.input, self.training, time=0)
        readout, state = self._steps(x, state) if self.architecture.fed_size else self._whole(x, state)
        logits: Tensor = self.head(locked_dropout(readout, self.rates.output, self.training, time=0))
        return logits, state

    def carry(self, state: State, fresh: Tensor) -> State:
        return ()

    def _whole(self, x: Tensor, state: Seq2SeqState) -> tuple[Tensor, Seq2SeqState]:
        """The readout [T, B, R] for embedded tokens [T, B, D]: every layer over all steps at once."""
        after = []
        for layer, start in enumerate(state.layers):
            if layer:
                x = locked_dropout(x, self.rates.hidden, self.training, time=0)
            x, ends = run_layer(self.architecture.spec, x, start, self._cell(self.decoder, f"{layer}"), self.training)
            after.append(ends)
        if self.architecture.attention != "none":
            x = torch.cat([self.attention(x, state.source), x], dim=-1)
        readout = x if self.readout is None else torch.tanh(self.readout(x))
        return readout, state._replace(layers=tuple(after))

    def _steps(self, x: Tensor, state: Seq2SeqState) -> tuple[Tensor, Seq2SeqState]:
        """The same, step by step, where the context of a step enters the cell."""
        shape, dim = self.architecture, self.architecture.dim
        cells = [self._cell(self.decoder, f"{layer}") for layer in range(shape.num_layers)]
        shares = F.linear(x, cells[0][0][:, :dim], cells[0][2])
        feed = RepeatedLinear(cells[0][0][:, dim:], shares.dtype)
        below = [RepeatedLinear(weight, shares.dtype) for weight, *_ in cells[1:]]
        recurrent = [RepeatedLinear(parameters[1], shares.dtype) for parameters in cells]
        ones = torch.ones_like(x[:1, :, :1]).expand(1, -1, shape.hidden_size)
        masks = [locked_dropout(ones, self.rates.hidden, self.training, time=0)[0] for _ in below]
        assert self.readout is not None  # only networks with attention come here
        readout = RepeatedLinear(self.readout.weight, shares.dtype) if shape.input_feeding else None
        attention = self.attention.steps(shares.dtype)
        layers = [tuple(part[0].to(exact(part.dtype)) for part in layer) for layer in state.layers]
        fed, given, states = state.fed, [], []
        for share in shares.unbind(0):
            if shape.attention == "bahdanau":
                fed = self.attention(layers[-1][0][None], state.source, attention)[0]
            share, h = share + feed(fed), x
            for i, layer in enumerate(layers):
                if i:
                    share = below[i - 1](h * masks[i - 1]) + cells[i][2]
                layers[i] = step(shape.spec, share, recurrent[i](layer[0]) + cells[i][3], layer)
                h = layers[i][0]
            if readout is not None:
                context = self.attention(h[None], state.source)[0]
                fed = torch.tanh(readout(torch.cat([context, h], dim=-1)))
            given.append(fed)
            states.append(h)
        kept = tuple(tuple(part[None] for part in layer) for layer in layers)
        after = Seq2SeqState(state.source, kept, None if readout is None else fed)
        if readout is not None:
            return torch.stack(given), after
        return torch.tanh(self.readout(torch.cat([torch.stack(given), torch.stack(states), x], dim=-1))), after

    def mixed_inputs(self, inputs: Tensor, state: Seq2SeqState) -> Tensor:
        """The inputs [T, B], each but the first replaced by the model's own word with probability `sampling_rate`.

        Each word is chosen given those chosen before it, as when translating, without dropout; the pass over the mixed
        inputs is then an ordinary one.
        """
        own = torch.rand(inputs.shape, device=inputs.device) < self.sampling_rate
        chosen = inputs.clone()
        self.eval()
        with torch.no_grad():
            for t in range(len(inputs) - 1):
                logits, state = self(chosen[t : t + 1], state)
                chosen[t + 1] = torch.where(own[t + 1], logits[0].argmax(dim=-1), inputs[t + 1])
        self.train()
        return chosen

    def _onward(self, x: Tensor, layer: int, padding: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
        """A layer of an encoder of one direction, and its last state; padding leaves an LSTM's cell state as it is.

        The kernel gives h of every step, but c of the last step alone. So padding gets an input of its own that closes
        the input gate and opens the forget gate.
        """
        spec = self.architecture.spec
        parameters = self._cell(self.encoder, f"{layer}")
        if "cell_state" in spec.states:
            units = self.architecture.hidden_size
            held = x.new_zeros(4 * units, 1)
            held[:units], held[units : 2 * units] = -SATURATING, SATURATING
            parameters[0] = torch.cat([parameters[0], held.type_as(parameters[0])], dim=1)
            x = torch.cat([x, padding[:, :, None].type_as(x)], dim=-1)
        return run_layer(spec, x, None, parameters, self.training)

    def _cell(self, of: nn.Module, layer: str) -> list[Tensor]:
        """The weights of one layer, with dropout of the recurrent ones where that is asked for."""
        parameters = [getattr(of, f"{name}_l{layer}") for name in self.architecture.spec.parameters]
        if self.training and self.rates.recurrent:
            parameters[1] = F.dropout(parameters[1], self.rates.recurrent)
        return parameters


def _last(x: Tensor, lengths: Tensor) -> Tensor:
    """The row of x [S, B, width] at the end of each text: [B, width]."""
    return x[lengths - 1, torch.arange(len(lengths), device=x.device)]
