"""GPT-2, as it is fine-tuned (Radford et al. 2019): learned positions, LayerNorm before each part, GELU.

Shapes: T time, B batch, D width, V vocabulary. Modules are named so that the weights have Hugging Face's names.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tui_lm.architecture import Gpt2
from tui_lm.models.attention import attend
from tui_lm.models.dropout import embed, locked_dropout
from tui_lm.models.model import Model, State
from tui_lm.models.rates import DropoutRates


class Gpt2Model(Model):
    """embedding + position -> layers -> LayerNorm -> linear with the embedding's weight."""

    def __init__(self, architecture: Gpt2, rates: DropoutRates | None = None) -> None:
        super().__init__()
        self.architecture = architecture
        self.rates = rates or DropoutRates()
        self.context = architecture.context_length
        self.transformer = nn.ModuleDict(
            {
                "wte": nn.Embedding(architecture.vocab_size, architecture.dim),
                "wpe": nn.Embedding(architecture.context_length, architecture.dim),
                "h": nn.ModuleList(Layer(architecture) for _ in range(architecture.num_layers)),
                "ln_f": nn.LayerNorm(architecture.dim, architecture.norm_eps),
            }
        )
        for weight in self.parameters():
            if weight.dim() > 1:
                nn.init.normal_(weight, std=0.02)

    def forward(self, inputs: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        embedding = self.transformer["wte"].weight
        positions = self.transformer["wpe"].weight[: len(inputs)]
        x = embed(inputs.T, embedding, self.rates.embedding, self.training) + positions
        x = locked_dropout(x, self.rates.input, self.training, time=1)
        for layer in self.transformer["h"]:
            x = layer(x, self.rates.hidden)
        x = locked_dropout(self.transformer["ln_f"](x.float()), self.rates.output, self.training, time=1)
        return F.linear(x, embedding).transpose(0, 1), ()

    def carry(self, state: State, fresh: Tensor) -> State:
        return ()


class Layer(nn.Module):
    """x + attention(norm(x)), then x + mlp(norm(x))."""

    def __init__(self, architecture: Gpt2) -> None:
        super().__init__()
        dim, eps = architecture.dim, architecture.norm_eps
        self.ln_1, self.ln_2 = nn.LayerNorm(dim, eps), nn.LayerNorm(dim, eps)
        self.attn = nn.ModuleDict({"c_attn": Projection(dim, 3 * dim), "c_proj": Projection(dim, dim)})
        inner = architecture.hidden_size
        self.mlp = nn.ModuleDict({"c_fc": Projection(dim, inner), "c_proj": Projection(inner, dim)})
        self.heads, self.window = architecture.num_heads, architecture.context_length

    def forward(self, x: Tensor, dropout: float) -> Tensor:
        qkv = self.attn["c_attn"](self.ln_1(x)).unflatten(-1, (3, self.heads, -1))  # [B, T, 3, H, d]
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        heads = attend(q, k, v, self.window).transpose(1, 2).flatten(2)  # [B, T, D]
        x = x + locked_dropout(self.attn["c_proj"](heads), dropout, self.training, time=1)
        inner = F.gelu(self.mlp["c_fc"](self.ln_2(x)), approximate="tanh")
        return x + locked_dropout(self.mlp["c_proj"](inner), dropout, self.training, time=1)


class Projection(nn.Module):
    """x W + b with W [inputs, outputs], which is how GPT-2's weights lie."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(inputs, outputs))
        self.bias = nn.Parameter(torch.zeros(outputs))

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight.T, self.bias)
