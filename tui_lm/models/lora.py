"""Low-rank adaptation (LoRA, Hu et al. 2021): a large LLaMA whose matrices stay, each with a small learned change.

Shapes: r rank, I inputs, O outputs. y = W x + s B A x with A [r, I] and B [O, r]; W takes no gradient and no moments,
and is kept in bfloat16 where the products are taken in it. At the end the change is added to W, so that a model that
was adapted is served like any other. The tables of embeddings, where authors are new, are learned as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from tui_lm.architecture import Llama
from tui_lm.models.model import Model

SCALE = 2.0  # s: the size of the change beside that of its factors
TABLES = ("model.embed_tokens.weight", "lm_head.weight")


class LowRank(nn.Module):
    """A linear layer that stays, and the change that is learned."""

    def __init__(self, linear: nn.Linear, rank: int, kind: torch.dtype) -> None:
        super().__init__()
        outputs, inputs = linear.weight.shape
        self.weight = nn.Parameter(linear.weight.detach().to(kind), requires_grad=False)
        bias = linear.bias
        self.bias = None if bias is None else nn.Parameter(bias.detach().to(kind), requires_grad=False)
        self.down = nn.Parameter(torch.randn(rank, inputs) * inputs**-0.5)
        self.up = nn.Parameter(torch.zeros(outputs, rank))  # so that the network begins as it was

    def forward(self, x: Tensor) -> Tensor:
        change = F.linear(F.linear(x, self.down), self.up)
        return F.linear(x, self.weight, self.bias) + SCALE * change


def adapt(model: Model, rank: int, kind: torch.dtype) -> None:
    """Replace every linear layer of the network's layers, in place; only changes and tables are learned from then on.

    `kind` is the type in which the weights that stay are kept.
    """
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name in TABLES)
    for parent in list(model.get_submodule("model.layers").modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.Linear):
                setattr(parent, name, LowRank(child, rank, kind))


def staying(model: nn.Module) -> set[str]:
    """The names of the weights of an adapted model that stay as they are; empty for another model."""
    return {
        f"{name}.{part}" for name, module in model.named_modules() if isinstance(module, LowRank)
        for part in ("weight", "bias")
    }  # fmt: skip


class MergedWeights(Mapping[str, NDArray[np.float32]]):
    """The weights of an adapted model as it is now, changes included, under the names of its architecture.

    What is learned is copied. Each weight is merged at every access, so that a large model is never held twice.
    """

    def __init__(self, model: Model, architecture: Llama) -> None:
        stay = staying(model)
        tensors = model.state_dict()
        self._staying = {name: tensor for name, tensor in tensors.items() if name in stay}
        self._learned = {
            name: tensor.detach().float().cpu().numpy().copy() for name, tensor in tensors.items() if name not in stay
        }
        self._names = tuple(architecture.weights())

    def __getitem__(self, name: str) -> NDArray[np.float32]:
        if name not in self._staying:
            learned: NDArray[np.float32] = self._learned[name]
            return learned
        values: NDArray[np.float32] = self._staying[name].detach().float().cpu().numpy()
        stem, _, kind = name.rpartition(".")
        if kind == "bias":
            return values
        change = self._learned[f"{stem}.up"] @ self._learned[f"{stem}.down"]
        merged: NDArray[np.float32] = values + np.float32(SCALE) * change
        return merged

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)
