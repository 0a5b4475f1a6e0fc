"""The cells as they are trained: weights, the kernel over a whole sequence, and a single step for decoders.

Shapes: T time, B batch, D inputs, H hidden units. Time comes first, as the fused kernels want it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from tui_lm.cells import CellSpec
from tui_lm.models.mingru import MinGru, run_mingru

State = tuple[Tensor, ...]
"""One tensor [1, B, H] for each of `CellSpec.states`."""
Kernel = Callable[[Tensor, State, list[Tensor], bool], tuple[Tensor, State]]


def fused(kernel: Any, x: Tensor, state: State, parameters: list[Tensor], training: bool) -> tuple[Tensor, State]:
    """A layer by one of torch's kernels, which take input, state and weights of one type."""
    output, *after = kernel(x, state if len(state) > 1 else state[0], parameters, True, 1, 0.0, training, False, False)
    return output, tuple(after)


MODULES: Mapping[str, Callable[..., nn.Module]] = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU, "mingru": MinGru}
"""The module with the initialised weights of a stack, made with D, H and the number of layers."""
KERNELS: Mapping[str, Kernel] = {
    "rnn": partial(fused, torch.rnn_tanh),
    "lstm": partial(fused, torch.lstm),
    "gru": partial(fused, torch.gru),
    "mingru": run_mingru,
}


def run_layer(
    spec: CellSpec, x: Tensor, state: State | None, parameters: list[Tensor], training: bool
) -> tuple[Tensor, State]:
    """One layer over x [T, B, D], from `state` or from zero: h [T, B, H], and the state after it.

    `parameters` are those that `CellSpec.parameters` names, in its order.
    """
    if state is None:
        zero = x.new_zeros(1, x.shape[1], len(parameters[0]) // len(spec.stacked))
        state = (zero,) * len(spec.states)
    return KERNELS[spec.name](x, state, parameters, training)


def step(spec: CellSpec, share: Tensor, recurrent: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """One step of an LSTM or a GRU: the new state.

    `share` and `recurrent` [B, 4 H or 3 H] are what input and state add to the sum inside each gate. The state keeps
    its type, whatever type the products have.
    """
    if "cell_state" in spec.states:
        after: tuple[Tensor, Tensor] = _LstmStep.apply(share + recurrent, state[1])
        return after
    (r, z, n), (hr, hz, hn) = share.chunk(3, dim=-1), recurrent.chunk(3, dim=-1)
    n = torch.tanh(n + torch.sigmoid(r + hr) * hn)
    return (n + torch.sigmoid(z + hz) * (state[0] - n),)


class _LstmStep(torch.autograd.Function):
    """i, f, o = sigmoid(...), g = tanh(...), c' = f c + i g, h' = o tanh(c')."""

    @staticmethod
    def forward(context: Any, z: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        gates = z.sigmoid()
        i, f, g, o = gates.chunk(4, dim=-1)
        torch.tanh(z.chunk(4, dim=-1)[2], out=g)
        after = torch.addcmul(i * g, f, c)
        squashed = after.tanh()
        context.save_for_backward(gates, c, squashed)
        return (o * squashed).type_as(z), after

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> tuple[Tensor, Tensor]:
        gates, c, squashed = context.saved_tensors
        dh, dc = gradients
        i, f, g, o = gates.chunk(4, dim=-1)
        dc = torch.addcmul(dc, dh * o, 1 - squashed * squashed)
        slope = gates * (1 - gates)
        back = torch.empty_like(gates)
        di, df, dg, do = back.chunk(4, dim=-1)
        torch.mul(dc, g, out=di)
        torch.mul(dc, c, out=df)
        torch.mul(dc, i, out=dg)
        torch.mul(dh, squashed, out=do)
        slope.chunk(4, dim=-1)[2].copy_(1 - g * g)
        return back.mul_(slope), dc * f
