"""minGRU as it is trained (Feng et al. 2024, "Were RNNs all we needed?"), by a scan over all steps of a sequence.

    z_t = σ(k_t)   h~_t = g(a_t)   h_t = (1 - z_t) h_{t-1} + z_t h~_t        with g(a) = a + 0.5 if a >= 0 else σ(a)

k_t and a_t are linear in the input and do not depend on h, so one product gives them for all steps. What is left is a
linear recurrence, for which there are two forms of the same function. `by_loop` goes step by step, with a backward pass
worked out by hand. `in_log_space` is the paper's parallel scan (Heinsen 2023): with a*_t = sum_{s <= t} log(1 - z_s),

    log h_t = a*_t + logsumexp(log h_0, log z_1 + log h~_1 - a*_1, ..., log z_t + log h~_t - a*_t)

On a CPU the loop is at least 10 times as fast, since logarithms cost more there than steps do (docs/decisions.md). On
CUDA, where launching the kernels of a step costs more than its arithmetic, the scan is taken; `benchmarks/cells.py`
measures both on any device. The cell is the paper's plain one, without the convolution, expansion and feed-forward
layers that its language models put around it.

Shapes: T time, B batch, D inputs, H hidden units.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

TINY = 1e-30  # what a state of 0, which has no logarithm, counts as in log space


class MinGru(nn.Module):
    """The weights of a stack, with `nn.Linear`'s initialisation: weight_ih [2 H, D] and bias_ih [2 H] of each layer."""

    def __init__(self, inputs: int, hidden: int, num_layers: int) -> None:
        super().__init__()
        for layer in range(num_layers):
            linear = nn.Linear(inputs if layer == 0 else hidden, 2 * hidden)
            self.register_parameter(f"weight_ih_l{layer}", linear.weight)
            self.register_parameter(f"bias_ih_l{layer}", linear.bias)


def run_mingru(
    x: Tensor, state: tuple[Tensor, ...], parameters: list[Tensor], training: bool
) -> tuple[Tensor, tuple[Tensor, ...]]:
    """One layer over x [T, B, D] from h [1, B, H]: every h [T, B, H], and the last one.

    Products are of the type that autocast chooses; the recurrence, which adds up over many steps, is of float32 or
    float64.
    """
    (h,) = state
    weight, bias = parameters
    gates = F.linear(x, weight, bias)
    k, a = gates.to(torch.promote_types(gates.dtype, torch.float32)).chunk(2, dim=-1)
    scan = in_log_space if x.is_cuda else by_loop
    output = scan(k, a, h[0].to(k.dtype))
    return output.to(gates.dtype), (output[-1:],)


def in_log_space(k: Tensor, a: Tensor, start: Tensor) -> Tensor:
    """h [T, B, H] from k and a [T, B, H] and the state before, `start` [B, H]: the scan of Heinsen 2023."""
    log_values = -F.softplus(-k) + torch.where(a >= 0, (F.relu(a) + 0.5).log(), -F.softplus(-a))  # log z + log h~
    log_values = torch.cat([start.clamp(min=TINY).log()[None], log_values])
    kept = F.pad((-F.softplus(k)).cumsum(0), (0, 0, 0, 0, 1, 0))  # a*, which is 0 before the first step
    return (kept + (log_values - kept).logcumsumexp(0))[1:].exp()


def by_loop(k: Tensor, a: Tensor, start: Tensor) -> Tensor:
    """The same, step by step."""
    h: Tensor = _Loop.apply(k, a, start)
    return h


class _Loop(torch.autograd.Function):
    @staticmethod
    def forward(context: Any, k: Tensor, a: Tensor, start: Tensor) -> Tensor:
        z = k.sigmoid()
        candidate = a.clamp(max=0).sigmoid_().add_(a.clamp(min=0))
        h = torch.empty_like(candidate)
        before = start
        for t in range(len(h)):
            before = torch.lerp(before, candidate[t], z[t], out=h[t])
        context.save_for_backward(z, candidate, a >= 0, start, h)
        return h

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """dL/dh_t = gradient_t + (1 - z_{t+1}) dL/dh_{t+1}; the rest follows for all steps at once."""
        z, candidate, linear, start, h = context.saved_tensors
        (gradient,) = gradients
        keep = 1 - z
        whole = torch.empty_like(h)
        after = whole[-1].copy_(gradient[-1])
        for t in range(len(h) - 2, -1, -1):
            after = torch.addcmul(gradient[t], keep[t + 1], after, out=whole[t])
        of_start = keep[0] * whole[0]
        before = torch.cat([start[None], h[:-1]])
        of_k = (candidate - before).mul_(whole).mul_(z).mul_(keep)
        slope = (candidate * (1 - candidate)).masked_fill_(linear, 1.0)
        return of_k, slope.mul_(whole).mul_(z), of_start
