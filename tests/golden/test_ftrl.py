"""FTRL-Proximal follows Algorithm 1 of McMahan et al. 2013, number by number."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from trainers.ftrl import Ftrl


def algorithm_1(gradients: np.ndarray, alpha: float, beta: float, l1: float, l2: float) -> list[list[float]]:
    """The paper's loop, a coordinate at a time, from w = 0: the weights after each step."""
    size = gradients.shape[1]
    z, n, rows = [0.0] * size, [0.0] * size, []
    w = [0.0] * size
    for g in gradients:
        for i in range(size):
            sigma = (math.sqrt(n[i] + g[i] ** 2) - math.sqrt(n[i])) / alpha
            z[i] += g[i] - sigma * w[i]
            n[i] += g[i] ** 2
            if abs(z[i]) <= l1:
                w[i] = 0.0
            else:
                w[i] = -(z[i] - math.copysign(l1, z[i])) / ((beta + math.sqrt(n[i])) / alpha + l2)
        rows.append([*w])
    return rows


@pytest.mark.parametrize(("l1", "l2"), [(0.0, 0.0), (0.5, 0.0), (0.0, 2.0), (0.4, 1.0)])
def test_every_step_from_zero_is_that_of_the_paper(l1: float, l2: float) -> None:
    gradients = np.random.default_rng(0).normal(size=(20, 6))
    weight = torch.nn.Parameter(torch.zeros(6, dtype=torch.float64))
    optimizer = Ftrl([weight], lr=0.3, l1=l1, l2=l2, beta=1.0)
    zeros = 0
    for g, wanted in zip(gradients, algorithm_1(gradients, 0.3, 1.0, l1, l2), strict=True):
        weight.grad = torch.from_numpy(g)
        optimizer.step()
        np.testing.assert_allclose(weight.detach().numpy(), wanted, atol=1e-12)
        zeros += int((weight == 0).sum())
    assert (zeros > 0) == (l1 > 0)  # the first penalty holds weights at exactly zero


def test_without_penalties_it_is_gradient_descent_with_a_rate_for_each_weight_at_any_schedule() -> None:
    gradients = np.random.default_rng(1).normal(size=(15, 4))
    start = np.array([1.0, -2.0, 0.5, 0.0])
    weight = torch.nn.Parameter(torch.from_numpy(start.copy()))
    optimizer = Ftrl([weight], lr=0.1, beta=0.5)
    w, n = start.copy(), np.zeros(4)
    for step, g in enumerate(gradients):
        rate = 0.1 * (1 - step / 15)
        optimizer.param_groups[0]["lr"] = rate
        weight.grad = torch.from_numpy(g)
        optimizer.step()
        n += g**2
        w -= rate / (0.5 + np.sqrt(n)) * g
        np.testing.assert_allclose(weight.detach().numpy(), w, atol=1e-10)
