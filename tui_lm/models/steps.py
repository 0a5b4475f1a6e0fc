"""Parts of a loop over steps while training, with gradients computed for all steps at once.

Without them, autograd adds up a gradient of the weight's full size at every step, which for a recurrent weight costs as
much as the products, and goes through a dozen small operations back through each cell.

Shapes: B batch, H hidden units; gates are stacked in PyTorch's order.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F


def exact(dtype: torch.dtype) -> torch.dtype:
    """The type in which sums of products of `dtype` are kept: float32 at least."""
    kept: torch.dtype = torch.promote_types(dtype, torch.float32)
    return kept


class RepeatedLinear:
    """x W^T for each step of one pass, W [outputs, inputs], computed in `dtype`: one product gives W's gradient."""

    def __init__(self, weight: Tensor, dtype: torch.dtype) -> None:
        self.weight = weight.detach().to(dtype)
        self.inputs: list[Tensor] = []
        self.gradients: list[Tensor] = []
        # Every step depends on the anchor, so autograd reaches it after all steps.
        self._anchor: Tensor = _Anchor.apply(weight, self)

    def __call__(self, x: Tensor) -> Tensor:
        rows = x.to(self.weight.dtype).flatten(0, -2)  # products of more axes can miss torch's fast path
        result: Tensor = _Linear.apply(rows, self._anchor, self)
        return result.view(*x.shape[:-1], -1)


class _Anchor(torch.autograd.Function):
    @staticmethod
    def forward(context: Any, weight: Tensor, layer: RepeatedLinear) -> Tensor:
        context.layer, context.dtype = layer, weight.dtype
        return weight.new_zeros(1)

    @staticmethod
    def backward(context: Any, *_: Tensor) -> tuple[Tensor, None]:
        layer = context.layer
        gradient = torch.cat(layer.gradients).T @ torch.cat(layer.inputs)
        layer.gradients.clear()
        layer.inputs.clear()
        return gradient.to(context.dtype), None


class _Linear(torch.autograd.Function):
    @staticmethod
    def forward(context: Any, x: Tensor, anchor: Tensor, layer: RepeatedLinear) -> Tensor:
        context.layer, context.none = layer, anchor.new_zeros(1)
        context.save_for_backward(x)
        return F.linear(x, layer.weight)

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, None]:
        (x,), (gradient,) = context.saved_tensors, gradients
        context.layer.inputs.append(x)
        context.layer.gradients.append(gradient)
        return gradient @ context.layer.weight, context.none, None
