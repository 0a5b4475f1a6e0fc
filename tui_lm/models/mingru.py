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

sigmoid_backward = torch.ops.aten.sigmoid_backward  # gradient * y * (1 - y) in one pass
TINY = 1e-30  # what a state of 0, which has no logarithm, counts as in log space


class MinGru(nn.Module):
    """The weights of a stack, with `nn.Linear`'s initialisation: weight_ih [2 H, D] and bias_ih [2 H] of each layer."""

    def __init__(self, inputs: int, hidden: int, num_layers: int, bidirectional: bool = False) -> None:
        super().__init__()
        directions = ("", "_reverse") if bidirectional else ("",)
        for layer in range(num_layers):
            for way in directions:
                linear = nn.Linear(inputs if layer == 0 else hidden * len(directions), 2 * hidden)
                self.register_parameter(f"weight_ih_l{layer}{way}", linear.weight)
                self.register_parameter(f"bias_ih_l{layer}{way}", linear.bias)


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
    scan = in_log_space if x.is_cuda else by_loop
    output = scan(gates, h[0].to(torch.promote_types(gates.dtype, torch.float32)))
    return output.to(gates.dtype), (output[-1:],)


def in_log_space(gates: Tensor, start: Tensor) -> Tensor:
    """h [T, B, H] from gates [T, B, 2 H], which are k and a, and the state before, `start` [B, H] (Heinsen 2023)."""
    k, a = gates.to(start.dtype).chunk(2, dim=-1)
    log_values = -F.softplus(-k) + torch.where(a >= 0, (F.relu(a) + 0.5).log(), -F.softplus(-a))  # log z + log h~
    log_values = torch.cat([start.clamp(min=TINY).log()[None], log_values])
    kept = F.pad((-F.softplus(k)).cumsum(0), (0, 0, 0, 0, 1, 0))  # a*, which is 0 before the first step
    return (kept + (log_values - kept).logcumsumexp(0))[1:].exp()


def by_loop(gates: Tensor, start: Tensor) -> Tensor:
    """The same, step by step."""
    h: Tensor = _Loop.apply(gates, start)
    return h


class _Loop(torch.autograd.Function):
    """What does not depend on the step before is computed for all steps at once, in both passes."""

    @staticmethod
    def forward(context: Any, gates: Tensor, start: Tensor) -> Tensor:
        k, a = gates.to(start.dtype).chunk(2, dim=-1)
        z = k.sigmoid()
        candidate = a.clamp(max=0).sigmoid_().add_(a.clamp(min=0))
        h = torch.empty_like(z)
        before = start
        for z_t, candidate_t, h_t in zip(z, candidate, h, strict=True):
            before = torch.lerp(before, candidate_t, z_t, out=h_t)
        context.dtype = gates.dtype
        context.save_for_backward(z, candidate, start, h)
        return h

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> tuple[Tensor, Tensor]:
        """dL/dh_t = gradient_t + (1 - z_{t+1}) dL/dh_{t+1}; the gradients of k and a follow from it."""
        z, candidate, start, h = context.saved_tensors
        (gradient,) = gradients
        keep, of_h = 1 - z, torch.empty_like(h)
        carried = torch.zeros_like(start)
        for t in range(len(h) - 1, -1, -1):
            torch.add(gradient[t], carried, out=of_h[t])
            carried = of_h[t] * keep[t]
        of_z = torch.empty_like(h)
        torch.sub(candidate[0], start, out=of_z[0])
        torch.sub(candidate[1:], h[:-1], out=of_z[1:])
        of_gates = torch.empty(*z.shape[:2], 2 * z.shape[2], dtype=context.dtype, device=z.device)
        of_k, of_a = of_gates.chunk(2, dim=-1)
        of_k.copy_(sigmoid_backward(of_z.mul_(of_h), z))
        of_candidate = of_h.mul_(z)
        of_a.copy_(torch.where(candidate < 0.5, sigmoid_backward(of_candidate, candidate), of_candidate))
        return of_gates, carried
