"""A linear layer that a loop applies step by step, whose weight's gradient is one product for all steps.

Left to itself, autograd adds a gradient of the weight's full size at every step; for a recurrent weight those sums cost
as much as the products.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


class RepeatedLinear:
    """x W^T for each step of one pass, W [outputs, inputs], computed in `dtype`."""

    def __init__(self, weight: Tensor, dtype: torch.dtype) -> None:
        self.weight = weight.detach().to(dtype)
        self.inputs: list[Tensor] = []
        self.gradients: list[Tensor] = []
        # Every step depends on it, so its gradient is asked for after that of every step.
        self._anchor: Tensor = _Anchor.apply(weight, self) if torch.is_grad_enabled() else weight.new_empty(0)

    def __call__(self, x: Tensor) -> Tensor:
        result: Tensor = _Step.apply(x.to(self.weight.dtype), self._anchor, self)
        return result


class _Anchor(torch.autograd.Function):
    @staticmethod
    def forward(ctx, weight, layer):  # type: ignore[no-untyped-def]
        ctx.layer, ctx.dtype = layer, weight.dtype
        return weight.new_zeros(1)

    @staticmethod
    def backward(ctx, _):  # type: ignore[no-untyped-def]
        layer = ctx.layer
        gradient = torch.cat(layer.gradients).T @ torch.cat(layer.inputs)
        layer.gradients.clear()
        layer.inputs.clear()
        return gradient.to(ctx.dtype), None


class _Step(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, anchor, layer):  # type: ignore[no-untyped-def]
        ctx.layer = layer
        ctx.save_for_backward(x)
        return F.linear(x, layer.weight)

    @staticmethod
    def backward(ctx, gradient):  # type: ignore[no-untyped-def]
        (x,) = ctx.saved_tensors
        ctx.layer.inputs.append(x)
        ctx.layer.gradients.append(gradient)
        return gradient @ ctx.layer.weight, gradient.new_zeros(1, dtype=torch.float32), None
