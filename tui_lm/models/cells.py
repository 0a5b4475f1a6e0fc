"""One layer of cells over a whole sequence, as it is trained: the kernel of each cell, and the module of its weights.

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
