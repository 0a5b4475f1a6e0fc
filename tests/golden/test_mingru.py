"""minGRU is that of its paper: both trained forms and the numpy step against the equations, written out literally.

Feng et al. 2024, "Were RNNs all we needed?": the sequential mode with g, and the parallel mode in log space by the scan
of Heinsen 2023.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from tui_lm.architecture import Recurrent
from tui_lm.models.mingru import MinGru, by_loop, in_log_space, run_mingru
from tui_lm.runtime.recurrent import RecurrentRuntime

STEPS, BATCH, DIM, HIDDEN, VOCABULARY = 29, 3, 5, 7, 11
FORMS = pytest.mark.parametrize("form", [by_loop, in_log_space], ids=["by loop", "in log space"])
Weights = dict[str, Tensor]


def g(a: Tensor) -> Tensor:
    return torch.where(a >= 0, a + 0.5, torch.sigmoid(a))


def log_g(a: Tensor) -> Tensor:
    return torch.where(a >= 0, torch.log(F.relu(a) + 0.5), -F.softplus(-a))


def sequential_mode(x: Tensor, h: Tensor, of: Weights) -> Tensor:
    """z_t = σ(Linear(x_t)), h~_t = g(Linear(x_t)), h_t = (1 - z_t) h_{t-1} + z_t h~_t, a step at a time."""
    states = []
    for x_t in x:
        z_t = torch.sigmoid(of["W_z"] @ x_t + of["b_z"])
        candidate_t = g(of["W_h"] @ x_t + of["b_h"])
        h = (1 - z_t) * h + z_t * candidate_t
        states.append(h)
    return torch.stack(states)


def parallel_mode(x: Tensor, h: Tensor, of: Weights) -> Tensor:
    """log z_t = -softplus(-k_t), log (1 - z_t) = -softplus(k_t), and the parallel scan of v_t = log z_t + log h~_t."""
    k = x @ of["W_z"].T + of["b_z"]
    log_z, log_coefficients = -F.softplus(-k), -F.softplus(k)
    log_candidates = log_g(x @ of["W_h"].T + of["b_h"])
    log_values = torch.cat([torch.log(h)[None], log_z + log_candidates])
    a_star = torch.cat([torch.zeros_like(log_coefficients[:1]), torch.cumsum(log_coefficients, dim=0)])
    log_h = a_star + torch.logcumsumexp(log_values - a_star, dim=0)
    return torch.exp(log_h)[1:]


@pytest.fixture
def of() -> Weights:
    generator = torch.Generator().manual_seed(3)
    shapes = {"W_z": (HIDDEN, DIM), "b_z": (HIDDEN,), "W_h": (HIDDEN, DIM), "b_h": (HIDDEN,)}
    return {
        name: torch.randn(shape, generator=generator, dtype=torch.float64).requires_grad_()
        for name, shape in shapes.items()
    }


@pytest.fixture
def x() -> Tensor:
    return torch.randn(STEPS, DIM, generator=torch.Generator().manual_seed(4), dtype=torch.float64).requires_grad_()


@pytest.fixture
def start() -> Tensor:
    return torch.rand(HIDDEN, generator=torch.Generator().manual_seed(5), dtype=torch.float64).requires_grad_()


def ours(form: Callable[..., Tensor]) -> Callable[[Tensor, Tensor, Weights], Tensor]:
    def run(x: Tensor, h: Tensor, of: Weights) -> Tensor:
        gates = torch.cat([x @ of["W_z"].T + of["b_z"], x @ of["W_h"].T + of["b_h"]], dim=-1)
        return form(gates[:, None], h[None])[:, 0]

    return run


@FORMS
@pytest.mark.parametrize("paper", [sequential_mode, parallel_mode])
def test_states_and_gradients_are_those_of_the_paper(
    x: Tensor, start: Tensor, of: Weights, form: Callable[..., Tensor], paper: Callable[..., Tensor]
) -> None:
    inputs = [x, start, *of.values()]
    weights = torch.randn(STEPS, HIDDEN, generator=torch.Generator().manual_seed(6), dtype=torch.float64)
    theirs, found = paper(x, start, of), ours(form)(x, start, of)
    torch.testing.assert_close(found, theirs, atol=1e-12, rtol=0)
    wanted = torch.autograd.grad((theirs * weights).sum(), inputs)
    for gradient, same in zip(torch.autograd.grad((found * weights).sum(), inputs), wanted, strict=True):
        torch.testing.assert_close(gradient, same, atol=1e-11, rtol=0)


@FORMS
def test_a_state_of_zero_gives_finite_gradients(x: Tensor, of: Weights, form: Callable[..., Tensor]) -> None:
    zero = torch.zeros(HIDDEN, dtype=torch.float64)
    found = ours(form)(x, zero, of)
    torch.testing.assert_close(found, sequential_mode(x, zero, of), atol=1e-12, rtol=0)
    assert all(gradient.isfinite().all() for gradient in torch.autograd.grad(found.sum(), [x, *of.values()]))


@FORMS
def test_saturated_gates_give_finite_states_and_gradients(form: Callable[..., Tensor]) -> None:
    k, a = torch.tensor([-200.0, 200.0, 0.0, -90.0] * 16), torch.linspace(-300, 300, 64)
    gates = torch.stack([k, a], dim=-1)[:, None].requires_grad_()
    h = form(gates, torch.full((1, 1), 0.3))
    h.sum().backward()
    assert h.isfinite().all() and gates.grad.isfinite().all()
    torch.testing.assert_close(h[0], torch.full((1, 1), 0.3))


@FORMS
@pytest.mark.parametrize("steps", [1, 64, 500])
def test_float32_is_within_a_thousandth_of_float64(form: Callable[..., Tensor], steps: int) -> None:
    generator = torch.Generator().manual_seed(7)
    gates, start = (torch.randn(shape, generator=generator) for shape in ((steps, 4, 18), (4, 9)))
    exact = by_loop(gates.double(), start.abs().double())
    torch.testing.assert_close(form(gates, start.abs()).double(), exact, atol=1e-3, rtol=0)


@FORMS
def test_bfloat16_gates_keep_the_recurrence_in_float32(form: Callable[..., Tensor]) -> None:
    generator = torch.Generator().manual_seed(8)
    gates, start = torch.randn((30, 4, 18), generator=generator).bfloat16().requires_grad_(), torch.zeros(4, 9)
    h = form(gates, start)
    torch.testing.assert_close(h, by_loop(gates.float(), start), atol=1e-4, rtol=0)
    h.sum().backward()
    assert h.dtype == torch.float32 and gates.grad.dtype == torch.bfloat16


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("layers", [1, 3])
def test_the_numpy_step_is_the_cell_of_the_paper(layers: int, dtype: type) -> None:
    architecture = Recurrent("mingru", VOCABULARY, DIM, HIDDEN, layers, norm=False)
    generator = np.random.default_rng(0)
    weights = {name: generator.standard_normal(shape).astype(dtype) for name, shape in architecture.weights().items()}
    weights |= {"head.weight": np.eye(VOCABULARY, HIDDEN, dtype=dtype), "head.bias": np.zeros(VOCABULARY, dtype)}
    tokens = generator.integers(VOCABULARY, size=STEPS).tolist()
    x = torch.from_numpy(weights["embedding.weight"][tokens])
    for layer in range(layers):
        w, b = (torch.from_numpy(weights[f"rnn.{name}_l{layer}"]) for name in ("weight_ih", "bias_ih"))
        of = {"W_z": w[:HIDDEN], "b_z": b[:HIDDEN], "W_h": w[HIDDEN:], "b_h": b[HIDDEN:]}
        x = sequential_mode(x, x.new_zeros(HIDDEN), of)
    runtime, state = RecurrentRuntime(architecture, weights), None
    for token, wanted in zip(tokens, x, strict=True):
        logits, state = runtime.prefill([token], state)
        np.testing.assert_allclose(logits[0, :HIDDEN], wanted.numpy(), atol=1e-4 if dtype is np.float32 else 1e-12)


def test_the_traced_gate_and_candidate_reproduce_the_state() -> None:
    """z = 1 takes the new state, as the inspector's labels say."""
    architecture = Recurrent("mingru", VOCABULARY, DIM, HIDDEN, 2)
    generator = np.random.default_rng(0)
    weights = {name: generator.standard_normal(shape) for name, shape in architecture.weights().items()}
    runtime = RecurrentRuntime(architecture, weights)
    _, before = runtime.prefill([1, 2, 3])
    trace: list = []
    runtime.step([4], before, trace)
    for layer in range(2):
        of = {activation.name: activation.values for activation in trace if activation.layer == layer}
        expected = (1 - of["update"]) * before[layer][0] + of["update"] * of["new"]
        np.testing.assert_allclose(of["hidden_state"], expected, atol=1e-12)
        assert (of["new"] > 0).all()


def test_the_trained_layer_carries_its_state_from_chunk_to_chunk() -> None:
    torch.manual_seed(0)
    module = MinGru(DIM, HIDDEN, 1)
    x, zero = torch.randn(12, BATCH, DIM), (torch.zeros(1, BATCH, HIDDEN),)
    parameters = list(module.parameters())
    whole, (end,) = run_mingru(x, zero, parameters, True)
    first, state = run_mingru(x[:5], zero, parameters, True)
    second, (same,) = run_mingru(x[5:], state, parameters, True)
    torch.testing.assert_close(torch.cat([first, second]), whole)
    torch.testing.assert_close(same, end)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_a_gpu_trains_the_same_cell() -> None:
    """The scan in log space on CUDA against the loop on the CPU, with gradients."""
    torch.manual_seed(0)
    parameters = list(MinGru(DIM, HIDDEN, 1).parameters())
    x, start = torch.randn(STEPS, BATCH, DIM), torch.rand(1, BATCH, HIDDEN)
    here, _ = run_mingru(x, (start,), parameters, True)
    moved = [parameter.detach().cuda().requires_grad_() for parameter in parameters]
    there, _ = run_mingru(x.cuda(), (start.cuda(),), moved, True)
    torch.testing.assert_close(there.cpu(), here, atol=1e-4, rtol=0)
    here.sum().backward()
    there.sum().backward()
    for parameter, same in zip(parameters, moved, strict=True):
        torch.testing.assert_close(same.grad.cpu(), parameter.grad, atol=1e-3, rtol=0)
