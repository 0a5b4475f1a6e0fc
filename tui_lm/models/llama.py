"""LLaMA, as it is trained (Touvron et al. 2023): RMSNorm, rotary positions, grouped-query attention, SwiGLU.

Shapes: T time, B batch, D width, H heads, K key/value heads, d = D / H, V vocabulary. Modules are named so that the
weights have Hugging Face's names. Nothing is carried from one text to the next.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tui_lm.architecture import Llama
from tui_lm.models.attention import attend
from tui_lm.models.dropout import embed, locked_dropout
from tui_lm.models.model import Model, State
from tui_lm.models.rates import DropoutRates

SPREAD = 0.58  # standard deviation of new weights times the root of the width: 0.02 at width 768, more in small ones


class LlamaModel(Model):
    """embedding -> layers -> RMSNorm -> linear."""

    def __init__(self, architecture: Llama, rates: DropoutRates | None = None) -> None:
        super().__init__()
        self.architecture = architecture
        self.rates = rates or DropoutRates()
        self.context = architecture.context_length
        self.model = nn.ModuleDict(
            {
                "embed_tokens": nn.Embedding(architecture.vocab_size, architecture.dim),
                "layers": nn.ModuleList(Layer(architecture) for _ in range(architecture.num_layers)),
                "norm": nn.RMSNorm(architecture.dim, architecture.norm_eps),
            }
        )
        self.lm_head = nn.Linear(architecture.dim, architecture.vocab_size, bias=False)
        spread = SPREAD * architecture.dim**-0.5
        for name, weight in self.named_parameters():
            if weight.dim() > 1:  # what is added to the stream is small in deep networks (Radford et al. 2019)
                added = name.endswith(("o_proj.weight", "down_proj.weight"))
                nn.init.normal_(weight, std=spread / (2 * architecture.num_layers) ** 0.5 if added else spread)
        if architecture.tie_embeddings:
            self.lm_head.weight = self.model["embed_tokens"].weight

    def forward(self, inputs: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        x = embed(inputs.T, self.model["embed_tokens"].weight, self.rates.embedding, self.training)
        x = locked_dropout(x, self.rates.input, self.training, time=1)
        cos, sin = self._turns(x.shape[1], x.device)
        for layer in self.model["layers"]:
            x = layer(x, cos, sin, self.rates.hidden)
        x = locked_dropout(self.model["norm"](x.float()), self.rates.output, self.training, time=1)
        logits: Tensor = self.lm_head(x)
        return logits.transpose(0, 1), ()

    def carry(self, state: State, fresh: Tensor) -> State:
        return ()

    def _turns(self, tokens: int, device: torch.device) -> tuple[Tensor, Tensor]:
        """Cosine and sine [T, d / 2] of position times theta."""
        frequencies = torch.tensor(self.architecture.rope_frequencies(), device=device, dtype=torch.float64)
        angles = torch.arange(tokens, device=device)[:, None] * frequencies
        return angles.cos().float(), angles.sin().float()


class Layer(nn.Module):
    """x + attention(norm(x)), then x + mlp(norm(x))."""

    def __init__(self, architecture: Llama) -> None:
        super().__init__()
        self.input_layernorm = nn.RMSNorm(architecture.dim, architecture.norm_eps)
        self.self_attn = Attention(architecture)
        self.post_attention_layernorm = nn.RMSNorm(architecture.dim, architecture.norm_eps)
        self.mlp = FeedForward(architecture)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, dropout: float) -> Tensor:
        x = x + locked_dropout(self.self_attn(self.input_layernorm(x), cos, sin), dropout, self.training, time=1)
        return x + locked_dropout(self.mlp(self.post_attention_layernorm(x)), dropout, self.training, time=1)


class Attention(nn.Module):
    """Grouped-query attention (Ainslie et al. 2023) over the last context_length tokens."""

    def __init__(self, architecture: Llama) -> None:
        super().__init__()
        self.architecture = architecture
        dim, bias, head = architecture.dim, architecture.attention_bias, architecture.head_width
        self.q_proj = nn.Linear(dim, architecture.attention_width, bias)
        self.k_proj = nn.Linear(dim, architecture.num_kv_heads * head, bias)
        self.v_proj = nn.Linear(dim, architecture.num_kv_heads * head, bias)
        self.o_proj = nn.Linear(architecture.attention_width, dim, bias=False)
        if architecture.qk_norm:
            self.q_norm = nn.RMSNorm(head, architecture.norm_eps)
            self.k_norm = nn.RMSNorm(head, architecture.norm_eps)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        q, k, v = (
            projection(x).unflatten(-1, (-1, self.architecture.head_width)).transpose(1, 2)
            for projection in (self.q_proj, self.k_proj, self.v_proj)
        )
        if self.architecture.qk_norm:
            q, k = self.q_norm(q), self.k_norm(k)
        heads = attend(rotate(q, cos, sin), rotate(k, cos, sin), v, self.architecture.context_length)
        result: Tensor = self.o_proj(heads.transpose(1, 2).flatten(2))
        return result


class FeedForward(nn.Module):
    """SwiGLU (Shazeer 2020): down(silu(gate(x)) * up(x))."""

    def __init__(self, architecture: Llama) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(architecture.dim, architecture.hidden_size, bias=False)
        self.up_proj = nn.Linear(architecture.dim, architecture.hidden_size, bias=False)
        self.down_proj = nn.Linear(architecture.hidden_size, architecture.dim, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))
        return result


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotary positions (Su et al. 2021) of x [B, H, T, d]: the units i and i + d / 2 are rotated together."""
    first, second = x.float().chunk(2, dim=-1)
    return torch.cat([first * cos - second * sin, second * cos + first * sin], dim=-1).type_as(x)
