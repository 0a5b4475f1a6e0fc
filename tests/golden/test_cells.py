"""The numpy cells equal PyTorch's nn.RNN, nn.LSTM and nn.GRU."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tui_lm.architecture import Recurrent
from tui_lm.runtime.recurrent import RecurrentRuntime

TOLERANCE = {np.float32: 1e-5, np.float64: 1e-12}
MODULES = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}
VOCABULARY, DIM, HIDDEN, STEPS, BATCH = 11, 5, 7, 23, 3


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("family", ["rnn", "lstm", "gru"])
def test_states_equal_those_of_pytorch(family: str, layers: int, dtype: type) -> None:
    torch.manual_seed(1)
    kind = torch.float64 if dtype is np.float64 else torch.float32
    module = MODULES[family](DIM, HIDDEN, layers).to(kind)
    embedding = torch.randn(VOCABULARY, DIM, dtype=kind)
    tokens = torch.randint(VOCABULARY, (STEPS, BATCH))
    with torch.no_grad():
        output, after = module(embedding[tokens])
    theirs = after if family == "lstm" else (after,)

    architecture = Recurrent(family, VOCABULARY, DIM, HIDDEN, layers, norm=False)
    weights = {f"rnn.{name}": weight.detach().numpy() for name, weight in module.named_parameters()}
    weights |= {
        "embedding.weight": embedding.numpy(),
        "head.weight": np.eye(VOCABULARY, HIDDEN, dtype=dtype),
        "head.bias": np.zeros(VOCABULARY, dtype=dtype),
    }
    runtime = RecurrentRuntime(architecture, weights)
    state = runtime.select(runtime.start(), [0] * BATCH)
    for step in range(STEPS):
        logits, state = runtime.step(tokens[step].tolist(), state)
        np.testing.assert_allclose(logits[:, :HIDDEN], output[step].numpy(), atol=TOLERANCE[dtype], rtol=0)
    for layer in range(layers):
        for ours, part in zip(state[layer], theirs, strict=True):
            assert ours.dtype == dtype
            np.testing.assert_allclose(ours, part[layer].numpy(), atol=TOLERANCE[dtype], rtol=0)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_traced_gates_reproduce_the_traced_states(dtype: type) -> None:
    """The traced LSTM gates, put into the textbook's equations, give the traced states."""
    architecture = Recurrent("lstm", VOCABULARY, DIM, HIDDEN, 2)
    generator = np.random.default_rng(0)
    weights = {name: generator.standard_normal(shape).astype(dtype) for name, shape in architecture.weights().items()}
    runtime = RecurrentRuntime(architecture, weights)
    _, before = runtime.prefill([1, 2, 3])
    trace: list = []
    runtime.step([4], before, trace)
    for layer in range(2):
        of = {activation.name: activation.values for activation in trace if activation.layer == layer}
        cell = of["forget"] * before[layer][1] + of["input"] * of["cell"]
        np.testing.assert_allclose(of["cell_state"], cell, atol=TOLERANCE[dtype])
        np.testing.assert_allclose(of["hidden_state"], of["output"] * np.tanh(cell), atol=TOLERANCE[dtype])


def test_gru_update_gate_of_one_keeps_the_old_state() -> None:
    """PyTorch's convention, which the inspector's labels state: z = 1 keeps the old state, z = 0 takes the new."""
    architecture = Recurrent("gru", VOCABULARY, DIM, HIDDEN, 1)
    weights = {name: np.zeros(shape, dtype=np.float64) for name, shape in architecture.weights().items()}
    weights["rnn.bias_ih_l0"][HIDDEN : 2 * HIDDEN] = 50.0
    runtime = RecurrentRuntime(architecture, weights)
    old = ((np.full((1, HIDDEN), 0.7),),)
    _, ((new,),) = runtime.step([0], old)
    np.testing.assert_allclose(new, 0.7, atol=1e-12)
